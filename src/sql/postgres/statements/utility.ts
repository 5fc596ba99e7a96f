import type { ObjectPath } from '../../../core/object.ts'
import type { Effect } from '../../classification.ts'
import { refuseKind } from '../../refuse.ts'
import type { Relation } from '../catalog/facts.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, texts } from '../parse/tree.ts'
import type { Analysis, Rows } from '../reading/analysis.ts'
import { compareFlow } from '../reading/comparisons.ts'
import { existingRelation, newObjectPath, rangeVarName, runCodeOf } from '../reading/names.ts'
import { objectPaths, rangePath, rolePath } from '../reading/objects.ts'
import { createRecord } from '../reading/record.ts'
import { relationColumns } from '../reading/relations.ts'
import { LOOSE_SCOPE } from '../reading/scope.ts'
import { checkSetting } from '../reading/settings.ts'
import { UNKNOWN } from '../reading/sources.ts'
import { touchRows } from '../reading/touch-rows.ts'
import type { Judged, StatementContext } from './judged.ts'
import { CODE_RAN, copyOutputs, DATABASE_CHANGED, done, SESSION_CHANGED } from './judged.ts'
import { settingValue } from './session-statements.ts'

/** CREATE TABLE AS, CREATE MATERIALIZED VIEW, SELECT INTO: a table that holds a query's rows. */
export function createTableAs(
  a: Analysis,
  body: BodyOf<'CreateTableAsStmt'>,
  context: StatementContext,
): Judged {
  const { outputs, effects } = context.judge(a, body.query!)
  const path = intoTable(a, body.into!, outputs)
  const kind = body.objtype === 'OBJECT_MATVIEW' ? 'CREATE MATERIALIZED VIEW' : 'CREATE TABLE AS'
  const all = [...effects, ...changed(isTemporary(body.into!.rel))]
  return effects.length === 0 ? { ...done(kind, all), touches: [path] } : done(kind, all)
}

/** A temporary relation is a matter of this session alone. */
export function isTemporary(range: BodyOf<'RangeVar'> | undefined): boolean {
  return range?.relpersistence === 't' || range?.schemaname === 'pg_temp'
}

export function changed(temporary: boolean): readonly Effect[] {
  return temporary ? SESSION_CHANGED : DATABASE_CHANGED
}

export function intoTable(
  a: Analysis,
  into: BodyOf<'IntoClause'>,
  outputs: Judged['outputs'],
): ObjectPath {
  const path = newObjectPath(a, rangeVarName(a, into.rel!), isTemporary(into.rel))
  a.collector.access('sql.ddl.create', path, 'required')
  const names = texts(into.colNames)
  copyOutputs(a, outputs, (output, index) => [...path, names[index] ?? output.name], path)
  return path
}

export function createView(a: Analysis, body: BodyOf<'ViewStmt'>): Judged {
  const path = newObjectPath(a, rangeVarName(a, body.view!), isTemporary(body.view))
  a.collector.access('sql.ddl.create', path, 'required')
  const rows = a.query(body.query!, undefined)
  // A temporary view's values are masked whole wherever it is read.
  if (!isTemporary(body.view)) defineRows(a, rows, path, texts(body.aliases))
  const judged = done('CREATE VIEW', changed(isTemporary(body.view)))
  return body.replace === true ? judged : { ...judged, touches: [path] }
}

/** A query's rows can be read through what is defined, by the names given or by the query's own. */
function defineRows(a: Analysis, rows: Rows, path: ObjectPath, names: readonly string[]): void {
  if (rows.open !== undefined) a.collector.define(rows.open, path)
  for (const [index, { name, sources }] of rows.columns.entries()) {
    a.collector.define(sources, [...path, names[index] ?? name])
  }
}

export function createSchema(a: Analysis, body: BodyOf<'CreateSchemaStmt'>): Judged {
  const schema = body.schemaname ?? body.authrole?.rolename
  a.collector.access('sql.ddl.create', [a.catalog.database, schema ?? ''], 'required')
  // Its elements would be made in the new schema, not where the search path says.
  if (body.schemaElts !== undefined) refuseKind('CREATE SCHEMA with elements')
  return done('CREATE SCHEMA', DATABASE_CHANGED)
}

export function truncate(a: Analysis, body: BodyOf<'TruncateStmt'>): Judged {
  a.collector.unbounded()
  forRelations(a, body.relations, (one, range) => {
    touchRows(a, 'sql.truncate', one, undefined)
    runCodeOf(a, range)
  })
  // Every table with a foreign key to one of these, and so on.
  if (body.behavior === 'DROP_CASCADE') {
    a.collector.access('sql.truncate', [a.catalog.database], 'required')
    a.collector.changes('code')
  }
  return done('TRUNCATE')
}

export function lockTables(a: Analysis, body: BodyOf<'LockStmt'>): Judged {
  forRelations(a, body.relations, (one) => touchRows(a, 'sql.lock', one, undefined))
  return done('LOCK')
}

function forRelations(
  a: Analysis,
  nodes: readonly Node[] | undefined,
  each: (relation: Relation, range: BodyOf<'RangeVar'>) => void,
): void {
  for (const node of nodes ?? []) {
    const range = bodyOf(node, 'RangeVar')
    const relation = range === undefined ? undefined : existingRelation(a, range)
    if (range !== undefined && relation !== undefined) each(relation, range)
  }
}

