import type { BodyOf, Node } from '../parse/tree.ts'
import { texts } from '../parse/tree.ts'
import type { Analysis, RangeColumn, RangeItem, Scope } from './analysis.ts'
import { noteReads } from './columns.ts'
import { usesOperator } from './hidden-calls.ts'
import { renameColumns } from './rename-columns.ts'
import { both, columnOf, rowOf } from './scope.ts'
import type { Sources } from './sources.ts'
import { derived, merge, mergeAll, NOTHING } from './sources.ts'

type FromItem = (
  a: Analysis,
  node: Node,
  level: Scope,
  left: readonly RangeItem[],
) => readonly RangeItem[]

/**
 * The items of a join: its own merged columns for bare names and `*`, and the joined items for
 * qualified names. A join with an alias hides the joined items.
 */
export function joinItems(
  a: Analysis,
  join: BodyOf<'JoinExpr'>,
  level: Scope,
  left: readonly RangeItem[],
  fromItem: FromItem,
): readonly RangeItem[] {
  const lefts = fromItem(a, join.larg!, level, left)
  const rights = fromItem(a, join.rarg!, level, [...left, ...lefts])
  const shared = join.isNatural ? commonNames(a, lefts, rights) : texts(join.usingClause)
  const merged = shared.map((name) => mergedColumn(a, name, lefts, rights))
  const open = openOf(a, [...lefts, ...rights])
  // Which columns a natural join compares is not known, so it may be any.
  if (join.isNatural && open !== undefined) a.collector.predicate(everything(a, lefts, rights))
  if (join.quals !== undefined) {
    const scope = { ...level, items: [...lefts, ...rights] }
    a.collector.predicate(a.expression(join.quals, scope))
  }
  const taken = new Set(shared)
  for (const { columns } of [...lefts, ...rights]) a.charge(1 + columns.length)
  const rest = [...lefts, ...rights].flatMap((item) =>
    item.columnsVisible ? item.columns.filter((column) => !taken.has(column.name)) : [],
  )
  const name = join.alias?.aliasname
  const columns = [...merged, ...rest]
  const rows = open === undefined ? { columns } : { columns, open }
  const whole: RangeItem = {
    ...renameColumns(a, rows, texts(join.alias?.colnames)),
    name,
    system: false,
    nameVisible: name !== undefined,
    columnsVisible: true,
  }
  if (name !== undefined) return [whole]
  return [whole, ...usingAlias(join, merged), ...[...lefts, ...rights].map(hideColumns)]
}

/** `USING (…) AS alias`: an item of the merged columns alone. */
function usingAlias(join: BodyOf<'JoinExpr'>, merged: readonly RangeColumn[]): RangeItem[] {
  const name = join.join_using_alias?.aliasname
  if (name === undefined) return []
  return [{ name, columns: merged, system: false, nameVisible: true, columnsVisible: false }]
}

function hideColumns(item: RangeItem): RangeItem {
  return item.columnsVisible ? { ...item, columnsVisible: false } : item
}

function everything(
  a: Analysis,
  lefts: readonly RangeItem[],
  rights: readonly RangeItem[],
): Sources {
  const visible = [...lefts, ...rights].filter((item) => item.columnsVisible)
  return mergeAll(
    a,
    visible.map((item) => rowOf(a, item).sources),
  )
}

function mergedColumn(
  a: Analysis,
  name: string,
  lefts: readonly RangeItem[],
  rights: readonly RangeItem[],
): RangeColumn {
  const leftColumn = visibleColumn(a, lefts, name)
  const rightColumn = visibleColumn(a, rights, name)
  const { sources, bases } = both(a, leftColumn, rightColumn)
  noteReads(a, bases)
  a.collector.predicate(sources)
  return { name, sources: usesOperator(a, ['='], sources), bases }
}

function visibleColumn(
  a: Analysis,
  items: readonly RangeItem[],
  name: string,
): Omit<RangeColumn, 'name'> {
  a.charge(items.length)
  for (const item of items) {
    const found = item.columnsVisible ? columnOf(a, item, name) : undefined
    if (found !== undefined) return found
  }
  return { sources: openOf(a, items) ?? NOTHING, bases: [] }
}

function commonNames(
  a: Analysis,
  lefts: readonly RangeItem[],
  rights: readonly RangeItem[],
): string[] {
  const right = new Set(visibleNames(a, rights))
  return visibleNames(a, lefts).filter((name) => right.has(name))
}

function visibleNames(a: Analysis, items: readonly RangeItem[]): string[] {
  for (const { columns } of items) a.charge(1 + columns.length)
  return items.flatMap((item) =>
    item.columnsVisible ? item.columns.map((column) => column.name) : [],
  )
}

function openOf(a: Analysis, items: readonly RangeItem[]): Sources | undefined {
  let open: Sources | undefined
  for (const item of items) {
    if (item.columnsVisible && item.open !== undefined) open = merge(a, open ?? NOTHING, item.open)
  }
  return open === undefined ? undefined : derived(a, open)
}
