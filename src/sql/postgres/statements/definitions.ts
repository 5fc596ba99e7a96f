import type { ObjectPath } from '../../../core/object.ts'
import { refuse } from '../../refuse.ts'
import type { BodyOf, Node, NodeKind, Tree } from '../parse/tree.ts'
import { bodyOf, isNode, isTree, kindOf } from '../parse/tree.ts'
import type { Analysis, RangeItem, Scope } from '../reading/analysis.ts'
import { relationItem } from '../reading/from.ts'
import { castTo } from '../reading/hidden-calls.ts'
import { rangeVarName, relationNamed } from '../reading/names.ts'
import { relationPath } from '../reading/objects.ts'
import { allOf, LOOSE_SCOPE } from '../reading/scope.ts'
import { checkSetting } from '../reading/settings.ts'
import type { Sources } from '../reading/sources.ts'
import { isUnknown, knownColumns, merge, mergeAll, NOTHING, UNKNOWN } from '../reading/sources.ts'
import { settingValue } from './session-statements.ts'

/** Kinds that make up definitions; what they hold is walked further. */
const DEFINITION: ReadonlySet<string> = new Set<NodeKind>([
  'AccessPriv',
  'AlterTableCmd',
  'ATAlterConstraint',
  'ColumnDef',
  'Constraint',
  'CreateOpClassItem',
  'DefElem',
  'FunctionParameter',
  'IndexElem',
  'List',
  'NotifyStmt',
  'ObjectWithArgs',
  'PartitionBoundSpec',
  'PartitionCmd',
  'PartitionElem',
  'PartitionRangeDatum',
  'PartitionSpec',
  'PublicationObjSpec',
  'PublicationTable',
  'ReplicaIdentityStmt',
  'ReturnStmt',
  'RoleSpec',
  'StatsElem',
  'TableLikeClause',
  'TriggerTransition',
  'VacuumRelation',
])

const QUERIES: ReadonlySet<string> = new Set<NodeKind>([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
])

/**
 * Walks a definition for what it uses: functions, queries, other relations. Names of columns in it
 * mean the defined thing's own unless `scope` says otherwise. Returns what flows into its expressions.
 */
export function walkDefinition(
  a: Analysis,
  struct: object,
  except: ReadonlySet<string> = NO_FIELDS,
  scope: Scope = LOOSE_SCOPE,
): Sources {
  let flow = NOTHING
  for (const [key, value] of Object.entries(struct)) {
    if (!except.has(key)) flow = merge(a, flow, walk(a, value, key, scope))
  }
  return flow
}

/**
 * Names of columns mean those of these relations, also as rows `old` and `new`; any name will do where
 * there is none yet.
 */
export function ownScope(a: Analysis, ranges: readonly BodyOf<'RangeVar'>[]): Scope {
  const items = ranges
    .filter((range) => relationNamed(a, rangeVarName(a, range)) !== 'absent')
    .map((range) => relationItem(a, range, false))
  const rows = ['old', 'new'].flatMap((name) =>
    items.map((item): RangeItem => ({ ...item, name, columnsVisible: false })),
  )
  return { ...LOOSE_SCOPE, items: [...items, ...rows] }
}

/** What a column is given at some later time: by a default, a generating expression, a change of type. */
export function fillColumn(a: Analysis, flow: Sources, column: ObjectPath): void {
  const known = knownColumns(flow).map((path) => ({ column: path, exact: false }))
  a.collector.define(known, column)
  if (isUnknown(flow)) a.collector.copy(UNKNOWN, column)
}

const NO_FIELDS: ReadonlySet<string> = new Set()

function walk(a: Analysis, value: unknown, key: string, scope: Scope): Sources {
  if (Array.isArray(value)) {
    return mergeAll(
      a,
      (value as unknown[]).map((item) => walk(a, item, key, scope)),
    )
  }
  if (!isTree(value)) return NOTHING
  a.charge(1)
  if (isNode(value)) return walkNode(a, value as Node, scope)
  if ('relpersistence' in value) return reference(a, value)
  if (key === 'typeName' || key === 'argType' || key === 'returnType') {
    return castTo(a, value, NOTHING)
  }
  return walkDefinition(a, value, NO_FIELDS, scope)
}

function walkNode(a: Analysis, node: Node, scope: Scope): Sources {
  const kind = kindOf(node) ?? ''
  if (kind === 'RangeVar') return reference(a, bodyOf(node, 'RangeVar')!)
  if (kind === 'VariableSetStmt') {
    const body = bodyOf(node, 'VariableSetStmt')!
    checkSetting(body.name ?? '', settingValue(body))
    return NOTHING
  }
  if (DEFINITION.has(kind)) {
    return walkDefinition(a, (node as Tree)[kind] as object, NO_FIELDS, scope)
  }
  if (QUERIES.has(kind)) {
    return allOf(a, a.query(node, scope))
  }
  refuseSettings(node)
  return a.expression(node, scope)
}

/** It would run whenever the default or the check does, and nothing in that statement would tell. */
function refuseSettings(node: Node): void {
  if (!JSON.stringify(node).includes('"set_config"')) return
  refuse(
    'SQL_UNSUPPORTED',
    'A definition that calls set_config would change sessions unseen.',
    'Set it in the session.',
  )
}

function reference(a: Analysis, range: BodyOf<'RangeVar'>): Sources {
  a.collector.access('sql.ddl.reference', relationPath(a, rangeVarName(a, range)), 'required')
  return NOTHING
}
