import type { BaseColumn, RangeColumn, Rows } from './analysis.ts'
import { merge, NOTHING } from './sources.ts'
import type { Sources } from './sources.ts'
import type { Node } from './tree.ts'

/** One name in a FROM clause. */
export interface RangeItem {
  readonly name: string | undefined
  /** Set on a relation without an alias: `schema.name.column` finds it. */
  readonly schema?: string
  readonly columns: readonly RangeColumn[]
  /** What flows into columns that are not known. */
  readonly open?: Sources
  /** Has ctid, xmin and so on. */
  readonly system: boolean
  /** `name.column` finds it. */
  readonly nameVisible: boolean
  /** `column` and `*` find it. */
  readonly columnsVisible: boolean
}

/** A query level. Names are looked for here, then in `outer`. */
export interface Scope {
  readonly outer: Scope | undefined
  readonly items: readonly RangeItem[]
  readonly ctes: ReadonlyMap<string, CommonTable> | undefined
  /** What flows into the named windows of this level. */
  readonly windows: Sources
  /** Names that nothing here has stand for something harmless (bodies of definitions). */
  readonly loose: boolean
  /** What the `name` of pg_settings is in the list of this level's query. */
  readonly namedSetting?: Node
}

/** A WITH query: worked out when first referred to, or at the latest with its WITH clause. */
export interface CommonTable {
  rows(): Rows
}

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

export function findCommonTable(scope: Scope | undefined, name: string): CommonTable | undefined {
  for (let level = scope; level !== undefined; level = level.outer) {
    const found = level.ctes?.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** A bare column name, by the rules of the innermost level that has it. */
export function findColumn(scope: Scope, name: string): FoundColumn | undefined {
  let maybe: Sources | undefined
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    let found: Found | undefined
    for (const item of level.items) {
      if (!item.columnsVisible) continue
      const hit = columnOf(item, name)
      if (hit !== undefined) found = found === undefined ? hit : both(found, hit)
      else if (item.open !== undefined) maybe = merge(maybe ?? NOTHING, item.open)
    }
    if (found !== undefined) {
      return { sources: merge(found.sources, maybe ?? NOTHING), bases: found.bases, certain: true }
    }
  }
  if (scope.loose) return { sources: maybe ?? NOTHING, bases: NO_BASES, certain: false }
  return maybe === undefined ? undefined : { sources: maybe, bases: NO_BASES, certain: false }
}

/** The innermost item that goes by this name. */
export function findItem(scope: Scope, name: string, schema?: string): RangeItem | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
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
export function columnOf(item: RangeItem, name: string): Found | undefined {
  let found: Found | undefined
  for (const column of item.columns) {
    if (column.name === name) found = found === undefined ? column : both(found, column)
  }
  if (found === undefined && item.system && SYSTEM_COLUMNS.has(name)) {
    return { sources: NOTHING, bases: NO_BASES }
  }
  return found
}

/** The whole row of an item. */
export function rowOf(item: RangeItem): Found {
  const whole: Found = { sources: item.open ?? NOTHING, bases: NO_BASES }
  return item.columns.reduce<Found>(both, whole)
}

export function both(a: Found, b: Found): Found {
  return {
    sources: merge(a.sources, b.sources),
    bases: a.bases.length === 0 ? b.bases : [...a.bases, ...b.bases],
  }
}
