import type { ObjectPath } from '../core/object.ts'
import type { Action } from './actions.ts'
import type { Analysis } from './analysis.ts'
import { walkDefinition } from './definitions.ts'
import { DATABASE_CHANGED, done } from './judged.ts'
import type { Judged } from './judged.ts'
import type { QualifiedName } from './lookup.ts'
import { looseObjectPath, newObjectPath, qualifiedName, rangeVarName } from './names.ts'
import { belongsToRelation, objectPaths, rangePath, rolePath } from './objects.ts'
import type { BodyOf, Node, NodeKind } from './tree.ts'
import { bodyOf, texts } from './tree.ts'

interface Definition<K extends NodeKind> {
  readonly kind: string
  readonly action: Action
  readonly objects: (a: Analysis, body: BodyOf<K>) => readonly ObjectPath[]
  /** Fields that `objects` has dealt with; all others are walked. */
  readonly named?: readonly string[]
  readonly secret?: boolean
  /** `names`: it changes what its objects' names mean; `nothing`: it changes what no name means. */
  readonly touches?: 'names' | 'nothing'
}

type Definitions = { readonly [K in NodeKind]?: Definition<K> }

const outside =
  (kind: string, name: string | undefined) =>
  (a: Analysis): readonly ObjectPath[] => [[a.catalog.database, kind, name ?? '']]

const named = (a: Analysis, nodes: readonly Node[] | undefined): QualifiedName =>
  qualifiedName(a, texts(nodes), 'object')

