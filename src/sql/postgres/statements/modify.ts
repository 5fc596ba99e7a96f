import { refuse } from '../../refuse.ts'
import { columnsNamed } from '../catalog/column-index.ts'
import type { Relation } from '../catalog/facts.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, kindOf } from '../parse/tree.ts'
import type { Analysis, RangeColumn, RangeItem, Rows, Scope } from '../reading/analysis.ts'
import { NO_ROWS } from '../reading/analysis.ts'
import { withTables } from '../reading/common-tables.ts'
import { compareNamed } from '../reading/comparisons.ts'
import { fromItems, relationItem } from '../reading/from.ts'
import { existingRelation, runCodeOf } from '../reading/names.ts'
import { shownBy } from '../reading/relations.ts'
import { meetPolicies } from '../reading/row-policies.ts'
import { allOf, scopeOf } from '../reading/scope.ts'
import type { Sources } from '../reading/sources.ts'
import { derived, merge, NOTHING } from '../reading/sources.ts'
import { touchRows } from '../reading/touch-rows.ts'
import { returningRows } from './returning.ts'

/** `pg_rewrite.ev_type` by what a statement does. */
const EVENTS = { update: '2', insert: '3', delete: '4' } as const

/** The relation that a statement changes. Undefined: it will be known after the next look-up. */
export function changedRelation(
  a: Analysis,
  range: BodyOf<'RangeVar'>,
  doing: keyof typeof EVENTS,
): Relation | undefined {
  const relation = existingRelation(a, range)
  if (relation === undefined) return undefined
  const ruled = [relation, ...shownBy(a, relation)].find((one) => one.rules.includes(EVENTS[doing]))
  if (ruled !== undefined) {
    return refuse(
      'SQL_UNRESOLVED',
      `The relation ${ruled.name} has a rewrite rule, which turns this into something else.`,
      'Do what the rule does, or ask for a policy on what it writes to.',
    )
  }
  meetPolicies(a, relation, 'change')
  runCodeOf(a, range)
  return relation
}

export function insert(a: Analysis, body: BodyOf<'InsertStmt'>, outer: Scope | undefined): Rows {
  const level = withTables(a, body.withClause, scopeOf([], outer))
  const relation = changedRelation(a, body.relation!, 'insert')
  const names = (body.cols ?? []).flatMap((node) => bodyOf(node, 'ResTarget')?.name ?? [])
  for (const node of body.cols ?? []) walkIndirection(a, node, level)
  const rows = body.selectStmt === undefined ? NO_ROWS : a.query(body.selectStmt, level)
  const into = names.length > 0 ? names : (relation?.columns.map((column) => column.name) ?? [])
  const flows = flowsByColumn(a, rows, into)
  if (relation !== undefined) {
    touchRows(a, 'sql.insert', relation, undefined)
    if (body.selectStmt !== undefined) {
      const written = rows.open === undefined ? into.slice(0, rows.columns.length) : into
      for (const name of written) writeColumn(a, 'sql.insert', relation, name, flows.get(name))
    }
  }
  const item = withFlows(a, relationItem(a, body.relation!, false), flows)
  if (body.onConflictClause !== undefined) {
    if (body.onConflictClause.action === 'ONCONFLICT_UPDATE') {
      changedRelation(a, body.relation!, 'update')
    }
    onConflict(a, body.onConflictClause, relation, item, flows, level)
  }
  return returningRows(a, body.returningClause, [item], item, level)
}

function onConflict(
  a: Analysis,
  clause: BodyOf<'OnConflictClause'>,
  relation: Relation | undefined,
  item: RangeItem,
  flows: ReadonlyMap<string, Sources>,
  level: Scope,
): void {
  a.charge(item.columns.length)
  const excluded: RangeItem = {
    ...item,
    name: 'excluded',
    columns: item.columns.map((column) => ({
      name: column.name,
      sources: flows.get(column.name) ?? NOTHING,
      bases: [],
    })),
    columnsVisible: false,
  }
  const scope: Scope = { ...level, items: [item, excluded] }
  for (const node of clause.infer?.indexElems ?? []) {
    const element = bodyOf(node, 'IndexElem')
    if (element?.expr !== undefined) a.collector.predicate(a.expression(element.expr, scope))
    if (element?.name !== undefined && relation !== undefined) {
      compareNamed(a, [element.name], item, relation.path)
    }
  }
  for (const node of [clause.infer?.whereClause, clause.whereClause]) {
    if (node !== undefined) a.collector.predicate(a.expression(node, scope))
  }
  if (clause.action === 'ONCONFLICT_UPDATE' && relation !== undefined) {
    touchRows(a, 'sql.update', relation, undefined)
    assign(a, clause.targetList ?? [], relation, scope)
  }
}

