import { refuseKind } from '../../refuse.ts'
import type { BodyOf, Node, NodeKind, Tree } from '../parse/tree.ts'
import { bodyOf, isNode, isTree, kindOf, texts } from '../parse/tree.ts'
import type { Analysis, Scope } from './analysis.ts'
import { columnReference, fieldSelection } from './columns.ts'
import { callName, callRoutine } from './functions.ts'
import { castTo, usesOperator } from './hidden-calls.ts'
import { asNamedSetting } from './named-setting.ts'
import { rowMember } from './row-members.ts'
import { allOf } from './scope.ts'
import type { Sources } from './sources.ts'
import { derived, merge, mergeAll, NOTHING } from './sources.ts'

type Handler<K extends NodeKind> = (a: Analysis, body: BodyOf<K>, scope: Scope) => Sources

/** Kinds that hold no value of a relation. */
const EMPTY: ReadonlySet<string> = new Set<NodeKind>([
  'A_Const',
  'ParamRef',
  'SetToDefault',
  'SQLValueFunction',
  'MergeSupportFunc',
  'String',
  'Integer',
  'Float',
  'Boolean',
  'BitString',
  'A_Star',
])

/** Kinds whose value is made of all their parts, whatever those are. */
const COMPOUND: ReadonlySet<string> = new Set<NodeKind>([
  'A_ArrayExpr',
  'A_Indices',
  'BoolExpr',
  'BooleanTest',
  'CaseWhen',
  'CoalesceExpr',
  'CollateClause',
  'GroupingFunc',
  'GroupingSet',
  'JsonAggConstructor',
  'JsonArgument',
  'JsonArrayAgg',
  'JsonArrayConstructor',
  'JsonArrayQueryConstructor',
  'JsonBehavior',
  'JsonFormat',
  'JsonFuncExpr',
  'JsonIsPredicate',
  'JsonKeyValue',
  'JsonObjectAgg',
  'JsonObjectConstructor',
  'JsonOutput',
  'JsonParseExpr',
  'JsonReturning',
  'JsonScalarExpr',
  'JsonSerializeExpr',
  'JsonTablePathSpec',
  'JsonValueExpr',
  'List',
  'MinMaxExpr',
  'MultiAssignRef',
  'NamedArgExpr',
  'NullTest',
  'ResTarget',
  'RowExpr',
  'WindowDef',
  'XmlExpr',
  'XmlSerialize',
])

const HANDLERS: { readonly [K in NodeKind]?: Handler<K> } = {
  ColumnRef: columnReference,
  A_Indirection: fieldSelection,
  A_Expr: operation,
  CaseExpr: caseValue,
  TypeCast: cast,
  FuncCall: functionCall,
  SubLink: subLink,
  SortBy: sortBy,
  SelectStmt: (a, body, scope) => queryValue(a, { SelectStmt: body }, scope)[0],
  TypeName: (a, body) => castTo(a, body, NOTHING),
}

/** What flows into the value of an expression. An unknown kind of node is refused, never passed over. */
export function expression(a: Analysis, node: Node, scope: Scope): Sources {
  a.charge(1)
  const kind = kindOf(node)
  // An absent member of a list.
  if (kind === undefined || EMPTY.has(kind)) return NOTHING
  const body = bodyOf(node, kind)
  if (COMPOUND.has(kind)) return derived(a, parts(a, body as Tree, scope))
  const handler = HANDLERS[kind] as Handler<NodeKind> | undefined
  if (handler === undefined) return refuseKind(kind)
  return handler(a, body, scope)
}

/** Everything that flows into the fields of a struct: each is walked, so that none is overlooked. */
export function parts(a: Analysis, struct: Tree, scope: Scope): Sources {
  let flow = NOTHING
  for (const key in struct) flow = merge(a, flow, part(a, struct[key], scope, key))
  return flow
}

