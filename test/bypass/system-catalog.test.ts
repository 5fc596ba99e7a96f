import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import type { Relation } from '../../src/sql/postgres/catalog/facts.ts'
import { RUNS_TEXT, SENSITIVE, SHOWS_DATA } from '../../src/sql/postgres/catalog/function-facts.ts'
import { HARMLESS_STABLE } from '../../src/sql/postgres/catalog/stable-functions.ts'
import { holdsData, isHarmless } from '../../src/sql/postgres/catalog/system-relations.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { TELLS_THE_SCHEMA } from './system-columns.ts'

type Row = Readonly<Record<string, unknown>>
type Ask = (sql: string) => Promise<readonly Row[]>

/** Types whose values are names, numbers, times and flags: no room for a value of a user's column. */
const COLUMNS = `
  SELECT n.nspname AS schema, c.relname AS relation, a.attname AS column
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('pg_catalog', 'information_schema')
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    JOIN pg_type t ON t.oid = a.atttypid
   WHERE c.oid < 16384 AND c.relkind IN ('r', 'v')
     AND format_type(a.atttypid, NULL) NOT IN ('name', 'name[]', '"char"', '"char"[]', 'oid', 'oid[]',
       'oidvector', 'integer', 'smallint', 'smallint[]', 'int2vector', 'bigint', 'real', 'real[]',
       'double precision', 'boolean', 'xid', 'xid8', 'pg_lsn', 'regproc', 'regtype', 'regtype[]',
       'regclass', 'aclitem[]', 'interval', 'timestamp with time zone', 'numeric', 'inet',
       'information_schema.sql_identifier', 'information_schema.yes_or_no',
       'information_schema.cardinal_number', 'information_schema.time_stamp')`

/** Those that SQL can call: no input and output functions of types, no supports of indexes. */
const FUNCTIONS = `
  SELECT DISTINCT proname AS name FROM pg_proc p
   WHERE oid < 16384 AND pronamespace = 'pg_catalog'::regnamespace AND provolatile = 's'
     AND prokind = 'f' AND proname !~ '(recv|send)$'
     AND prorettype NOT IN ('cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype)
     AND NOT 'internal'::regtype = ANY (proargtypes) AND NOT 'cstring'::regtype = ANY (proargtypes)`

async function check(ask: Ask): Promise<void> {
  const columns = await ask(COLUMNS)
  assert.ok(columns.length > 100)
  const unknown = columns
    .map(({ schema, relation, column }) => [String(schema), String(relation), String(column)])
    .filter(([schema = '', name = '', column = '']) => {
      const known = { schema, name, builtin: true } as Relation
      if (!isHarmless(known) || holdsData(known, column)) return false
      return !TELLS_THE_SCHEMA.has(`${schema === 'pg_catalog' ? name : schema}.${column}`)
    })
    .map((path) => path.join('.'))
  assert.deepEqual(unknown, [], 'columns that may hold data, and of which nothing is said')
  const functions = await ask(FUNCTIONS)
  assert.ok(functions.length > 200)
  const facts = [HARMLESS_STABLE, SENSITIVE, RUNS_TEXT, SHOWS_DATA, new Set(['current_setting'])]
  const unheardOf = functions
    .map(({ name }) => String(name))
    .filter((name) => !facts.some((one) => one.has(name)))
  assert.deepEqual(unheardOf, [], 'functions that would need a grant; say what they read')
}

test('everything in the catalog of PostgreSQL 18 has a verdict', async () => {
  const db = await PGlite.create()
  await check(async (sql) => (await db.query<Row>(sql)).rows)
  await db.close()
})

test(
  'everything in the catalog of the server here has a verdict',
  { skip: noPostgres() },
  async () => {
    const server = await startPostgres({ tls: false })
    try {
      await check((sql) => server.adminQuery(sql))
    } finally {
      await server.stop()
    }
  },
)