export function vacuum(a: Analysis, body: BodyOf<'VacuumStmt'>): Judged {
  const ranges = (body.rels ?? []).flatMap((node) => bodyOf(node, 'VacuumRelation')?.relation ?? [])
  maintain(a, ranges)
  return done(body.is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE')
}

/** REFRESH computes every column anew, and holds the new rows against one another. */
export function compareRows(a: Analysis, range: BodyOf<'RangeVar'> | undefined): void {
  const relation = range === undefined ? undefined : existingRelation(a, range)
  if (relation === undefined) return
  a.collector.compare(relation.path)
  for (const { sources } of relationColumns(a.within(createRecord(a).collector), relation)) {
    compareFlow(a, sources)
  }
}

export function maintain(a: Analysis, ranges: readonly BodyOf<'RangeVar'>[]): void {
  const paths = ranges.map((range) => rangePath(a, range))
  for (const path of paths.length === 0 ? [[a.catalog.database]] : paths) {
    a.collector.access('sql.maintain', path, 'required')
  }
}

export function call(a: Analysis, body: BodyOf<'CallStmt'>): Judged {
  if (body.funccall !== undefined) a.expression({ FuncCall: body.funccall }, LOOSE_SCOPE)
  // Output parameters come back as a row.
  a.collector.unseen('code')
  return done('CALL', CODE_RAN, 'unknown')
}

export function doBlock(a: Analysis): Judged {
  a.collector.access('sql.do', [a.catalog.database], 'required')
  a.collector.define(UNKNOWN, [a.catalog.database])
  a.collector.unseen('code')
  return done('DO', CODE_RAN)
}

export function channel(
  a: Analysis,
  action: 'sql.listen' | 'sql.notify',
  name: string | undefined,
  grant: 'required' | 'implied',
): void {
  const { database } = a.catalog
  a.collector.access(action, name === undefined ? [database] : [database, 'channel', name], grant)
}

/** GRANT and REVOKE of privileges. */
export function grant(a: Analysis, body: BodyOf<'GrantStmt'>): Judged {
  const action = body.is_grant === true ? 'sql.grant' : 'sql.revoke'
  // The search path passes over schemas that may not be used.
  const hides = body.is_grant !== true && body.objtype === 'OBJECT_SCHEMA'
  for (const path of grantObjects(a, body)) {
    a.collector.access(action, path, 'required')
    if (hides) a.collector.take(path)
  }
  const judged = done(body.is_grant === true ? 'GRANT' : 'REVOKE', DATABASE_CHANGED)
  return body.objtype === 'OBJECT_SCHEMA' ? judged : { ...judged, touches: [] }
}

function grantObjects(a: Analysis, body: BodyOf<'GrantStmt'>): readonly ObjectPath[] {
  const { database } = a.catalog
  if (body.targtype === 'ACL_TARGET_DEFAULTS') return [[database]]
  if (body.targtype === 'ACL_TARGET_ALL_IN_SCHEMA') {
    return texts(body.objects).map((schema) => [database, schema])
  }
  return (body.objects ?? []).flatMap((node) => {
    const range = bodyOf(node, 'RangeVar')
    return range === undefined ? objectPaths(a, body.objtype ?? '', node) : [rangePath(a, range)]
  })
}

export function grantRole(a: Analysis, body: BodyOf<'GrantRoleStmt'>): Judged {
  const action = body.is_grant === true ? 'sql.grant' : 'sql.revoke'
  for (const node of body.granted_roles ?? []) {
    a.collector.access(action, rolePath(a, bodyOf(node, 'AccessPriv')?.priv_name), 'required')
  }
  return done(body.is_grant === true ? 'GRANT ROLE' : 'REVOKE ROLE', DATABASE_CHANGED)
}

export function defaultPrivileges(a: Analysis, body: BodyOf<'AlterDefaultPrivilegesStmt'>): Judged {
  const action = body.action?.is_grant === true ? 'sql.grant' : 'sql.revoke'
  a.collector.access(action, [a.catalog.database], 'required')
  return done('ALTER DEFAULT PRIVILEGES', DATABASE_CHANGED)
}

/** ALTER ROLE … SET and ALTER DATABASE … SET: settings of sessions to come. */
export function settingOf(a: Analysis, set: BodyOf<'VariableSetStmt'>, object: ObjectPath): void {
  checkSetting(set.name ?? '', settingValue(set))
  a.collector.access('sql.ddl.alter', object, 'required')
  a.collector.access(
    'sql.set',
    [a.catalog.database, 'setting', (set.name ?? 'all').toLowerCase()],
    'required',
  )
}

export function alterSystem(a: Analysis, body: BodyOf<'AlterSystemStmt'>): Judged {
  const name = (body.setstmt?.name ?? 'all').toLowerCase()
  a.collector.access('sql.alter.system', [a.catalog.database, 'setting', name], 'required')
  // The only settings of PostgreSQL's own that hold passwords.
  const secret = /conninfo|passphrase/.test(name)
  return { ...done('ALTER SYSTEM'), ...(secret ? { secret: true } : {}) }
}