function part(a: Analysis, value: unknown, scope: Scope, key: string): Sources {
  if (Array.isArray(value)) {
    return mergeAll(
      a,
      (value as unknown[]).map((item) => part(a, item, scope, key)),
    )
  }
  if (!isTree(value)) return NOTHING
  if (key === 'typeName') return castTo(a, value, NOTHING)
  if (isNode(value)) return a.expression(value as Node, scope)
  const window = key === 'over' && ('name' in value || 'refname' in value)
  return merge(a, parts(a, value, scope), window ? scope.windows : NOTHING)
}

function operation(a: Analysis, body: BodyOf<'A_Expr'>, scope: Scope): Sources {
  let flow = NOTHING
  if (body.lexpr !== undefined) flow = merge(a, flow, a.expression(body.lexpr, scope))
  if (body.rexpr !== undefined) flow = merge(a, flow, a.expression(body.rexpr, scope))
  const member = rowMember(a, body, scope)
  // All of the row is put together all the same.
  if (member !== undefined) a.collector.computed(flow)
  return usesOperator(a, texts(body.name), member ?? derived(a, flow))
}

function caseValue(a: Analysis, body: BodyOf<'CaseExpr'>, scope: Scope): Sources {
  const flow = derived(a, parts(a, body as Tree, scope))
  return body.arg === undefined ? flow : usesOperator(a, ['='], flow)
}

function cast(a: Analysis, body: BodyOf<'TypeCast'>, scope: Scope): Sources {
  const flow = body.arg === undefined ? NOTHING : a.expression(body.arg, scope)
  return body.typeName === undefined ? derived(a, flow) : castTo(a, body.typeName, derived(a, flow))
}

function sortBy(a: Analysis, body: BodyOf<'SortBy'>, scope: Scope): Sources {
  const flow = body.node === undefined ? NOTHING : derived(a, a.expression(body.node, scope))
  return body.useOp === undefined ? flow : usesOperator(a, texts(body.useOp), flow)
}

function functionCall(a: Analysis, body: BodyOf<'FuncCall'>, scope: Scope): Sources {
  const { funcname: _, args = [], ...aside } = body
  const flows = args.map((node) => a.expression(node, scope))
  const rest = parts(a, aside, scope)
  // The grammar's own forms, such as EXTRACT and TRIM, cannot be shadowed.
  if (body.funcformat === 'COERCE_SQL_SYNTAX') return derived(a, mergeAll(a, [rest, ...flows]))
  const grouped = body.agg_within_group === true ? (body.agg_order?.length ?? 0) : 0
  const count = args.length + grouped
  const known = args.map((node) => asNamedSetting(a, node, scope))
  return callRoutine(a, { name: callName(a, body), arguments: known, count, flows, aside: rest })
}

function subLink(a: Analysis, body: BodyOf<'SubLink'>, scope: Scope): Sources {
  const [value, name] =
    body.subselect === undefined
      ? [NOTHING, null]
      : queryValue(a, body.subselect, scope, body.subLinkType === 'EXISTS_SUBLINK')
  a.queryNames.set(body, name)
  const test = body.testexpr === undefined ? NOTHING : a.expression(body.testexpr, scope)
  const names = texts(body.operName)
  const compares = body.testexpr !== undefined
  const operator = names.length === 0 && compares ? ['='] : names
  const flow = usesOperator(a, operator, merge(a, value, test))
  return body.subLinkType === 'EXPR_SUBLINK' ? flow : derived(a, flow)
}

/**
 * A query used as a value tells of its columns, and of what its conditions read. Also its name.
 * `onlyWhether`: there is a row or there is none, whatever stands in its columns.
 */
function queryValue(
  a: Analysis,
  node: Node,
  scope: Scope,
  onlyWhether = false,
): readonly [flow: Sources, name: string | null] {
  const mark = a.collector.predicateMark()
  const rows = a.query(node, scope)
  const flow = onlyWhether ? NOTHING : allOf(a, rows)
  const name = rows.open === undefined ? (rows.columns[0]?.name ?? null) : null
  return [merge(a, flow, derived(a, a.collector.predicatesSince(mark))), name]
}
