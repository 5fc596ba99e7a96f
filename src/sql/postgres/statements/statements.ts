import type { Outputs } from '../../../core/operation.ts'
import { refuseKind } from '../../refuse.ts'
import type { BodyOf, Node, NodeKind } from '../parse/tree.ts'
import { bodyOf, kindOf } from '../parse/tree.ts'
import type { Analysis } from '../reading/analysis.ts'
import { rangePath, rolePath } from '../reading/objects.ts'
import { alterTable, createTable, moveToSchema, rename } from './alter-table.ts'
import { copy } from './copy-statement.ts'
import { define, DEFINITIONS, drop } from './ddl.ts'
import { explain } from './explain-statement.ts'
import type { Judged, StatementContext } from './judged.ts'
import { done, outputsOf, PUT_OFF_RAN } from './judged.ts'
import * as session from './session-statements.ts'
import * as utility from './utility.ts'

type Handler<K extends NodeKind> = (
  a: Analysis,
  body: BodyOf<K>,
  context: StatementContext,
) => Judged

/** Every statement that can be judged, beside those of `DEFINITIONS`; any other is refused. */
const HANDLERS: { readonly [K in NodeKind]?: Handler<K> } = {
  SelectStmt: selectStatement,
  InsertStmt: (a, body) => changing(a, 'INSERT', { InsertStmt: body }, body.returningClause),
  UpdateStmt: (a, body) => changing(a, 'UPDATE', { UpdateStmt: body }, body.returningClause),
  DeleteStmt: (a, body) => changing(a, 'DELETE', { DeleteStmt: body }, body.returningClause),
  MergeStmt: (a, body) => changing(a, 'MERGE', { MergeStmt: body }, body.returningClause),
  DropStmt: drop,
  CopyStmt: copy,
  TruncateStmt: utility.truncate,
  PrepareStmt: session.prepare,
  ExecuteStmt: session.execute,
  DeallocateStmt: session.deallocate,
  DeclareCursorStmt: session.declare,
  FetchStmt: session.fetch,
  ClosePortalStmt: session.close,
  DiscardStmt: session.discard,
  TransactionStmt: session.transaction,
  VariableSetStmt: session.set,
  VariableShowStmt: session.show,
  ConstraintsSetStmt: (a, body) => {
    a.collector.access('sql.transaction', [a.catalog.database], 'implied')
    return done('SET CONSTRAINTS', body.deferred === true ? [] : PUT_OFF_RAN)
  },
  ExplainStmt: explain,
  CreateTableAsStmt: utility.createTableAs,
  CreateStmt: createTable,
  ViewStmt: utility.createView,
  CreateSchemaStmt: utility.createSchema,
  AlterTableStmt: alterTable,
  RenameStmt: rename,
  AlterObjectSchemaStmt: moveToSchema,
  LockStmt: utility.lockTables,
  VacuumStmt: utility.vacuum,
  ClusterStmt: (a, body) => {
    // Rows are put in the order of an index.
    a.collector.compare(rangePath(a, body.relation))
    return maintained(a, 'CLUSTER', body.relation)
  },
  ReindexStmt: (a, body) => maintained(a, 'REINDEX', body.relation),
  RefreshMatViewStmt: (a, body) => {
    utility.compareRows(a, body.relation)
    return maintained(a, 'REFRESH MATERIALIZED VIEW', body.relation)
  },
  CheckPointStmt: (a) => maintained(a, 'CHECKPOINT', undefined),
  CallStmt: utility.call,
  DoStmt: utility.doBlock,
  LoadStmt: (a) => {
    a.collector.access('sql.load', [a.catalog.database], 'required')
    return done('LOAD')
  },
  ListenStmt: (a, body) => {
    utility.channel(a, 'sql.listen', body.conditionname, 'required')
    return done('LISTEN')
  },
  UnlistenStmt: (a, body) => {
    utility.channel(a, 'sql.listen', body.conditionname, 'implied')
    return done('UNLISTEN')
  },
  NotifyStmt: (a, body) => {
    utility.channel(a, 'sql.notify', body.conditionname, 'required')
    return done('NOTIFY')
  },
  GrantStmt: utility.grant,
  GrantRoleStmt: utility.grantRole,
  AlterDefaultPrivilegesStmt: utility.defaultPrivileges,
  AlterRoleSetStmt: (a, body) => {
    utility.settingOf(a, body.setstmt ?? {}, rolePath(a, body.role?.rolename ?? 'all'))
    return done('ALTER ROLE')
  },
  AlterDatabaseSetStmt: (a, body) => {
    const object = [a.catalog.database, 'database', body.dbname ?? '']
    utility.settingOf(a, body.setstmt ?? {}, object)
    return done('ALTER DATABASE')
  },
  AlterSystemStmt: utility.alterSystem,
}

/** Judges one statement; everything it does is written into the analysis's collector. */
export function judge(a: Analysis, node: Node, context: StatementContext): Judged {
  a.charge(1)
  const kind = kindOf(node)
  if (kind === undefined) return refuseKind('an empty statement')
  const body = bodyOf(node, kind)!
  const handler = HANDLERS[kind] as Handler<NodeKind> | undefined
  if (handler !== undefined) return handler(a, body, context)
  const definition = DEFINITIONS[kind] as Parameters<typeof define>[1] | undefined
  return definition === undefined ? refuseKind(kind) : define(a, definition, body)
}

function maintained(a: Analysis, kind: string, range: BodyOf<'RangeVar'> | undefined): Judged {
  utility.maintain(a, range === undefined ? [] : [range])
  return done(kind)
}

function changing(a: Analysis, kind: string, node: Node, returning: object | undefined): Judged {
  const rows = a.query(node, undefined)
  return planned(kind, returning === undefined ? 'none' : outputsOf(a, rows))
}

function planned(kind: string, outputs: Outputs): Judged {
  return { ...done(kind, [], outputs), isQuery: true }
}

function selectStatement(a: Analysis, body: BodyOf<'SelectStmt'>): Judged {
  const { query, into } = withoutInto(body)
  const outputs = outputsOf(a, a.query({ SelectStmt: query }, undefined))
  if (into === undefined) return planned('SELECT', outputs)
  utility.intoTable(a, into, outputs)
  return done('SELECT INTO', utility.changed(utility.isTemporary(into.rel)))
}

interface Split {
  readonly query: BodyOf<'SelectStmt'>
  readonly into: BodyOf<'IntoClause'> | undefined
}

/** INTO stands in the leftmost branch of a set operation, and means the whole. */
function withoutInto(body: BodyOf<'SelectStmt'>): Split {
  if (body.intoClause !== undefined) {
    const { intoClause: into, ...query } = body
    return { query, into }
  }
  if (body.larg === undefined) return { query: body, into: undefined }
  const left = withoutInto(body.larg)
  return left.into === undefined
    ? { query: body, into: undefined }
    : { query: { ...body, larg: left.query }, into: left.into }
}
