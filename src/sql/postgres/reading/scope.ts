import { columnsNamed } from '../catalog/column-index.ts'
import type { Budget } from '../parse/budget.ts'
import type {
  Analysis,
  BaseColumn,
  CommonTable,
  RangeColumn,
  RangeItem,
  Rows,
  Scope,
} from './analysis.ts'
import type { Sources } from './sources.ts'
import { merge, mergeAll, NOTHING } from './sources.ts'

export interface Found {
  readonly sources: Sources
  readonly bases: readonly BaseColumn[]
}

/** `certain`: a level surely has it; else only items whose columns are not all known might. */
export interface FoundColumn extends Found {
  readonly certain: boolean
}

const NO_BASES: readonly BaseColumn[] = []

const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

export function scopeOf(items: readonly RangeItem[], outer: Scope | undefined): Scope {
  return { outer, items, ctes: undefined, windows: NOTHING, loose: outer?.loose ?? false }
}

export const LOOSE_SCOPE: Scope = {
  outer: undefined,
  items: [],
  ctes: undefined,
  windows: NOTHING,
  loose: true,
}

export function findCommonTable(
  budget: Budget,
  scope: Scope | undefined,
  name: string,
): CommonTable | undefined {
  for (let level = scope; level !== undefined; level = level.outer) {
    budget.charge(1)
    const found = level.ctes?.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** A bare column name, by the rules of the innermost level that has it. */
export function findColumn(a: Analysis, scope: Scope, name: string): FoundColumn | undefined {
  let maybe: Sources | undefined
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    a.charge(1 + level.items.length)
    let found: Found | undefined
    for (const item of level.items) {
      if (!item.columnsVisible) continue
      const hit = columnOf(a, item, name)
      if (hit !== undefined) found = found === undefined ? hit : both(a, found, hit)
      else if (item.open !== undefined) maybe = merge(a, maybe ?? NOTHING, item.open)
    }
    if (found !== undefined) {
      return {
        sources: merge(a, found.sources, maybe ?? NOTHING),
        bases: found.bases,
        certain: true,
      }
    }
  }
  if (scope.loose) return { sources: maybe ?? NOTHING, bases: NO_BASES, certain: false }
  return maybe === undefined ? undefined : { sources: maybe, bases: NO_BASES, certain: false }
}

/** The innermost item that goes by this name. */
export function findItem(
  budget: Budget,
  scope: Scope,
  name: string,
  schema?: string,
): RangeItem | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    budget.charge(1 + level.items.length)
    for (const item of level.items) {
      if (
        item.nameVisible &&
        item.name === name &&
        (schema === undefined || item.schema === schema)
      ) {
        return item
      }
    }
  }
  return undefined
}

/** A column of one item; undefined also where only `open` could have it. */
export function columnOf(a: Analysis, item: RangeItem, name: string): Found | undefined {
  const [first, ...others] = columnsNamed(a, item.columns, name)
  if (first === undefined && item.system && SYSTEM_COLUMNS.has(name)) {
    return { sources: NOTHING, bases: NO_BASES }
  }
  return others.length === 0 ? first : others.reduce<Found>((sum, one) => both(a, sum, one), first!)
}

/** The whole row of an item. */
export function rowOf(budget: Budget, item: RangeItem): Found {
  return { sources: allOf(budget, item), bases: basesOf(budget, item.columns) }
}

/** What flows into any of the columns. */
export function allOf(budget: Budget, { columns, open = NOTHING }: Rows): Sources {
  return mergeAll(budget, [open, ...columns.map((column) => column.sources)])
}

/** What is read when all of these columns are. */
export function basesOf(budget: Budget, columns: readonly RangeColumn[]): readonly BaseColumn[] {
  budget.charge(columns.length)
  const bases: BaseColumn[] = []
  for (const column of columns) {
    budget.charge(column.bases.length)
    for (const base of column.bases) bases.push(base)
  }
  return bases
}

export function both(budget: Budget, a: Found, b: Found): Found {
  budget.charge(a.bases.length + b.bases.length)
  return {
    sources: merge(budget, a.sources, b.sources),
    bases: a.bases.length === 0 ? b.bases : [...a.bases, ...b.bases],
  }
}
