import { refuse } from '../../refuse.ts'
import { outputName } from '../parse/output-names.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, kindOf, textOf } from '../parse/tree.ts'
import type { Analysis, RangeColumn, RangeItem, Rows, Scope } from './analysis.ts'
import { itemNamed, noteReads, rowItem } from './columns.ts'
import type { Sources } from './sources.ts'
import { derived, merge, NOTHING, onlyDerived } from './sources.ts'

/** The outputs of a target list or a RETURNING list, `*` expanded as the catalog knows it. */
export function targetRows(a: Analysis, nodes: readonly Node[], scope: Scope): Rows {
  const columns: RangeColumn[] = []
  let open: Sources | undefined
  for (const node of nodes) {
    a.charge(1)
    const target = bodyOf(node, 'ResTarget')
    if (target?.val === undefined) return refuse('SQL_UNSUPPORTED', 'A target has no value.', '')
    const many = expansion(a, target.val, scope)
    if (many === undefined) {
      const sources = a.expression(target.val, scope)
      if (scope.outer !== undefined && kindOf(target.val) !== 'ColumnRef') {
        a.collector.computed(onlyDerived(a, sources))
      }
      const name = target.name ?? outputName(target.val, a.queryNames)
      if (name === undefined) open = merge(a, open ?? NOTHING, derived(a, sources))
      else columns.push({ name, sources, bases: [] })
    } else {
      for (const { name, sources, bases } of many.columns) {
        noteReads(a, bases)
        columns.push({ name, sources, bases: [] })
      }
      if (many.open !== undefined) open = merge(a, open ?? NOTHING, derived(a, many.open))
    }
  }
  return open === undefined ? { columns } : { columns, open }
}

/** `*`, `item.*` and `(value).*`; undefined for a target that makes one column. */
function expansion(a: Analysis, node: Node, scope: Scope): Rows | undefined {
  const fields = bodyOf(node, 'ColumnRef')?.fields
  if (fields !== undefined) return isStar(fields.at(-1)) ? starRows(a, fields, scope) : undefined
  const selection = bodyOf(node, 'A_Indirection')
  if (selection === undefined || !isStar(selection.indirection?.at(-1))) return undefined
  return valueRows(a, selection, scope)
}

function starRows(a: Analysis, fields: readonly Node[], scope: Scope): Rows {
  if (fields.length === 1) {
    a.charge(scope.items.length)
    return concat(
      a,
      scope.items.filter((item) => item.columnsVisible),
    )
  }
  const names = fields.slice(0, -1).map((field) => textOf(field) ?? '')
  const item = itemNamed(a, names, scope)
  if (item !== undefined) return concat(a, [item])
  if (scope.loose) return { columns: [], open: NOTHING }
  return refuse(
    'SQL_UNRESOLVED',
    `Nothing in this query is named ${names.join('.')}.`,
    'Check the name.',
  )
}

function valueRows(a: Analysis, selection: BodyOf<'A_Indirection'>, scope: Scope): Rows {
  const item = selection.indirection?.length === 1 ? rowItem(a, selection.arg, scope) : undefined
  if (item !== undefined) return concat(a, [item])
  const inner: Node = {
    A_Indirection: { ...selection, indirection: selection.indirection?.slice(0, -1) ?? [] },
  }
  return { columns: [], open: a.expression(inner, scope) }
}

function concat(a: Analysis, items: readonly RangeItem[]): Rows {
  const columns: RangeColumn[] = []
  let open: Sources | undefined
  for (const item of items) {
    a.charge(1 + item.columns.length)
    for (const column of item.columns) if (column.unlisted !== true) columns.push(column)
    if (item.open !== undefined) open = merge(a, open ?? NOTHING, item.open)
  }
  return open === undefined ? { columns } : { columns, open }
}

function isStar(node: Node | undefined): boolean {
  return node !== undefined && kindOf(node) === 'A_Star'
}
