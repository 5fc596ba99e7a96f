import type { Relation } from '../catalog/facts.ts'
import type { BodyOf } from '../parse/tree.ts'
import { bodyOf } from '../parse/tree.ts'
import type { Analysis, Rows, Scope } from '../reading/analysis.ts'
import { withTables } from '../reading/common-tables.ts'
import { fromItem, relationItem } from '../reading/from.ts'
import { scopeOf } from '../reading/scope.ts'
import type { Sources } from '../reading/sources.ts'
import { merge, NOTHING } from '../reading/sources.ts'
import { touchRows } from '../reading/touch-rows.ts'
import { assign, changedRelation, withFlows, writeColumn } from './modify.ts'
import { returningRows } from './returning.ts'

/** MERGE, which is also each insert, update and delete in it. */
export function mergeInto(a: Analysis, body: BodyOf<'MergeStmt'>, outer: Scope | undefined): Rows {
  const level = withTables(a, body.withClause, scopeOf([], outer))
  const target = relationItem(a, body.relation!, false)
  const sources = fromItem(a, body.sourceRelation!, level, [])
  const scope: Scope = { ...level, items: [...sources, target] }
  const relation = changedRelation(a, body.relation!, 'update')
  if (relation !== undefined) touchRows(a, 'sql.merge', relation, undefined)
  if (body.joinCondition !== undefined) {
    a.collector.predicate(a.expression(body.joinCondition, scope))
  }
  const flows = new Map<string, Sources>()
  for (const node of body.mergeWhenClauses ?? []) {
    const clause = bodyOf(node, 'MergeWhenClause')
    if (clause === undefined) continue
    if (clause.condition !== undefined) a.collector.predicate(a.expression(clause.condition, scope))
    for (const [name, flow] of whenClause(a, body, clause, relation, scope)) {
      flows.set(name, merge(a, flows.get(name) ?? NOTHING, flow))
    }
  }
  const items = [...sources, withFlows(a, target, flows)]
  return returningRows(a, body.returningClause, items, target, level)
}

function whenClause(
  a: Analysis,
  body: BodyOf<'MergeStmt'>,
  clause: BodyOf<'MergeWhenClause'>,
  relation: Relation | undefined,
  scope: Scope,
): ReadonlyMap<string, Sources> {
  switch (clause.commandType as string) {
    case 'CMD_UPDATE':
      if (relation !== undefined) touchRows(a, 'sql.update', relation, undefined)
      return assign(a, clause.targetList ?? [], relation, scope)
    case 'CMD_DELETE':
      changedRelation(a, body.relation!, 'delete')
      if (relation !== undefined) touchRows(a, 'sql.delete', relation, undefined)
      return new Map()
    case 'CMD_INSERT':
      changedRelation(a, body.relation!, 'insert')
      if (relation !== undefined) touchRows(a, 'sql.insert', relation, undefined)
      return insertValues(a, clause, relation, scope)
    default:
      return new Map()
  }
}

function insertValues(
  a: Analysis,
  clause: BodyOf<'MergeWhenClause'>,
  relation: Relation | undefined,
  scope: Scope,
): ReadonlyMap<string, Sources> {
  const named = (clause.targetList ?? []).flatMap((node) => bodyOf(node, 'ResTarget')?.name ?? [])
  const into = named.length > 0 ? named : (relation?.columns.map((column) => column.name) ?? [])
  const flows = new Map<string, Sources>()
  for (const [index, node] of (clause.values ?? []).entries()) {
    const flow = a.expression(node, scope)
    const name = into[index]
    if (name === undefined) continue
    flows.set(name, flow)
    if (relation !== undefined) writeColumn(a, 'sql.insert', relation, name, flow)
  }
  return flows
}