export function update(a: Analysis, body: BodyOf<'UpdateStmt'>, outer: Scope | undefined): Rows {
  const level = withTables(a, body.withClause, scopeOf([], outer))
  const relation = changedRelation(a, body.relation!, 'update')
  const item = relationItem(a, body.relation!, false)
  const items = [item, ...fromItems(a, body.fromClause ?? [], level)]
  const scope: Scope = { ...level, items }
  condition(a, body.whereClause, scope)
  if (relation !== undefined) touchRows(a, 'sql.update', relation, undefined)
  const flows = assign(a, body.targetList ?? [], relation, scope)
  const after = withFlows(a, item, flows)
  return returningRows(a, body.returningClause, [after, ...items.slice(1)], item, level)
}

export function remove(a: Analysis, body: BodyOf<'DeleteStmt'>, outer: Scope | undefined): Rows {
  const level = withTables(a, body.withClause, scopeOf([], outer))
  const relation = changedRelation(a, body.relation!, 'delete')
  const item = relationItem(a, body.relation!, false)
  const items = [item, ...fromItems(a, body.usingClause ?? [], level)]
  condition(a, body.whereClause, { ...level, items })
  if (relation !== undefined) touchRows(a, 'sql.delete', relation, undefined)
  return returningRows(a, body.returningClause, items, item, level)
}

function condition(a: Analysis, node: Node | undefined, scope: Scope): void {
  if (node === undefined) a.collector.unbounded()
  else if (kindOf(node) === 'CurrentOfExpr') currentOf(a, bodyOf(node, 'CurrentOfExpr')!)
  else a.collector.predicate(a.expression(node, scope))
}

/** WHERE CURRENT OF: the row that a cursor stands on. */
function currentOf(a: Analysis, body: BodyOf<'CurrentOfExpr'>): void {
  if (a.names.cursor(body.cursor_name ?? '') !== undefined) return
  refuse('SQL_UNRESOLVED', 'The cursor is not known.', 'Declare the cursor in this session.')
}

/** SET column = value, …: writes down the columns, and what flows into them. */
export function assign(
  a: Analysis,
  targets: readonly Node[],
  relation: Relation | undefined,
  scope: Scope,
): ReadonlyMap<string, Sources> {
  const flows = new Map<string, Sources>()
  for (const node of targets) {
    const target = bodyOf(node, 'ResTarget')
    if (target?.name === undefined) continue
    walkIndirection(a, node, scope)
    const flow = target.val === undefined ? NOTHING : assigned(a, target.val, scope)
    flows.set(target.name, merge(a, flows.get(target.name) ?? NOTHING, flow))
    if (relation !== undefined) writeColumn(a, 'sql.update', relation, target.name, flow)
  }
  return flows
}

/** `(a, b) = (SELECT …)` names its source once for each column. */
function assigned(a: Analysis, node: Node, scope: Scope): Sources {
  const multiple = bodyOf(node, 'MultiAssignRef')
  return a.expression(multiple?.source ?? node, scope)
}

export function writeColumn(
  a: Analysis,
  action: 'sql.insert' | 'sql.update',
  relation: Relation,
  name: string,
  flow: Sources = NOTHING,
): void {
  const [column] = columnsNamed(a, relation.columns, name)
  touchRows(a, action, relation, name)
  a.collector.copy(flow, column?.path ?? [...relation.path, name])
}

/** `column[expression]` as a target. */
function walkIndirection(a: Analysis, node: Node, scope: Scope): void {
  for (const step of bodyOf(node, 'ResTarget')?.indirection ?? []) a.expression(step, scope)
}

/** Which values go to which column. */
function flowsByColumn(a: Analysis, rows: Rows, into: readonly string[]): Map<string, Sources> {
  a.charge(into.length + rows.columns.length)
  const flows = new Map<string, Sources>()
  if (rows.open !== undefined) {
    const all = derived(a, allOf(a, rows))
    for (const name of into) flows.set(name, all)
    return flows
  }
  if (rows.columns.length > into.length && into.length > 0) {
    return refuse('SQL_UNRESOLVED', 'There are more values than columns.', 'Name the columns.')
  }
  for (const [index, column] of rows.columns.entries()) {
    const name = into[index]
    if (name !== undefined) flows.set(name, merge(a, flows.get(name) ?? NOTHING, column.sources))
  }
  return flows
}

/** The item after the change: its columns may hold what was written into them. */
export function withFlows(
  a: Analysis,
  item: RangeItem,
  flows: ReadonlyMap<string, Sources>,
): RangeItem {
  a.charge(item.columns.length)
  const columns = item.columns.map((column): RangeColumn => {
    const flow = flows.get(column.name)
    if (flow === undefined || flow.length === 0) return column
    return { ...column, sources: merge(a, column.sources, derived(a, flow)) }
  })
  return { ...item, columns }
}
