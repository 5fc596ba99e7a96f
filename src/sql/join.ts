import type { Analysis, RangeColumn } from './analysis.ts'
import { noteReads } from './columns.ts'
import { renameColumns } from './rename-columns.ts'
import { both, columnOf, rowOf } from './scope.ts'
import type { RangeItem, Scope } from './scope.ts'
import { derived, merge, mergeAll, NOTHING } from './sources.ts'
import type { Sources } from './sources.ts'
import { usesOperator } from './hidden-calls.ts'
import type { BodyOf, Node } from './tree.ts'
import { texts } from './tree.ts'

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
  const shared = join.isNatural ? commonNames(lefts, rights) : texts(join.usingClause)
  const merged = shared.map((name) => mergedColumn(a, name, lefts, rights))
  const open = openOf([...lefts, ...rights])
  // Which columns a natural join compares is not known, so it may be any.
  if (join.isNatural && open !== undefined) a.collector.predicate(everything(lefts, rights))
  if (join.quals !== undefined) {
    const scope = { ...level, items: [...lefts, ...rights] }
    a.collector.predicate(a.expression(join.quals, scope))
  }
  const taken = new Set(shared)
  const rest = [...lefts, ...rights].flatMap((item) =>
    item.columnsVisible ? item.columns.filter((column) => !taken.has(column.name)) : [],
  )
  const name = join.alias?.aliasname
  const columns = [...merged, ...rest]
  const rows = open === undefined ? { columns } : { columns, open }
  const whole: RangeItem = {
    ...renameColumns(rows, texts(join.alias?.colnames)),
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

function everything(lefts: readonly RangeItem[], rights: readonly RangeItem[]): Sources {
  const visible = [...lefts, ...rights].filter((item) => item.columnsVisible)
  return mergeAll(visible.map((item) => rowOf(item).sources))
}

function mergedColumn(
  a: Analysis,
  name: string,
  lefts: readonly RangeItem[],
  rights: readonly RangeItem[],
): RangeColumn {
  const leftColumn = visibleColumn(lefts, name)
  const rightColumn = visibleColumn(rights, name)
  const { sources, bases } = both(leftColumn, rightColumn)
  noteReads(a, bases)
  a.collector.predicate(sources)
  return { name, sources: usesOperator(a, ['='], sources), bases }
}

function visibleColumn(items: readonly RangeItem[], name: string): Omit<RangeColumn, 'name'> {
  for (const item of items) {
    const found = item.columnsVisible ? columnOf(item, name) : undefined
    if (found !== undefined) return found
  }
  return { sources: openOf(items) ?? NOTHING, bases: [] }
}

function commonNames(lefts: readonly RangeItem[], rights: readonly RangeItem[]): string[] {
  const right = new Set(visibleNames(rights))
  return visibleNames(lefts).filter((name) => right.has(name))
}

function visibleNames(items: readonly RangeItem[]): string[] {
  return items.flatMap((item) =>
    item.columnsVisible ? item.columns.map((column) => column.name) : [],
  )
}

function openOf(items: readonly RangeItem[]): Sources | undefined {
  let open: Sources | undefined
  for (const item of items) {
    if (item.columnsVisible && item.open !== undefined) open = merge(open ?? NOTHING, item.open)
  }
  return open === undefined ? undefined : derived(open)
}
