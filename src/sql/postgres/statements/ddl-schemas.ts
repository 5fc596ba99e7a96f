import type { ObjectPath } from '../../../core/object.ts'
import type { QualifiedName } from '../../lookup.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { rangeVars, texts } from '../parse/tree.ts'
import type { Analysis } from '../reading/analysis.ts'
import { looseObjectPath, newObjectPath, qualifiedName, rangeVarName } from '../reading/names.ts'
import { objectPaths, rangePath } from '../reading/objects.ts'
import type { Definitions } from './ddl-types.ts'

/** Definitions of what lives in schemas. */
export const SCHEMA_DEFINITIONS: Definitions = {
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
    shows: () => 'anything',
  },
  IndexStmt: {
    kind: 'CREATE INDEX',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.relation)],
    named: ['relation'],
    touches: 'nothing',
    of: (b) => present(b.relation),
  },
  CreateStatsStmt: {
    kind: 'CREATE STATISTICS',
    action: 'sql.ddl.create',
    objects: (a, b) => [newObjectPath(a, named(a, b.defnames))],
    touches: 'names',
    of: (b) => rangeVars(b.relations ?? []),
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
    // A body that is written as a text is not looked into.
    shows: (b) => (b.sql_body === undefined ? 'anything' : 'flow'),
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
    runs: ({ funcname = [] }) => ({ List: { items: funcname } }),
    touches: 'nothing',
    of: (b) => present(b.relation),
  },
  RuleStmt: {
    kind: 'CREATE RULE',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.relation)],
    named: ['relation'],
    shows: () => 'flow',
    of: (b) => present(b.relation),
  },
  CreatePolicyStmt: {
    kind: 'CREATE POLICY',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.table)],
    named: ['table'],
    of: (b) => present(b.table),
  },
  AlterPolicyStmt: {
    kind: 'ALTER POLICY',
    action: 'sql.ddl.alter',
    objects: (a, b) => [rangePath(a, b.table)],
    named: ['table'],
    of: (b) => present(b.table),
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
    // Every column of that type is looked at: C add a constraint, O SET NOT NULL, V validate.
    compares: ({ subtype = '' }) => 'COV'.includes(subtype),
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
  ImportForeignSchemaStmt: {
    kind: 'IMPORT FOREIGN SCHEMA',
    action: 'sql.ddl.create',
    objects: (a, b) => [[a.catalog.database, b.local_schema ?? '']],
    named: ['table_list'],
    secret: true,
    shows: () => 'anything',
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

function present(range: BodyOf<'RangeVar'> | undefined): readonly BodyOf<'RangeVar'>[] {
  return range === undefined ? [] : [range]
}

function named(a: Analysis, nodes: readonly Node[] | undefined): QualifiedName {
  return qualifiedName(a, texts(nodes), 'object')
}

function owned(
  a: Analysis,
  type: string,
  relation: BodyOf<'RangeVar'> | undefined,
  object: Node | undefined,
): readonly ObjectPath[] {
  return relation === undefined ? objectPaths(a, type, object) : [rangePath(a, relation)]
}
