import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CORPUS } from './tricks.ts'

const skip = noPostgres()
const CANARY = 'canary.bird@aviary.test'

const SCHEMA = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text, born date);
  INSERT INTO customers VALUES (1, 'Ada', '${CANARY}', '1990-01-01'), (2, 'Bo', '${CANARY}', NULL);
  CREATE TABLE notes (id serial PRIMARY KEY, t text);
  INSERT INTO notes VALUES (1, 'first');
  CREATE VIEW contacts AS SELECT id, lower(email) AS contact FROM customers;
  CREATE VIEW contacts_of_contacts AS SELECT contact || '' AS c FROM contacts;
  CREATE MATERIALIZED VIEW kept_contacts AS SELECT email FROM customers;
  CREATE TABLE parted (id int, email text) PARTITION BY LIST (id);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
  INSERT INTO parted VALUES (1, '${CANARY}');
  CREATE SCHEMA other;
  CREATE SCHEMA decoy;
  CREATE VIEW decoy.customers AS SELECT id, email AS email FROM public.customers;
  CREATE FUNCTION leak() RETURNS text LANGUAGE sql AS 'SELECT email FROM public.customers LIMIT 1';
  CREATE FUNCTION leak_rows() RETURNS SETOF text LANGUAGE sql AS 'SELECT email FROM public.customers';
  CREATE FUNCTION leak_two(int, int) RETURNS text LANGUAGE sql AS 'SELECT public.leak()';
  CREATE OPERATOR public.<~> (FUNCTION = leak_two, LEFTARG = int, RIGHTARG = int);
  ANALYZE;
  GRANT USAGE ON SCHEMA other, decoy TO gateway;
  GRANT ALL ON ALL TABLES IN SCHEMA public, decoy TO gateway;
  GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO gateway;
`

const POLICY = `
name: bypass
subjects: { agents: [etl-1] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*, sales.decoy.*] }
    mask:
      - columns: ['sales.public.customers.email', 'sales.public.parted*.email', 'sales.public.kept_contacts.email']
        with: redact
  - id: write
    allow: { actions: [sql.insert, sql.update], objects: [sales.public.notes] }
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({ policies: { 'bypass.yaml': POLICY }, schema: SCHEMA })
})
after(() => bench?.stop())

/** The canary, and what a client can turn back into it. */
const TRACES = [
  CANARY,
  CANARY.toUpperCase(),
  Array.from(CANARY).reverse().join(''),
  CANARY.slice(0, 9),
  CANARY.slice(-9),
  Buffer.from(CANARY).toString('hex'),
  Buffer.from(CANARY).toString('base64').slice(0, 20),
  CANARY.replace('@', '#'),
]

/** Everything that one statement let the client see. */
async function seen(client: pg.Client, sql: string, extended: boolean): Promise<string> {
  try {
    const result = await client.query({
      text: sql,
      rowMode: 'array',
      ...(extended ? { queryMode: 'extended' } : {}),
    } as pg.QueryArrayConfig)
    return JSON.stringify([result].flat().map(({ rows }) => rows as unknown))
  } catch (error) {
    return JSON.stringify(error, Object.getOwnPropertyNames(error))
  }
}

for (const [index, { trick, sql, expect }] of CORPUS.entries()) {
  test(`${index + 1} ${trick}`, { skip }, async () => {
    const statements = typeof sql === 'string' ? [sql] : sql
    for (const extended of [false, true]) {
      const client = await bench.client()
      const told: string[] = []
      client.on('notice', (notice) => told.push(JSON.stringify(notice)))
      client.on('error', (error) => told.push(error.message))
      await client.connect()
      for (const statement of statements) told.push(await seen(client, statement, extended))
      await client.end()
      const all = told.join('\n')
      for (const trace of TRACES) assert.ok(!all.includes(trace), `${trace} came through: ${all}`)
      if (expect === 'masked') continue
      const last = JSON.parse(told.at(-1)!) as { code?: string; detail?: string; routine?: string }
      assert.equal(last.routine, 'chaperone', `not refused: ${all}`)
      assert.ok(last.code?.startsWith(expect.denied), all)
    }
    if (expect === 'masked') return
    const log = readFileSync(bench.server.logFile, 'utf8')
    assert.ok(!log.includes(`: ${statements.at(-1)!}\n`), 'the server heard of it')
  })
}
