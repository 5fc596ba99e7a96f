import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { findJdbcDriver, isOnPath, noPostgres } from '../support/postgres-programs.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const driver = findJdbcDriver()
const skip =
  noPostgres() ||
  (!isOnPath('javac') && 'there is no JDK') ||
  (driver === undefined && "PostgreSQL's JDBC driver is not installed")

const POLICY = `
name: all
subjects: { agents: ['*'] }
rules:
  - { id: all, allow: { actions: [sql.select, sql.insert, sql.execute], objects: ['**'] } }
`
const SCHEMA = `
CREATE TABLE people (id int, name text);
INSERT INTO people SELECT i, 'person ' || i FROM generate_series(1, 5) i;
CREATE TABLE notes (id int, body text);
CREATE TABLE touched (at timestamptz);
CREATE FUNCTION touch() RETURNS int LANGUAGE sql VOLATILE SECURITY DEFINER AS
  $$ INSERT INTO touched VALUES (now()); SELECT 1 $$;
GRANT ALL ON people, notes TO gateway;
`

let bench: Bench
before(async () => {
  if (skip === false) bench = await startBench({ policies: { 'p.yaml': POLICY }, schema: SCHEMA })
})
after(() => bench?.stop())

test('a JDBC tool connects, names itself and works', { skip }, async () => {
  const { PGPORT, PGDATABASE, PGSSLROOTCERT } = await bench.environment()
  const url = `jdbc:postgresql://127.0.0.1:${PGPORT}/${PGDATABASE}`
  const program = join(import.meta.dirname, 'jdbc', 'Session.java')
  const words = ['-cp', driver!, program, url, 'agent', await bench.token(), PGSSLROOTCERT!]
  const { stdout } = await promisify(execFile)('java', words)
  assert.deepEqual(stdout.trim().split('\n'), [
    'name: a tool',
    'client info: other',
    'renamed: third',
    'sum: 19',
    'rows in pieces: 5',
    'batch: 20',
    'tables: 3',
  ])
})