/** Statements that make, change or drop one kind of thing, and do nothing else worth telling. */
export const DEFINITIONS: Definitions = {
  CreateSeqStmt: {
    kind: 'CREATE SEQUENCE',
    action: 'sql.ddl.create',
    objects: (a, b) => [
      newObjectPath(a, rangeVarName(a, b.sequence!), b.sequence?.relpersistence === 't'),
    ],
    named: ['sequence'],
    touches: 'names',
  },
  AlterSeqStmt: {
    kind: 'ALTER SEQUENCE',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.sequence)],
    named: ['sequence'],
  },
  CreateForeignTableStmt: {
    kind: 'CREATE FOREIGN TABLE',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, rangeVarName(a, b.base!.relation!))],
    secret: true,
    touches: 'names',
  },
  IndexStmt: {
    kind: 'CREATE INDEX',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.relation)],
    named: ['relation'],
    touches: 'nothing',
  },
  CreateStatsStmt: {
    kind: 'CREATE STATISTICS',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.defnames))],
    touches: 'names',
  },
  AlterStatsStmt: {
    kind: 'ALTER STATISTICS',
    action: 'sql.ddl.alter',
    objects: (a, b) => [looseObjectPath(a, named(a, b.defnames))],
  },
  CreateFunctionStmt: {
    kind: 'CREATE FUNCTION',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.funcname))],
  },
  AlterFunctionStmt: {
    kind: 'ALTER FUNCTION',
    action: 'sql.ddl.alter',
    objects: (a, b) => objectPaths(a, 'OBJECT_FUNCTION', { ObjectWithArgs: b.func ?? {} }),
  },
  CreateTrigStmt: {
    kind: 'CREATE TRIGGER',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.relation)],
    named: ['relation'],
    touches: 'nothing',
  },
  CreateEventTrigStmt: {
    kind: 'CREATE EVENT TRIGGER',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('event-trigger', b.trigname)(a),
  },
  AlterEventTrigStmt: {
    kind: 'ALTER EVENT TRIGGER',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('event-trigger', b.trigname)(a),
  },
  RuleStmt: {
    kind: 'CREATE RULE',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.relation)],
    named: ['relation'],
  },
  CreatePolicyStmt: {
    kind: 'CREATE POLICY',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.table)],
    named: ['table'],
  },
  AlterPolicyStmt: {
    kind: 'ALTER POLICY',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.table)],
    named: ['table'],
  },
  CreateDomainStmt: {
    kind: 'CREATE DOMAIN',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.domainname))],
    touches: 'names',
  },
  AlterDomainStmt: {
    kind: 'ALTER DOMAIN',
    action: 'sql.ddl.alter',
    objects: (a, b) => [looseObjectPath(a, named(a, b.typeName))],
  },
  CompositeTypeStmt: {
    kind: 'CREATE TYPE',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, rangeVarName(a, b.typevar!))],
    named: ['typevar'],
    touches: 'names',
  },
  CreateEnumStmt: {
    kind: 'CREATE TYPE',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.typeName))],
    touches: 'names',
  },
  CreateRangeStmt: {
    kind: 'CREATE TYPE',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.typeName))],
    touches: 'names',
  },
  AlterEnumStmt: {
    kind: 'ALTER TYPE',
    action: 'sql.ddl.alter',
    objects: (a, b) => [looseObjectPath(a, named(a, b.typeName))],
  },
  AlterTypeStmt: {
    kind: 'ALTER TYPE',
    action: 'sql.ddl.alter',
    objects: (a, b) => [looseObjectPath(a, named(a, b.typeName))],
  },
  DefineStmt: {
    kind: 'CREATE',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.defnames))],
  },
  CreateCastStmt: {
    kind: 'CREATE CAST',
    action: 'sql.ddl.create',
    objects: (a) => [[a.catalog.database, 'cast']],
  },
  CreateTransformStmt: {
    kind: 'CREATE TRANSFORM',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('transform', b.lang)(a),
  },
  CreateConversionStmt: {
    kind: 'CREATE CONVERSION',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.conversion_name))],
  },
  CreateOpClassStmt: {
    kind: 'CREATE OPERATOR CLASS',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.opclassname))],
  },
  CreateOpFamilyStmt: {
    kind: 'CREATE OPERATOR FAMILY',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.opfamilyname))],
  },
  AlterOpFamilyStmt: {
    kind: 'ALTER OPERATOR FAMILY',
    action: 'sql.ddl.alter',
    objects: (a, b) => [looseObjectPath(a, named(a, b.opfamilyname))],
  },
  AlterOperatorStmt: {
    kind: 'ALTER OPERATOR',
    action: 'sql.ddl.alter',
    objects: (a, b) => objectPaths(a, 'OBJECT_OPERATOR', { ObjectWithArgs: b.opername ?? {} }),
  },
  AlterCollationStmt: {
    kind: 'ALTER COLLATION',
    action: 'sql.ddl.alter',
    objects: (a, b) => [looseObjectPath(a, named(a, b.collname))],
  },
  AlterTSDictionaryStmt: {
    kind: 'ALTER TEXT SEARCH DICTIONARY',
    action: 'sql.ddl.alter',
    objects: (a, b) => [looseObjectPath(a, named(a, b.dictname))],
  },
  AlterTSConfigurationStmt: {
    kind: 'ALTER TEXT SEARCH CONFIGURATION',
    action: 'sql.ddl.alter',
    objects: (a, b) => [looseObjectPath(a, named(a, b.cfgname))],
  },
  CreateExtensionStmt: {
    kind: 'CREATE EXTENSION',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('extension', b.extname)(a),
  },
  AlterExtensionStmt: {
    kind: 'ALTER EXTENSION',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('extension', b.extname)(a),
  },
  AlterExtensionContentsStmt: {
    kind: 'ALTER EXTENSION',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('extension', b.extname)(a),
  },
  CreateFdwStmt: {
    kind: 'CREATE FOREIGN DATA WRAPPER',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('fdw', b.fdwname)(a),
    secret: true,
  },
  AlterFdwStmt: {
    kind: 'ALTER FOREIGN DATA WRAPPER',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('fdw', b.fdwname)(a),
    secret: true,
  },
  CreateForeignServerStmt: {
    kind: 'CREATE SERVER',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('foreign-server', b.servername)(a),
    secret: true,
  },
  AlterForeignServerStmt: {
    kind: 'ALTER SERVER',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('foreign-server', b.servername)(a),
    secret: true,
  },
  CreateUserMappingStmt: {
    kind: 'CREATE USER MAPPING',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('user-mapping', b.servername)(a),
    secret: true,
  },
  AlterUserMappingStmt: {
    kind: 'ALTER USER MAPPING',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('user-mapping', b.servername)(a),
    secret: true,
  },
  DropUserMappingStmt: {
    kind: 'DROP USER MAPPING',
    action: 'sql.ddl.drop',
    objects: (a, b) => outside('user-mapping', b.servername)(a),
  },
  ImportForeignSchemaStmt: {
    kind: 'IMPORT FOREIGN SCHEMA',
    action: 'sql.ddl.create',
    objects: (a, b) => [[a.catalog.database, b.local_schema ?? '']],
    named: ['table_list'],
    secret: true,
  },
  CreateAmStmt: {
    kind: 'CREATE ACCESS METHOD',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('access-method', b.amname)(a),
  },
  CreatePLangStmt: {
    kind: 'CREATE LANGUAGE',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('language', b.plname)(a),
  },
  CreateRoleStmt: {
    kind: 'CREATE ROLE',
    action: 'sql.ddl.create',
    objects: (a, b) => [rolePath(a, b.role)],
    secret: true,
  },
  AlterRoleStmt: {
    kind: 'ALTER ROLE',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rolePath(a, b.role?.rolename)],
    secret: true,
  },
  DropRoleStmt: {
    kind: 'DROP ROLE',
    action: 'sql.ddl.drop',
    objects: (a, b) =>
      (b.roles ?? []).map((role) => rolePath(a, bodyOf(role, 'RoleSpec')?.rolename)),
  },
  CreateTableSpaceStmt: {
    kind: 'CREATE TABLESPACE',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('tablespace', b.tablespacename)(a),
  },
  DropTableSpaceStmt: {
    kind: 'DROP TABLESPACE',
    action: 'sql.ddl.drop',
    objects: (a, b) => outside('tablespace', b.tablespacename)(a),
  },
  AlterTableSpaceOptionsStmt: {
    kind: 'ALTER TABLESPACE',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('tablespace', b.tablespacename)(a),
  },
  AlterTableMoveAllStmt: {
    kind: 'ALTER TABLE ALL IN TABLESPACE',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('tablespace', b.orig_tablespacename)(a),
  },
  CreatedbStmt: {
    kind: 'CREATE DATABASE',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('database', b.dbname)(a),
  },
  AlterDatabaseStmt: {
    kind: 'ALTER DATABASE',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('database', b.dbname)(a),
  },
  AlterDatabaseRefreshCollStmt: {
    kind: 'ALTER DATABASE',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('database', b.dbname)(a),
  },
  DropdbStmt: {
    kind: 'DROP DATABASE',
    action: 'sql.ddl.drop',
    objects: (a, b) => outside('database', b.dbname)(a),
  },
  CreatePublicationStmt: {
    kind: 'CREATE PUBLICATION',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('publication', b.pubname)(a),
  },
  AlterPublicationStmt: {
    kind: 'ALTER PUBLICATION',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('publication', b.pubname)(a),
  },
  CreateSubscriptionStmt: {
    kind: 'CREATE SUBSCRIPTION',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('subscription', b.subname)(a),
    secret: true,
  },
  AlterSubscriptionStmt: {
    kind: 'ALTER SUBSCRIPTION',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('subscription', b.subname)(a),
    secret: true,
  },
  DropSubscriptionStmt: {
    kind: 'DROP SUBSCRIPTION',
    action: 'sql.ddl.drop',
    objects: (a, b) => outside('subscription', b.subname)(a),
  },
  DropOwnedStmt: {
    kind: 'DROP OWNED',
    action: 'sql.ddl.drop',
    objects: (a, b) =>
      (b.roles ?? []).map((role) => rolePath(a, bodyOf(role, 'RoleSpec')?.rolename)),
  },
  ReassignOwnedStmt: {
    kind: 'REASSIGN OWNED',
    action: 'sql.ddl.alter',
    objects: (a, b) =>
      (b.roles ?? []).map((role) => rolePath(a, bodyOf(role, 'RoleSpec')?.rolename)),
  },
  CommentStmt: {
    kind: 'COMMENT',
    action: 'sql.ddl.comment',
    objects: (a, b) => objectPaths(a, b.objtype ?? '', b.object),
    named: ['object'],
    touches: 'nothing',
  },
  SecLabelStmt: {
    kind: 'SECURITY LABEL',
    action: 'sql.ddl.label',
    objects: (a, b) => objectPaths(a, b.objtype ?? '', b.object),
    named: ['object'],
  },
  AlterOwnerStmt: {
    kind: 'ALTER OWNER',
    action: 'sql.ddl.alter',
    objects: (a, b) => owned(a, b.objectType ?? '', b.relation, b.object),
    named: ['relation', 'object'],
  },
  AlterObjectDependsStmt: {
    kind: 'ALTER DEPENDS ON EXTENSION',
    action: 'sql.ddl.alter',
    objects: (a, b) => owned(a, b.objectType ?? '', b.relation, b.object),
    named: ['relation', 'object'],
  },
}

