import { NAMED_BY_ALIAS } from '../catalog/catalog-rows.ts'
import { columnsNamed } from '../catalog/column-index.ts'
import { outputName } from '../parse/output-names.ts'
import type { BodyOf, Node, Tree } from '../parse/tree.ts'
import { bodyOf, kindOf, tagOf, textOf, texts } from '../parse/tree.ts'
import type { Analysis, RangeColumn, RangeItem, Scope } from './analysis.ts'
import { parts } from './expressions.ts'
import { callName, candidates } from './functions.ts'
import { castTo } from './hidden-calls.ts'
import { renameColumns } from './rename-columns.ts'
import { findColumn } from './scope.ts'
import type { Sources } from './sources.ts'
import { derived, merge, mergeAll, NOTHING } from './sources.ts'

interface Made {
  readonly columns: readonly RangeColumn[]
  readonly open?: Sources
}

/** `f(…)`, `f(…) AS (a int, b text)`, or `ROWS FROM (f(…), g(…))`, each WITH ORDINALITY or not. */
export function functionItem(a: Analysis, body: BodyOf<'RangeFunction'>, scope: Scope): RangeItem {
  const alias = body.alias?.aliasname
  const members = (body.functions ?? []).flatMap(separateUnnests)
  // Of several functions, each names its own column; the alias names a single one's.
  const known = members.length === 1 ? alias : undefined
  const made = members.map((node) => callColumns(a, node, body.coldeflist, known, scope))
  const columns = made.flatMap((call) => call.columns)
  // How many rows a function makes tells of its arguments.
  a.collector.predicate(
    mergeAll(
      a,
      made.flatMap((call) => [...call.columns.map((c) => c.sources), call.open ?? NOTHING]),
    ),
  )
  const opens = made.flatMap((call) => (call.open === undefined ? [] : [call.open]))
  if (body.ordinality) columns.push(column('ordinality', NOTHING))
  const firstName = nameOfCall(a, body.functions?.[0])
  return item(a, alias ?? firstName, columns, opens, texts(body.alias?.colnames))
}

/** In FROM, `unnest(a, b)` is `ROWS FROM (unnest(a), unnest(b))`. */
function separateUnnests(member: Node): Node[] {
  const [node, definitions] = bodyOf(member, 'List')?.items ?? []
  const call = bodyOf(node, 'FuncCall')
  const args = call?.args ?? []
  const name = texts(call?.funcname)
  const plain = name.join('.') === 'unnest' || name.join('.') === 'pg_catalog.unnest'
  if (!plain || args.length < 2) return [member]
  return args.map((arg) => ({
    List: { items: [{ FuncCall: { ...call, args: [arg] } }, definitions ?? ({} as Node)] },
  }))
}

/** A member of the functions: `[call, column definitions]`. */
function callColumns(
  a: Analysis,
  member: Node,
  outerDefinitions: readonly Node[] | undefined,
  alias: string | undefined,
  scope: Scope,
): Made {
  const [node, definitions] = bodyOf(member, 'List')?.items ?? []
  const listed = bodyOf(definitions, 'List')?.items ?? outerDefinitions ?? []
  const defined = listed.flatMap((definition) => bodyOf(definition, 'ColumnDef') ?? [])
  const named = defined.flatMap(({ colname }) => colname ?? [])
  const flow = defined.reduce<Sources>(
    (sum, { typeName }) => (typeName === undefined ? sum : castTo(a, typeName, sum)),
    derived(a, a.expression(node!, scope)),
  )
  if (named.length > 0) return { columns: named.map((name) => column(name, flow)) }
  const names = columnNames(a, node!, scope)
  if (names === undefined) return { columns: [], open: flow }
  const own = alias ?? nameOfCall(a, member)
  if (own === undefined) return { columns: [], open: flow }
  return { columns: names.map((name) => column(name === NAMED_BY_ALIAS ? own : name, flow)) }
}

/** The names of the columns that a call makes; undefined where they depend on types. */
function columnNames(a: Analysis, node: Node, scope: Scope): readonly string[] | undefined {
  const call = bodyOf(node, 'FuncCall')
  // COALESCE, CAST and the like make as many columns as their type has.
  if (call === undefined) return tagOf(node) === 'SQLValueFunction' ? [NAMED_BY_ALIAS] : undefined
  const args = call.args ?? []
  const name = callName(a, call)
  const found = candidates(a, name, args.length)
  if (found === undefined || found.length === 0) return undefined
  if (name.name === 'unnest' && found.every((routine) => routine.builtin)) {
    return args.every((arg) => isScalarArray(a, arg, scope)) ? [NAMED_BY_ALIAS] : undefined
  }
  const [first, ...others] = found.map((routine) => routine.columns)
  const alike = others.every((columns) => columns?.join('\0') === first?.join('\0'))
  return alike ? first : undefined
}

