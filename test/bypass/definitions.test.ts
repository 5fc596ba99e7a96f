import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Heard, RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'
import { ALLOWED, REFUSED } from './definitions.ts'

const { email } = CANARIES[0]

const SCHEMA = `
  ALTER ROLE gateway SUPERUSER;
  CREATE SCHEMA other;
  CREATE TABLE customers (id int, name text, email text);
  INSERT INTO customers VALUES (1, 'Ada', '${email}'), (2, 'Bo', '${email}');
  CREATE TABLE twin (id int, name text, email text);
  CREATE TABLE orders (id int, note text);
  INSERT INTO orders VALUES (1, 'first');
  CREATE TABLE bare (id int, t text);
  CREATE VIEW clean AS SELECT id, lower(name) AS name FROM customers;
  CREATE VIEW contacts AS SELECT id, name, email AS mail FROM customers;
  CREATE TABLE parts (id int, email text) PARTITION BY LIST (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
  INSERT INTO parts VALUES (1, '${email}');
  CREATE TABLE parent (id int, email text);
  CREATE TABLE child () INHERITS (parent);
  CREATE TABLE whole (id int, email text) PARTITION BY LIST (id);
  CREATE TABLE loose (id int, email text);
  CREATE FUNCTION reader(int) RETURNS text LANGUAGE sql STABLE
    AS 'SELECT email FROM public.customers WHERE id = $1';
  CREATE FOREIGN DATA WRAPPER fdw;
  CREATE SERVER far FOREIGN DATA WRAPPER fdw;
  CREATE FOREIGN TABLE distant (t text) SERVER far;
`

const MASKS = ['customers', 'parts', 'parent', 'loose']
  .map((table) => `sales.public.${table}.email`)
  .join(', ')

const POLICIES = {
  'policy.yaml': `
name: definitions
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [sql.select, sql.execute, sql.insert, sql.update], objects: [sales.public.*] }
    mask: [{ columns: [${MASKS}], with: redact }]
  - id: define
    allow: { actions: [sql.ddl.*, sql.do], objects: [sales, 'sales.**'] }
`,
}

const skip = noPostgres()
let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: SCHEMA })
})
after(() => bench?.stop())

const query = (text: string) => message(0x51, text)

function codeIn(heard: readonly Heard[]): string | undefined {
  return heard
    .map(({ body }) => /code=([A-Z_]+)/.exec(body)?.[1])
    .find((code) => code !== undefined)
}

async function told(client: RawClient, ...messages: readonly Buffer[]): Promise<Heard[]> {
  client.say(...messages)
  return client.hear()
}

for (const [name, text] of Object.entries(REFUSED)) {
  test(`refused: ${name}`, { skip }, async () => {
    const client = await openRawClient(bench)
    await told(client, query('BEGIN'))
    const heard = await told(client, query(text))
    assert.equal(codeIn(heard), 'MASK_UNPROVABLE', JSON.stringify(heard))
    await told(client, query('ROLLBACK'))
    const alone = await told(client, query(text))
    assert.equal(codeIn(alone), 'MASK_UNPROVABLE')
    client.destroy()
  })
}

for (const [name, text] of Object.entries(ALLOWED)) {
  test(`allowed: ${name}`, { skip }, async () => {
    const client = await openRawClient(bench)
    await told(client, query('BEGIN'))
    const heard = await told(client, query(text))
    assert.deepEqual(
      heard.filter(({ type }) => type === 'E'),
      [],
    )
    await told(client, query('ROLLBACK'))
    client.destroy()
  })
}

test('whoever reads while another changes the view sees no secret', { skip }, async () => {
  const [changer, reader] = [await openRawClient(bench), await openRawClient(bench, 'etl-2')]
  await told(reader, parse('before', 'SELECT name FROM clean'), SYNC)
  for (const text of [REFUSED['view replaced']!, REFUSED['view of a function']!]) {
    await told(changer, query('BEGIN'))
    await told(changer, query(text))
    reader.say(query('SELECT name FROM clean'))
    reader.say(bind('', 'before', []), execute(''), SYNC)
    await told(changer, query('COMMIT'))
    const heard = await reader.hear(2)
    const rows = heard.filter(({ type }) => type === 'D')
    assert.equal(rows.length, 4, JSON.stringify(heard))
    assert.equal(findCanary(heard.map(({ body }) => body).join('')), undefined)
  }
  for (const client of [changer, reader]) client.destroy()
})

test('a transaction that changed the catalog and failed can be ended', { skip }, async () => {
  const client = await openRawClient(bench)
  await told(client, query('BEGIN'))
  await told(client, query('CREATE VIEW w AS SELECT 1 AS one'))
  await told(client, query('SELECT 1 / 0 FROM w'))
  const ended = await told(client, query('ROLLBACK'))
  assert.deepEqual(ended.map(({ type }) => type).join(''), 'CZ')
  assert.equal(ended.at(-1)!.body, 'I')
  client.destroy()
})
