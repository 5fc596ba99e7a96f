import { refuse, refuseKind } from '../../refuse.ts'
import { columnsNamed } from '../catalog/column-index.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, constantInteger, rangeVars, textOf } from '../parse/tree.ts'
import type { Analysis, Rows, Scope } from './analysis.ts'
import { withTables } from './common-tables.ts'
import { fromItems } from './from.ts'
import { namedSetting } from './named-setting.ts'
import { relationNamed } from './names.ts'
import { meetPolicies } from './row-policies.ts'
import { allOf, findColumn, findCommonTable, scopeOf } from './scope.ts'
import { narrowSettings } from './settings-view.ts'
import type { Sources } from './sources.ts'
import { derived, either, merge, mergeAll, NOTHING } from './sources.ts'
import { targetRows } from './targets.ts'
import { touchRows } from './touch-rows.ts'

type SelectStmt = BodyOf<'SelectStmt'>

/** SELECT, VALUES, TABLE and set operations of them. */
export function select(a: Analysis, body: SelectStmt, outer: Scope | undefined): Rows {
  a.charge(1)
  if (body.intoClause !== undefined) refuseKind('INTO inside a query')
  const level = withTables(a, body.withClause, scopeOf([], outer))
  if (body.valuesLists !== undefined) return ordered(a, body, level, values(a, body, level))
  if (body.op !== 'SETOP_NONE') return ordered(a, body, level, setOperation(a, body, level))
  return plainSelect(a, body, level)
}

function plainSelect(a: Analysis, body: SelectStmt, level: Scope): Rows {
  const items = narrowSettings(fromItems(a, body.fromClause ?? [], level), body.whereClause)
  const bare: Scope = { ...level, items }
  const windows = derived(
    a,
    mergeAll(
      a,
      (body.windowClause ?? []).map((node) => a.expression(node, bare)),
    ),
  )
  const scope: Scope = { ...bare, windows }
  if (body.whereClause !== undefined) a.collector.predicate(a.expression(body.whereClause, scope))
  const setting = namedSetting(body.whereClause, items)
  const listed = setting === undefined ? scope : { ...scope, namedSetting: setting }
  const rows = targetRows(a, body.targetList ?? [], listed)
  for (const key of body.groupClause ?? []) a.collector.predicate(keyFlow(a, key, scope, rows))
  if (body.havingClause !== undefined) a.collector.predicate(a.expression(body.havingClause, scope))
  a.collector.predicate(windows)
  for (const key of body.distinctClause ?? []) {
    // Plain DISTINCT is a list of one absent member: it compares every output.
    const plain = Object.keys(key).length === 0
    a.collector.predicate(plain ? allOf(a, rows) : keyFlow(a, key, scope, rows))
  }
  return ordered(a, body, scope, rows)
}

/** ORDER BY, LIMIT, OFFSET and FOR UPDATE. */
function ordered(a: Analysis, body: SelectStmt, scope: Scope, rows: Rows): Rows {
  for (const node of body.sortClause ?? []) {
    const sort = bodyOf(node, 'SortBy')
    a.collector.predicate(sort?.node === undefined ? NOTHING : keyFlow(a, sort.node, scope, rows))
    // Also walks USING, whose operator may be a user's.
    if (sort?.useOp !== undefined) a.expression({ SortBy: { useOp: sort.useOp } }, scope)
  }
  for (const node of [body.limitCount, body.limitOffset]) {
    if (node !== undefined) a.collector.predicate(a.expression(node, scope))
  }
  for (const node of body.lockingClause ?? []) lock(a, node, body, scope)
  return rows
}