function owned(
  a: Analysis,
  type: string,
  relation: BodyOf<'RangeVar'> | undefined,
  object: Node | undefined,
): readonly ObjectPath[] {
  return relation === undefined ? objectPaths(a, type, object) : [rangePath(a, relation)]
}

function touched(
  touches: 'names' | 'nothing' | undefined,
  objects: readonly ObjectPath[],
): Pick<Judged, 'touches'> {
  if (touches === undefined) return {}
  return { touches: touches === 'names' ? objects : [] }
}

const PLAIN_DROPS = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE'])

/** DROP; with CASCADE nobody knows what goes. */
export function drop(a: Analysis, body: BodyOf<'DropStmt'>): Judged {
  const type = body.removeType ?? ''
  const paths = (body.objects ?? []).flatMap((node) => objectPaths(a, type, node))
  // What belongs to a table goes without it.
  const action = belongsToRelation(type) ? 'sql.ddl.alter' : 'sql.ddl.drop'
  for (const path of paths) a.collector.access(action, path, 'required')
  const judged = done('DROP', DATABASE_CHANGED)
  const plain = PLAIN_DROPS.has(type) && body.behavior !== 'DROP_CASCADE'
  return plain ? { ...judged, touches: paths, drops: true } : judged
}

/** Judges a statement of the table above. */
export function define<K extends NodeKind>(
  a: Analysis,
  definition: Definition<K>,
  body: BodyOf<K>,
): Judged {
  const objects = definition.objects(a, body)
  for (const object of objects) {
    a.collector.access(definition.action, object, 'required')
  }
  walkDefinition(a, body as object, new Set(definition.named))
  return {
    ...done(definition.kind, DATABASE_CHANGED),
    ...(definition.secret === true ? { secret: true } : {}),
    ...touched(definition.touches, objects),
  }
}
