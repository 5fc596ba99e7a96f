import type { ObjectPath } from '../../../core/object.ts'
import type { QualifiedName } from '../../lookup.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, textOf, texts } from '../parse/tree.ts'
import type { Analysis } from './analysis.ts'
import { routinesNamed } from './functions.ts'
import { looseObjectPath, qualifiedName, rangeVarName, relationNamed } from './names.ts'

const RELATIONS = new Set(['TABLE', 'VIEW', 'MATVIEW', 'SEQUENCE', 'INDEX', 'FOREIGN_TABLE'])
/** Named by their relation's name and their own: the relation is the object. */
const OF_RELATION = new Set(['COLUMN', 'RULE', 'TRIGGER', 'POLICY', 'TABCONSTRAINT'])
const ROUTINES = new Set(['FUNCTION', 'PROCEDURE', 'AGGREGATE', 'ROUTINE'])
const IN_SCHEMAS = new Set([
  'TYPE',
  'DOMAIN',
  'DOMCONSTRAINT',
  'COLLATION',
  'CONVERSION',
  'STATISTIC_EXT',
  'OPERATOR',
  'TSCONFIGURATION',
  'TSDICTIONARY',
  'TSPARSER',
  'TSTEMPLATE',
])
const IN_SCHEMAS_OF_METHOD = new Set(['OPCLASS', 'OPFAMILY'])

/** Triggers, rules, policies, columns and constraints: the relation is what is changed. */
export function belongsToRelation(type: string): boolean {
  return OF_RELATION.has(type.replace('OBJECT_', ''))
}

/** The objects that a DDL statement names, by `ObjectType` (`OBJECT_TABLE`, …) and its name's form. */
export function objectPaths(a: Analysis, type: string, node: Node | undefined): ObjectPath[] {
  const kind = type.replace('OBJECT_', '')
  const names = namesOf(node)
  const { database } = a.catalog
  if (kind === 'SCHEMA') return [[database, ...names]]
  if (RELATIONS.has(kind)) return [relationPath(a, qualifiedName(a, names, 'relation'))]
  if (OF_RELATION.has(kind)) {
    return [relationPath(a, qualifiedName(a, names.slice(0, -1), 'relation'))]
  }
  if (ROUTINES.has(kind)) return routinePaths(a, qualifiedName(a, names, 'function'))
  if (IN_SCHEMAS.has(kind)) return [looseObjectPath(a, qualifiedName(a, names, 'object'))]
  if (IN_SCHEMAS_OF_METHOD.has(kind)) {
    return [looseObjectPath(a, qualifiedName(a, names.slice(1), 'object'))]
  }
  return [[database, kind.toLowerCase().replaceAll('_', '-'), ...names.slice(-1)]]
}

/** Where the relation is, or would be looked for if there is none. */
export function relationPath(a: Analysis, name: QualifiedName): ObjectPath {
  const relation = relationNamed(a, name)
  if (relation === undefined || relation === 'absent') return looseObjectPath(a, name)
  return relation.path
}

export function rangePath(a: Analysis, range: BodyOf<'RangeVar'> | undefined): ObjectPath {
  return range === undefined ? [a.catalog.database] : relationPath(a, rangeVarName(a, range))
}

/** All overloads of the name count, since the argument types are not compared. */
function routinePaths(a: Analysis, name: QualifiedName): ObjectPath[] {
  const known = routinesNamed(a, name)
  if (known === undefined || known.length === 0) return [looseObjectPath(a, name)]
  return known.map((routine) => routine.path)
}

/** Names come as a string, a list of strings, a type name, or a name with argument types. */
function namesOf(node: Node | undefined): string[] {
  const single = textOf(node)
  if (single !== undefined) return [single]
  const list = bodyOf(node, 'List')?.items
  if (list !== undefined) return list.flatMap((item) => namesOf(item))
  const type = bodyOf(node, 'TypeName')
  if (type !== undefined) return texts(type.names)
  return texts(bodyOf(node, 'ObjectWithArgs')?.objname)
}

export function rolePath(a: Analysis, name: string | undefined): ObjectPath {
  return [a.catalog.database, 'role', name ?? '']
}