/** A key of ORDER BY or GROUP BY: a position, the name of an output, or an expression. */
function keyFlow(a: Analysis, node: Node, scope: Scope, rows: Rows): Sources {
  const set = bodyOf(node, 'GroupingSet')
  if (set !== undefined) {
    return mergeAll(
      a,
      (set.content ?? []).map((member) => keyFlow(a, member, scope, rows)),
    )
  }
  const position = constantInteger(node)
  if (position !== undefined) {
    return rows.open === undefined
      ? (rows.columns[position - 1]?.sources ?? NOTHING)
      : allOf(a, rows)
  }
  const fields = bodyOf(node, 'ColumnRef')?.fields
  const name = fields?.length === 1 ? textOf(fields[0]) : undefined
  if (name === undefined) return a.expression(node, scope)
  const outputs = columnsNamed(a, rows.columns, name)
  const flow = mergeAll(
    a,
    outputs.map((column) => column.sources),
  )
  if (outputs.length > 0 && findColumn(a, scope, name) === undefined) return flow
  if (rows.open !== undefined && findColumn(a, scope, name) === undefined)
    return merge(a, flow, allOf(a, rows))
  return merge(a, flow, a.expression(node, scope))
}

function values(a: Analysis, body: SelectStmt, scope: Scope): Rows {
  const flows: Sources[][] = []
  for (const list of body.valuesLists ?? []) {
    for (const [index, node] of (bodyOf(list, 'List')?.items ?? []).entries()) {
      const sources = derived(a, a.expression(node, scope))
      if (scope.outer !== undefined) a.collector.computed(sources)
      const flow = (flows[index] ??= [])
      if (sources.length > 0) flow.push(sources)
    }
  }
  const columns = flows.map((flow, index) => {
    return { name: `column${index + 1}`, sources: mergeAll(a, flow), bases: [] }
  })
  return { columns }
}

function setOperation(a: Analysis, body: SelectStmt, level: Scope): Rows {
  if (body.larg === undefined || body.rarg === undefined) return refuseKind('a set operation')
  // The branches see the WITH clause, and no items of this level.
  const left = a.query({ SelectStmt: body.larg }, level)
  const right = a.query({ SelectStmt: body.rarg }, level)
  const rows = combine(a, left, right)
  // Duplicates are found by comparing values, which the number of rows tells of.
  if (body.all !== true || body.op !== 'SETOP_UNION') a.collector.predicate(allOf(a, rows))
  return rows
}

function combine(a: Analysis, left: Rows, right: Rows): Rows {
  // The left branch gives the names, so where it does not tell them, nothing does.
  if (left.open !== undefined) {
    return { columns: [], open: derived(a, merge(a, allOf(a, left), allOf(a, right))) }
  }
  if (right.open === undefined && left.columns.length !== right.columns.length) {
    return refuse(
      'SQL_UNRESOLVED',
      'The branches of a set operation have different numbers of columns.',
      'Give each branch the same columns.',
    )
  }
  const any = right.open === undefined ? undefined : allOf(a, right)
  a.charge(left.columns.length)
  const columns = left.columns.map((column, index) => {
    const opposite = any ?? right.columns[index]!.sources
    return { name: column.name, sources: either(a, column.sources, opposite), bases: [] }
  })
  return { columns }
}

function lock(a: Analysis, node: Node, body: SelectStmt, scope: Scope): void {
  const clause = bodyOf(node, 'LockingClause')
  const locked = clause?.lockedRels?.flatMap((range) => bodyOf(range, 'RangeVar')?.relname ?? [])
  const named = locked === undefined ? undefined : new Set(locked)
  for (const range of rangeVars(body.fromClause ?? [])) {
    a.charge(1)
    const known = range.alias?.aliasname ?? range.relname ?? ''
    if (named !== undefined && !named.has(known)) continue
    if (!range.schemaname && findCommonTable(a, scope, range.relname ?? '') !== undefined) continue
    const schema = range.schemaname ? { schema: range.schemaname } : {}
    const relation = relationNamed(a, { ...schema, name: range.relname ?? '' })
    if (relation !== undefined && relation !== 'absent') {
      touchRows(a, 'sql.lock', relation, undefined, 'implied')
      meetPolicies(a, relation, 'change')
    }
  }
}
