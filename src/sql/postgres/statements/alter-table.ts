import type { ObjectPath } from '../../../core/object.ts'
import type { Relation } from '../catalog/facts.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, rangeVars } from '../parse/tree.ts'
import type { Analysis, RangeColumn, Scope } from '../reading/analysis.ts'
import {
  compareFlow,
  compareNamed,
  compareReferenced,
  namedColumns,
} from '../reading/comparisons.ts'
import { newObjectPath, rangeVarName, relationNamed, runCodeOf } from '../reading/names.ts'
import { belongsToRelation, objectPaths, rangePath, relationPath } from '../reading/objects.ts'
import { createRecord } from '../reading/record.ts'
import { relationColumns } from '../reading/relations.ts'
import { LOOSE_SCOPE } from '../reading/scope.ts'
import { UNKNOWN } from '../reading/sources.ts'
import { fillColumn, ownScope, walkDefinition } from './definitions.ts'
import type { Judged } from './judged.ts'
import { DATABASE_CHANGED, done } from './judged.ts'
import { changed, isTemporary } from './utility.ts'

/**
 * ALTER TABLE and its like. Beside the access it writes down what ends up under another name: a
 * column computed from others, rows that become visible through a parent.
 */
export function alterTable(a: Analysis, body: BodyOf<'AlterTableStmt'>): Judged {
  const path = rangePath(a, body.relation)
  a.collector.access('sql.ddl.alter', path, 'required')
  const relation = body.relation === undefined ? undefined : known(a, body.relation)
  const scope = relation === undefined ? LOOSE_SCOPE : ownScope(a, [body.relation!])
  // Rows may be written anew, and looked at again.
  if (relation !== undefined) runCodeOf(a, body.relation!)
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

/** Commands that end what a parent's masks do for a part of it. */
const PARTINGS = new Set(['AT_DetachPartition', 'AT_DropInherit'])
/** Options of foreign tables say what they show. */
const OPTIONS = new Set(['AT_GenericOptions', 'AT_AlterColumnGenericOptions'])

function alterCommand(
  a: Analysis,
  command: BodyOf<'AlterTableCmd'>,
  path: ObjectPath,
  relation: Relation | undefined,
  scope: Scope,
): void {
  const subtype = command.subtype ?? ''
  const column = command.name ?? bodyOf(command.def, 'ColumnDef')?.colname
  const flow = walkDefinition(a, command, undefined, scope)
  // Whether a constraint holds tells of what it reads.
  a.collector.predicate(flow)
  compareFlow(a, flow)
  compareCommand(a, command, path, scope)
  if (column !== undefined) fillColumn(a, flow, [...path, column])
  if (OPTIONS.has(subtype)) a.collector.define(UNKNOWN, path)
  if (subtype === 'AT_AddInherit' && relation !== undefined) {
    const parent = bodyOf(command.def, 'RangeVar')
    if (parent !== undefined) shownAs(a, relation, relationPath(a, rangeVarName(a, parent)))
  }
  if (subtype === 'AT_AttachPartition') {
    const child = partition(a, command)
    if (child !== undefined) shownAs(a, child, path)
  }
  if (PARTINGS.has(subtype)) {
    const child = subtype === 'AT_DropInherit' ? relation : partition(a, command)
    if (child !== undefined) shownAs(a, child, child.path)
  }
}

/** Commands that go through the values of the column that they name, or of any column. */
const THROUGH_COLUMN = new Set(['AT_SetNotNull', 'AT_AlterColumnType'])
const THROUGH_ALL = new Set(['AT_ValidateConstraint', 'AT_AttachPartition'])
/** These need no list of columns: an index that is there already may have them. */
const KEYS = new Set(['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION'])

/** What the target looks at to see whether the command can be done. */
function compareCommand(
  a: Analysis,
  command: BodyOf<'AlterTableCmd'>,
  path: ObjectPath,
  scope: Scope,
): void {
  const subtype = command.subtype ?? ''
  const constraint = bodyOf(command.def, 'Constraint')
  const through = THROUGH_COLUMN.has(subtype) && command.name !== undefined ? [command.name] : []
  const names = [...through, ...(constraint === undefined ? [] : namedColumns(command.def))]
  compareNamed(a, names, scope.items[0], path)
  if (constraint !== undefined) compareReferenced(a, constraint)
  const unnamed = KEYS.has(constraint?.contype ?? '') && names.length === 0
  if (unnamed || THROUGH_ALL.has(subtype)) a.collector.compare(path)
  const child = subtype === 'AT_AttachPartition' ? partition(a, command) : undefined
  if (child !== undefined) a.collector.compare(child.path)
}

function partition(a: Analysis, command: BodyOf<'AlterTableCmd'>): Relation | undefined {
  const part = bodyOf(command.def, 'PartitionCmd')?.name
  return part === undefined ? undefined : known(a, part)
}

/** The relation's columns can be read as those of `to`, by the same names. */
function shownAs(a: Analysis, relation: Relation, to: ObjectPath): void {
  for (const { name, sources } of columnsOf(a, relation)) {
    a.collector.define(sources, [...to, name])
  }
}

/** What flows into the columns, for a view as well what it reads; none of it is read now. */
function columnsOf(a: Analysis, relation: Relation): readonly RangeColumn[] {
  return relationColumns(a.within(createRecord(a).collector), relation)
}

/** ALTER … RENAME: whoever reads the new name reads what the old one stood for. */
export function rename(a: Analysis, body: BodyOf<'RenameStmt'>): Judged {
  const type = body.renameType ?? ''
  const paths =
    body.relation === undefined
      ? objectPaths(a, type, nameNode(body))
      : [rangePath(a, body.relation)]
  for (const path of paths) {
    a.collector.access('sql.ddl.alter', path, 'required')
    a.collector.take(path)
  }
  const relation = body.relation === undefined ? undefined : known(a, body.relation)
  if (relation !== undefined && body.newname !== undefined) {
    // ALTER TYPE … RENAME ATTRIBUTE works on tables as well.
    if (type === 'OBJECT_COLUMN' || type === 'OBJECT_ATTRIBUTE') {
      const old = columnsOf(a, relation).find(({ name }) => name === body.subname)
      a.collector.define(old?.sources ?? UNKNOWN, [...relation.path, body.newname])
    } else if (!belongsToRelation(type)) {
      // ALTER INDEX … RENAME works on tables as well.
      shownAs(a, relation, [...relation.path.slice(0, -1), body.newname])
    }
  } else if (WHOLE.has(type)) a.collector.define(UNKNOWN, [a.catalog.database, body.newname ?? ''])
  return done('ALTER', DATABASE_CHANGED)
}

/** Everything in them gets other names. */
const WHOLE = new Set(['OBJECT_SCHEMA', 'OBJECT_DATABASE'])

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
  for (const path of paths) {
    a.collector.access('sql.ddl.alter', path, 'required')
    a.collector.take(path)
  }
  const relation = body.relation === undefined ? undefined : known(a, body.relation)
  const schema = body.newschema ?? ''
  a.collector.access('sql.ddl.alter', [a.catalog.database, schema], 'required')
  if (relation !== undefined) shownAs(a, relation, [a.catalog.database, schema, relation.name])
  return done('ALTER', DATABASE_CHANGED)
}

/** CREATE TABLE. */
export function createTable(a: Analysis, body: BodyOf<'CreateStmt'>): Judged {
  const temporary = isTemporary(body.relation)
  const path = newObjectPath(a, rangeVarName(a, body.relation!), temporary)
  a.collector.access('sql.ddl.create', path, 'required')
  walkDefinition(a, body, new Set(['relation', 'tableElts']))
  // A default partition is searched for rows that would belong into the new one.
  if (body.partbound !== undefined) {
    for (const range of rangeVars(body.inhRelations ?? [])) a.collector.compare(rangePath(a, range))
  }
  for (const node of body.tableElts ?? []) {
    const column = bodyOf(node, 'ColumnDef')
    const flow = walkDefinition(a, { node })
    fillColumn(a, flow, column?.colname === undefined ? path : [...path, column.colname])
  }
  return { ...done('CREATE TABLE', changed(temporary)), touches: [path] }
}
