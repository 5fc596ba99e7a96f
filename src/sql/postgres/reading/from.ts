import { refuseKind } from '../../refuse.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, tagOf, texts } from '../parse/tree.ts'
import type { Analysis, RangeItem, Rows, Scope } from './analysis.ts'
import { functionItem, jsonTableItem, xmlTableItem } from './from-functions.ts'
import { joinItems } from './join.ts'
import { existingRelation } from './names.ts'
import { relationColumns } from './relations.ts'
import { renameColumns } from './rename-columns.ts'
import { meetPolicies } from './row-policies.ts'
import { findCommonTable, scopeOf } from './scope.ts'
import { UNKNOWN } from './sources.ts'

type Alias = BodyOf<'Alias'>

/**
 * The items of a FROM clause, with what their conditions read written down. `level` is the query
 * level without items: what a sub-query that is not LATERAL sees beside itself.
 */
export function fromItems(a: Analysis, nodes: readonly Node[], level: Scope): RangeItem[] {
  const items: RangeItem[] = []
  for (const node of nodes) items.push(...fromItem(a, node, level, items))
  return items
}

/** `left`: items to the left, which LATERAL ones see. */
export function fromItem(
  a: Analysis,
  node: Node,
  level: Scope,
  left: readonly RangeItem[],
): readonly RangeItem[] {
  a.charge(1)
  const kind = tagOf(node)
  const lateral = (): Scope => ({ ...level, items: left })
  switch (kind) {
    case 'RangeVar':
      return [rangeVarItem(a, bodyOf(node, 'RangeVar')!, level)]
    case 'RangeSubselect': {
      const body = bodyOf(node, 'RangeSubselect')!
      const rows = a.query(body.subquery!, body.lateral ? lateral() : level)
      return [rowsItem(a, rows, body.alias, body.alias?.aliasname)]
    }
    case 'JoinExpr':
      return joinItems(a, bodyOf(node, 'JoinExpr')!, level, left, fromItem)
    case 'RangeFunction':
      return [functionItem(a, bodyOf(node, 'RangeFunction')!, lateral())]
    case 'RangeTableFunc':
      return [xmlTableItem(a, bodyOf(node, 'RangeTableFunc')!, lateral())]
    case 'JsonTable':
      return [jsonTableItem(a, bodyOf(node, 'JsonTable')!, lateral())]
    case 'RangeTableSample':
      return sampled(a, bodyOf(node, 'RangeTableSample')!, level, left)
    default:
      return refuseKind(kind)
  }
}

function rangeVarItem(a: Analysis, range: BodyOf<'RangeVar'>, level: Scope): RangeItem {
  const table = range.schemaname ? undefined : findCommonTable(a, level, range.relname ?? '')
  if (table !== undefined) {
    return rowsItem(a, table.rows(), range.alias, range.alias?.aliasname ?? range.relname)
  }
  return relationItem(a, range, true)
}

/** `read`: the statement reads it, which is an access even when it reads no column. */
export function relationItem(a: Analysis, range: BodyOf<'RangeVar'>, read: boolean): RangeItem {
  const relation = existingRelation(a, range)
  const name = range.alias?.aliasname ?? range.relname
  if (relation === undefined) return rowsItem(a, { columns: [], open: UNKNOWN }, range.alias, name)
  if (read) {
    a.collector.touch('sql.select', relation, undefined)
    meetPolicies(a, relation, 'read')
  }
  const item = rowsItem(a, { columns: relationColumns(a, relation) }, range.alias, name, true)
  return range.alias === undefined ? { ...item, schema: relation.schema } : item
}

function rowsItem(
  a: Analysis,
  rows: Rows,
  alias: Alias | undefined,
  name: string | undefined,
  system = false,
): RangeItem {
  return {
    ...renameColumns(a, rows, texts(alias?.colnames)),
    name,
    system,
    nameVisible: name !== undefined,
    columnsVisible: true,
  }
}

function sampled(
  a: Analysis,
  body: BodyOf<'RangeTableSample'>,
  level: Scope,
  left: readonly RangeItem[],
): readonly RangeItem[] {
  const method = texts(body.method).at(-1) ?? ''
  if (method !== 'bernoulli' && method !== 'system') {
    a.collector.access('sql.execute', [a.catalog.database, 'tablesample', method], 'required')
  }
  const scope = scopeOf(left, level.outer)
  const nodes = [...(body.args ?? []), ...(body.repeatable === undefined ? [] : [body.repeatable])]
  for (const node of nodes) a.collector.predicate(a.expression(node, scope))
  return fromItem(a, body.relation!, level, left)
}
