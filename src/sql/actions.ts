/**
 * Every action of SQL that policies can name, with what it means; docs/postgresql.md says the same, and a
 * test holds them together. Objects are `[database, schema, name]` unless said otherwise; things that live outside
 * schemas are `[database, kind, name]` with kind `role`, `database`, `extension`, `setting`, …
 */
export const ACTIONS = {
  'sql.select': 'reads rows; parts are the columns read',
  'sql.insert': 'adds rows, also by COPY FROM STDIN; parts are the columns written',
  'sql.update': 'changes rows; parts are the columns written',
  'sql.delete': 'removes rows',
  'sql.merge': 'MERGE; the inserts, updates and deletes in it are accesses of their own',
  'sql.truncate': 'empties a table',
  'sql.copy.file': 'reads or writes a file on the server; object [database]',
  'sql.copy.program': 'runs a program on the server; object [database]',
  'sql.ddl.create': 'creates an object',
  'sql.ddl.alter':
    'changes or renames an object; for a table also its indexes, triggers, rules and policies',
  'sql.ddl.drop': 'drops an object',
  'sql.ddl.reference':
    'a definition refers to this relation: foreign key, LIKE, INHERITS, partition',
  'sql.ddl.comment': 'COMMENT ON',
  'sql.ddl.label': 'SECURITY LABEL',
  'sql.grant': 'GRANT of privileges on an object, or of a role',
  'sql.revoke': 'REVOKE of privileges on an object, or of a role',
  'sql.execute': 'calls a function or procedure',
  'sql.do': 'DO: runs a block of code that is not inspected; object [database]',
  'sql.set': 'SET, RESET or set_config; object [database, setting, name]',
  'sql.set.role': 'SET ROLE or SET SESSION AUTHORIZATION; object [database, setting, name]',
  'sql.show': 'SHOW; object [database, setting, name]',
  'sql.alter.system': 'ALTER SYSTEM: server configuration; object [database, setting, name]',
  'sql.transaction': 'BEGIN, COMMIT, ROLLBACK, SAVEPOINT, SET CONSTRAINTS; object [database]',
  'sql.transaction.prepared': 'two-phase commit; object [database]',
  'sql.listen': 'LISTEN or UNLISTEN; object [database, channel, name]',
  'sql.notify': 'NOTIFY or pg_notify; object [database, channel, name]',
  'sql.lock': 'LOCK TABLE, or FOR UPDATE and its like',
  'sql.sequence': 'nextval, currval, setval, lastval; object [database] where unknown',
  'sql.maintain': 'VACUUM, ANALYZE, REINDEX, CLUSTER, CHECKPOINT, REFRESH MATERIALIZED VIEW',
  'sql.discard': 'DISCARD: the session forgets plans, temporary tables and settings',
  'sql.none': 'touches nothing: SELECT 1, CLOSE, an empty text; object [database]',
  'sql.load': 'LOAD: loads a shared library into the server; object [database]',
} as const

export type Action = keyof typeof ACTIONS

/** Actions that change nothing that others can see. */
export const READ_ONLY_ACTIONS: ReadonlySet<string> = new Set<Action>([
  'sql.select',
  'sql.show',
  'sql.transaction',
  'sql.set',
  'sql.listen',
  'sql.discard',
  'sql.none',
])
