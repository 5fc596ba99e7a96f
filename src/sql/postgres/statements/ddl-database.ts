import type { ObjectPath } from '../../../core/object.ts'
import { bodyOf } from '../parse/tree.ts'
import type { Analysis } from '../reading/analysis.ts'
import { rolePath } from '../reading/objects.ts'
import type { Definitions } from './ddl-types.ts'

/** Definitions of what lives in no schema: roles, extensions, servers, databases. */
export const DATABASE_DEFINITIONS: Definitions = {
  CreateEventTrigStmt: {
    kind: 'CREATE EVENT TRIGGER',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('event-trigger', b.trigname)(a),
    runs: ({ funcname = [] }) => ({ List: { items: funcname } }),
  },
  AlterEventTrigStmt: {
    kind: 'ALTER EVENT TRIGGER',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('event-trigger', b.trigname)(a),
  },
  CreateCastStmt: {
    kind: 'CREATE CAST',
    action: 'sql.ddl.create',
    objects: (a) => [[a.catalog.database, 'cast']],
    runs: ({ func }) => (func === undefined ? undefined : { ObjectWithArgs: func }),
  },
  CreateTransformStmt: {
    kind: 'CREATE TRANSFORM',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('transform', b.lang)(a),
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
    shows: () => 'anything',
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
    // A copy of another database, where policies for this one do not hold.
    shows: () => 'anything',
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
    of: ({ pubobjects = [] }) =>
      pubobjects.flatMap((node) => bodyOf(node, 'PublicationObjSpec')?.pubtable?.relation ?? []),
  },
  AlterPublicationStmt: {
    kind: 'ALTER PUBLICATION',
    action: 'sql.ddl.alter',
    objects: (a, b) => outside('publication', b.pubname)(a),
    of: ({ pubobjects = [] }) =>
      pubobjects.flatMap((node) => bodyOf(node, 'PublicationObjSpec')?.pubtable?.relation ?? []),
  },
  CreateSubscriptionStmt: {
    kind: 'CREATE SUBSCRIPTION',
    action: 'sql.ddl.create',
    objects: (a, b) => outside('subscription', b.subname)(a),
    secret: true,
    // It fills tables from wherever it is told to.
    shows: () => 'anything',
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
}

function outside(kind: string, name: string | undefined) {
  return (a: Analysis): readonly ObjectPath[] => [[a.catalog.database, kind, name ?? '']]
}
