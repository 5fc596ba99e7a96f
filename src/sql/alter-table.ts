import type { ObjectPath } from '../core/object.ts'
import type { Analysis } from './analysis.ts'
import type { Relation } from './catalog.ts'
import { walkDefinition } from './definitions.ts'
import { relationItem } from './from.ts'
import { DATABASE_CHANGED, done } from './judged.ts'
import type { Judged } from './judged.ts'
import { newObjectPath, rangeVarName, relationNamed } from './names.ts'
import { objectPaths, rangePath, relationPath } from './objects.ts'
import { LOOSE_SCOPE } from './scope.ts'
import type { Scope } from './scope.ts'
import { UNKNOWN } from './sources.ts'
import type { Sources } from './sources.ts'
import { changed, isTemporary } from './utility.ts'
import type { BodyOf, Node } from './tree.ts'
import { bodyOf } from './tree.ts'

/**
 * ALTER TABLE and its like. Beside the access it writes down what ends up under another name: a
 * column computed from others, rows that become visible through a parent.
 */
export function alterTable(a: Analysis, body: BodyOf<'AlterTableStmt'>): Judged {
  const path = rangePath(a, body.relation)
  a.collector.access('sql.ddl.alter', path, 'required')
  const relation = body.relation === undefined ? undefined : known(a, body.relation)
  const scope = relation === undefined ? LOOSE_SCOPE : ownScope(a, body.relation!)
  for (const node of body.cmds ?? []) {
    const command = bodyOf(node, 'AlterTableCmd')
    if (command !== undefined) alterCommand(a, command, path, relation, scope)
  }
  return { ...done('ALTER TABLE', DATABASE_CHANGED), touches: [path] }
}

function known(a: Analysis, range: BodyOf<'RangeVar'>): Relation | undefined {
  const relation = relationNamed(a, rangeVarName(a, range))
  return relation === 'absent' ? undefined : relation
}

function ownScope(a: Analysis, range: BodyOf<'RangeVar'>): Scope {
  return { ...LOOSE_SCOPE, items: [relationItem(a, range, false)] }
}

function alterCommand(
  a: Analysis,
  command: BodyOf<'AlterTableCmd'>,
  path: ObjectPath,
  relation: Relation | undefined,
  scope: Scope,
): void {
  const column = command.name ?? bodyOf(command.def, 'ColumnDef')?.colname
  const flow = walkDefinition(a, command, undefined, scope)
  if (column !== undefined) a.collector.copy(flow, [...path, column])
  if (command.subtype === 'AT_AddInherit') {
    const parent = bodyOf(command.def, 'RangeVar')
    if (parent !== undefined && relation !== undefined) {
      copyColumns(a, relation, relationPath(a, rangeVarName(a, parent)))
    }
  }
  if (command.subtype === 'AT_AttachPartition') {
    const part = bodyOf(command.def, 'PartitionCmd')?.name
    const child = part === undefined ? undefined : known(a, part)
    if (child !== undefined) copyColumns(a, child, path)
  }
}

/** The relation's columns can be read under another relation's name. */
function copyColumns(a: Analysis, relation: Relation, to: ObjectPath): void {
  for (const column of relation.columns) {
    a.collector.copy(flowOf(column.path), [...to, column.name])
  }
}

function flowOf(column: ObjectPath): Sources {
  return [{ column, exact: true }]
}

/** ALTER … RENAME: whoever reads the new name reads what the old one stood for. */
export function rename(a: Analysis, body: BodyOf<'RenameStmt'>): Judged {
  const type = body.renameType ?? ''
  const paths =
    body.relation === undefined
      ? objectPaths(a, type, nameNode(body))
      : [rangePath(a, body.relation)]
  for (const path of paths) a.collector.access('sql.ddl.alter', path, 'required')
  const relation = body.relation === undefined ? undefined : known(a, body.relation)
  if (relation !== undefined && body.newname !== undefined) {
    if (type === 'OBJECT_COLUMN' && body.subname !== undefined) {
      const old = [...relation.path, body.subname]
      a.collector.copy(flowOf(old), [...relation.path, body.newname])
    } else if (RENAMED.has(type)) {
      copyColumns(a, relation, [...relation.path.slice(0, -1), body.newname])
    }
  } else if (type === 'OBJECT_SCHEMA')
    a.collector.copy(UNKNOWN, [a.catalog.database, body.newname ?? ''])
  return done('ALTER', DATABASE_CHANGED)
}

const RENAMED = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'])

/** Roles, schemas and databases are named by a string of their own. */
function nameNode(body: BodyOf<'RenameStmt'>): Node | undefined {
  return (
    body.object ?? (body.subname === undefined ? undefined : { String: { sval: body.subname } })
  )
}

/** ALTER … SET SCHEMA. */
export function moveToSchema(a: Analysis, body: BodyOf<'AlterObjectSchemaStmt'>): Judged {
  const paths =
    body.relation === undefined
      ? objectPaths(a, body.objectType ?? '', body.object)
      : [rangePath(a, body.relation)]
  for (const path of paths) a.collector.access('sql.ddl.alter', path, 'required')
  const relation = body.relation === undefined ? undefined : known(a, body.relation)
  const schema = body.newschema ?? ''
  a.collector.access('sql.ddl.alter', [a.catalog.database, schema], 'required')
  if (relation !== undefined) copyColumns(a, relation, [a.catalog.database, schema, relation.name])
  return done('ALTER', DATABASE_CHANGED)
}

/** CREATE TABLE. */
export function createTable(a: Analysis, body: BodyOf<'CreateStmt'>): Judged {
  const temporary = isTemporary(body.relation)
  const path = newObjectPath(a, rangeVarName(a, body.relation!), temporary)
  a.collector.access('sql.ddl.create', path, 'required')
  walkDefinition(a, body, new Set(['relation']))
  return { ...done('CREATE TABLE', changed(temporary)), touches: [path] }
}
