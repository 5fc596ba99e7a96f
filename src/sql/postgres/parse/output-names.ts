import type { BodyOf, Node } from './tree.ts'
import { bodyOf, tagOf, texts } from './tree.ts'

const UNNAMED = '?column?'

/**
 * What scalar sub-queries call their column, as the walk of their bodies found out; null where that
 * is not known. A sub-query names the output that it stands in.
 */
export type QueryNames = WeakMap<object, string | null>

/**
 * The name that PostgreSQL gives an output without an alias (FigureColname, parse_target.c).
 * Undefined: it is the name of a column that is not known. A wrong name here would let a name
 * mean another column than it does.
 */
export function outputName(node: Node | undefined, queries: QueryNames): string | undefined {
  const strong = strongName(node, queries)
  if (strong === null) return undefined
  return strong ?? weakName(node) ?? UNNAMED
}

/** Names that win over the name of a type that the value is cast to. */
function strongName(node: Node | undefined, queries: QueryNames): string | null | undefined {
  if (node === undefined) return undefined
  switch (tagOf(node)) {
    case 'ColumnRef':
      return texts(bodyOf(node, 'ColumnRef')?.fields).at(-1)
    case 'A_Indirection': {
      const body = bodyOf(node, 'A_Indirection')
      return texts(body?.indirection).at(-1) ?? strongName(body?.arg, queries)
    }
    case 'FuncCall':
      return texts(bodyOf(node, 'FuncCall')?.funcname).at(-1)
    case 'A_Expr':
      return bodyOf(node, 'A_Expr')?.kind === 'AEXPR_NULLIF' ? 'nullif' : undefined
    case 'TypeCast':
      return strongName(bodyOf(node, 'TypeCast')?.arg, queries)
    case 'CollateClause':
      return strongName(bodyOf(node, 'CollateClause')?.arg, queries)
    case 'CaseExpr':
      return strongName(bodyOf(node, 'CaseExpr')?.defresult, queries)
    case 'SubLink':
      return subLinkName(bodyOf(node, 'SubLink')!, queries)
    case 'MinMaxExpr':
      return bodyOf(node, 'MinMaxExpr')?.op === 'IS_LEAST' ? 'least' : 'greatest'
    case 'SQLValueFunction':
      return VALUE_FUNCTIONS[bodyOf(node, 'SQLValueFunction')?.op ?? '']
    case 'XmlExpr':
      return XML_FUNCTIONS[bodyOf(node, 'XmlExpr')?.op ?? '']
    case 'JsonFuncExpr':
      return JSON_FUNCTIONS[bodyOf(node, 'JsonFuncExpr')?.op ?? '']
    default:
      return FIXED[tagOf(node)]
  }
}

function weakName(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  switch (tagOf(node)) {
    case 'TypeCast': {
      const { arg, typeName } = bodyOf(node, 'TypeCast')!
      return texts(typeName?.names).at(-1) ?? weakName(arg)
    }
    case 'CollateClause':
      return weakName(bodyOf(node, 'CollateClause')?.arg)
    case 'A_Indirection':
      return weakName(bodyOf(node, 'A_Indirection')?.arg)
    case 'CaseExpr':
      return 'case'
    default:
      return undefined
  }
}

function subLinkName(body: BodyOf<'SubLink'>, queries: QueryNames): string | null | undefined {
  if (body.subLinkType === 'EXISTS_SUBLINK') return 'exists'
  if (body.subLinkType === 'ARRAY_SUBLINK') return 'array'
  if (body.subLinkType !== 'EXPR_SUBLINK') return undefined
  return queries.get(body) ?? null
}

const FIXED: Readonly<{ [kind: string]: string }> = {
  GroupingFunc: 'grouping',
  MergeSupportFunc: 'merge_action',
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  CoalesceExpr: 'coalesce',
  XmlSerialize: 'xmlserialize',
  JsonParseExpr: 'json',
  JsonScalarExpr: 'json_scalar',
  JsonSerializeExpr: 'json_serialize',
  JsonObjectConstructor: 'json_object',
  JsonArrayConstructor: 'json_array',
  JsonArrayQueryConstructor: 'json_array',
  JsonObjectAgg: 'json_objectagg',
  JsonArrayAgg: 'json_arrayagg',
}

const VALUE_FUNCTIONS: Readonly<{ [op: string]: string }> = {
  SVFOP_CURRENT_DATE: 'current_date',
  SVFOP_CURRENT_TIME: 'current_time',
  SVFOP_CURRENT_TIME_N: 'current_time',
  SVFOP_CURRENT_TIMESTAMP: 'current_timestamp',
  SVFOP_CURRENT_TIMESTAMP_N: 'current_timestamp',
  SVFOP_LOCALTIME: 'localtime',
  SVFOP_LOCALTIME_N: 'localtime',
  SVFOP_LOCALTIMESTAMP: 'localtimestamp',
  SVFOP_LOCALTIMESTAMP_N: 'localtimestamp',
  SVFOP_CURRENT_ROLE: 'current_role',
  SVFOP_CURRENT_USER: 'current_user',
  SVFOP_USER: 'user',
  SVFOP_SESSION_USER: 'session_user',
  SVFOP_CURRENT_CATALOG: 'current_catalog',
  SVFOP_CURRENT_SCHEMA: 'current_schema',
}

const XML_FUNCTIONS: Readonly<{ [op: string]: string }> = {
  IS_XMLCONCAT: 'xmlconcat',
  IS_XMLELEMENT: 'xmlelement',
  IS_XMLFOREST: 'xmlforest',
  IS_XMLPARSE: 'xmlparse',
  IS_XMLPI: 'xmlpi',
  IS_XMLROOT: 'xmlroot',
  IS_XMLSERIALIZE: 'xmlserialize',
}

const JSON_FUNCTIONS: Readonly<{ [op: string]: string }> = {
  JSON_EXISTS_OP: 'json_exists',
  JSON_QUERY_OP: 'json_query',
  JSON_VALUE_OP: 'json_value',
}
