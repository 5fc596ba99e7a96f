import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { isOnPath, noPostgres } from '../support/postgres-programs.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const skip = noPostgres() || (!isOnPath('pg_dump') && 'pg_dump is not installed')
const POLICY = `
name: dumps
subjects: { agents: ['*'] }
rules:
  - id: read
    allow: { actions: [sql.select, sql.lock], objects: ['*.public.**'] }
    mask: [{ columns: ['*.public.people.email'], with: redact }]
  - id: catalog
    allow: { actions: [sql.select], objects: ['*.pg_catalog.pg_subscription', '*.pg_catalog.pg_largeobject_metadata'] }
`
const SCHEMA = `
CREATE TABLE people (id int PRIMARY KEY, name text, email text);
INSERT INTO people VALUES (1, 'Ann', 'canary@example.com'), (2, 'Bob', NULL);
CREATE VIEW names AS SELECT name FROM people;
CREATE SEQUENCE numbers;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO gateway;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO gateway;
`

let bench: Bench
before(async () => {
  if (skip === false) bench = await startBench({ policies: { 'p.yaml': POLICY }, schema: SCHEMA })
})
after(() => bench?.stop())

for (const words of [[], ['--schema-only'], ['--data-only', '--inserts', '-t', 'people']]) {
  test(`pg_dump ${words.join(' ')}`, { skip }, async () => {
    const env = await bench.environment()
    const { stdout } = await promisify(execFile)('pg_dump', words, { env })
    assert.doesNotMatch(stdout, /canary/)
    if (words.length === 0) {
      assert.match(stdout, /CREATE TABLE public\.people/)
      assert.match(stdout, /^1\tAnn\t\[redacted\]$/m)
      assert.match(stdout, /CREATE VIEW public\.names/)
    }
  })
}