/** True when the elements surely make one column each when they become rows. */
function isScalarArray(a: Analysis, node: Node, scope: Scope): boolean {
  switch (tagOf(node)) {
    case 'TypeCast': {
      const type = bodyOf(node, 'TypeCast')?.typeName
      const names = texts(type?.names)
      return SCALARS.has(names.at(-1) ?? '') && (names.length === 1 || names[0] === 'pg_catalog')
    }
    case 'A_ArrayExpr':
      return (bodyOf(node, 'A_ArrayExpr')?.elements ?? []).every(
        (element) => kindOf(element) === 'A_Const' || isScalarArray(a, element, scope),
      )
    case 'ColumnRef':
      return isScalarColumn(a, bodyOf(node, 'ColumnRef')?.fields ?? [], scope)
    case 'FuncCall':
      return ARRAY_MAKERS.has(texts(bodyOf(node, 'FuncCall')?.funcname).at(-1) ?? '')
    default:
      return false
  }
}

function isScalarColumn(a: Analysis, fields: readonly Node[], scope: Scope): boolean {
  const name = textOf(fields.at(-1))
  const found = name === undefined ? undefined : findColumn(a, scope, name)
  const [base, ...others] = found?.bases ?? []
  if (base === undefined || others.length > 0 || found?.certain !== true) return false
  const [known] = columnsNamed(a, base.relation.columns, base.name)
  return known?.composite === false
}

const SCALARS = new Set(
  'int2 int4 int8 text varchar bpchar uuid numeric float4 float8 bool date timestamp timestamptz time timetz interval json jsonb bytea inet cidr oid name regclass'.split(
    ' ',
  ),
)

/** They make arrays of text. */
const ARRAY_MAKERS = new Set(['string_to_array', 'regexp_split_to_array', 'regexp_match'])

function nameOfCall(a: Analysis, member: Node | undefined): string | undefined {
  return outputName(bodyOf(member, 'List')?.items?.[0], a.queryNames)
}

/** XMLTABLE: every column is made of the document. */
export function xmlTableItem(a: Analysis, body: BodyOf<'RangeTableFunc'>, scope: Scope): RangeItem {
  const { alias: _, columns = [], ...rest } = body
  const definitions = columns.flatMap((node) => bodyOf(node, 'RangeTableFuncCol') ?? [])
  const flow = definitions.reduce<Sources>(
    (sum, definition) => merge(a, sum, parts(a, definition as Tree, scope)),
    parts(a, rest, scope),
  )
  a.collector.predicate(flow)
  const made = definitions.map((definition) => column(definition.colname ?? '', derived(a, flow)))
  return item(a, body.alias?.aliasname ?? 'xmltable', made, [], texts(body.alias?.colnames))
}

/** JSON_TABLE: the columns of a level come before those of the levels nested in it. */
export function jsonTableItem(a: Analysis, body: BodyOf<'JsonTable'>, scope: Scope): RangeItem {
  const { alias: _, columns = [], ...rest } = body
  const names: string[] = []
  const flow = merge(a, parts(a, rest, scope), jsonColumns(a, columns, names, scope))
  a.collector.predicate(flow)
  const made = names.map((name) => column(name, derived(a, flow)))
  return item(a, body.alias?.aliasname ?? 'json_table', made, [], texts(body.alias?.colnames))
}

function jsonColumns(a: Analysis, nodes: readonly Node[], names: string[], scope: Scope): Sources {
  a.charge(1)
  const definitions = nodes.flatMap((node) => bodyOf(node, 'JsonTableColumn') ?? [])
  let flow = NOTHING
  for (const { columns: _, typeName, ...rest } of definitions) {
    flow = merge(a, flow, parts(a, rest, scope))
    if (typeName !== undefined) flow = castTo(a, typeName, flow)
    if (rest.coltype !== 'JTC_NESTED') names.push(rest.name ?? '')
  }
  for (const definition of definitions) {
    if (definition.columns !== undefined) {
      flow = merge(a, flow, jsonColumns(a, definition.columns, names, scope))
    }
  }
  return flow
}

function column(name: string, sources: Sources): RangeColumn {
  return { name, sources, bases: [] }
}

function item(
  a: Analysis,
  name: string | undefined,
  columns: readonly RangeColumn[],
  opens: readonly Sources[],
  names: readonly string[],
): RangeItem {
  const open = opens.length === 0 ? {} : { open: mergeAll(a, opens) }
  return {
    name,
    ...renameColumns(a, { columns, ...open }, names),
    system: false,
    nameVisible: name !== undefined,
    columnsVisible: true,
  }
}
