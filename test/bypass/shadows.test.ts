import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bind, execute, parse } from '../../src/protocol/postgres/messages/message.ts'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'

/**
 * An agent with a schema of its own, before others in its search path: a table there may hide one
 * that it may not read. What hides it must not go while a statement that was judged by it is on its
 * way.
 */
const SCHEMA = `
  ALTER ROLE gateway SUPERUSER;
  CREATE TABLE secrets (x text);
  INSERT INTO secrets VALUES ('${CANARIES[0].email}');
  CREATE SCHEMA scratch;
  CREATE TABLE gate (id int PRIMARY KEY);
  INSERT INTO gate VALUES (1);
`
const POLICIES = {
  'policy.yaml': `
name: shadows
subjects: { agents: [etl-*] }
rules:
  - id: own
    allow: { actions: ['sql.*'], objects: ['sales.scratch.**'] }
  - id: wait
    allow: { actions: [sql.select, sql.update, sql.lock], objects: [sales.public.gate] }
`,
}
const MAKE = 'CREATE TABLE scratch.secrets (x text)'
const READ = "SELECT 'x' || x FROM secrets"

const skip = noPostgres()
let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: SCHEMA })
})
after(() => bench?.stop())

const query = (text: string) => message(0x51, text)

async function ask(client: RawClient, ...texts: string[]): Promise<string> {
  client.say(...texts.map(query))
  return (await client.hear(texts.length)).map(({ body }) => body).join('\n')
}

const code = (told: string) => /code=([A-Z_]+)/.exec(told)?.[1]

/** A session whose READ waits behind a statement that waits for a row lock. */
async function queued(): Promise<{ holder: RawClient; reader: RawClient }> {
  const [holder, reader] = [await openRawClient(bench), await openRawClient(bench)]
  await ask(holder, 'BEGIN', 'SELECT id FROM public.gate FOR UPDATE')
  await ask(reader, 'SET search_path = scratch, public', READ)
  reader.say(query('SELECT id FROM public.gate FOR UPDATE'), query(READ))
  await until('the reader waits for the row', async () => {
    const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return (await bench.server.adminQuery(waiting)).length > 0
  })
  return { holder, reader }
}

const TAKEN = {
  dropped: 'DROP TABLE scratch.secrets',
  renamed: 'ALTER TABLE scratch.secrets RENAME TO other',
}

for (const [how, text] of Object.entries(TAKEN)) {
  test(`a table that hides another is not ${how} while it is asked for`, { skip }, async () => {
    const owner = await openRawClient(bench)
    await ask(owner, MAKE)
    const { holder, reader } = await queued()
    assert.equal(code(await ask(owner, text)), 'SQL_UNRESOLVED')
    await ask(holder, 'COMMIT')
    const told = (await reader.hear(2)).map(({ body }) => body).join('\n')
    assert.equal(findCanary(told), undefined)
    assert.equal(code(await ask(owner, text)), undefined)
    assert.equal(code(await ask(reader, READ)), 'POLICY_NO_MATCH')
    if (how === 'renamed') await ask(owner, 'DROP TABLE scratch.other')
    for (const client of [owner, holder, reader]) client.destroy()
  })
}

test('nor is it asked for until the transaction that drops it is over', { skip }, async () => {
  const [owner, reader] = [await openRawClient(bench), await openRawClient(bench)]
  await ask(owner, MAKE)
  await ask(reader, 'SET search_path = scratch, public', READ)
  await ask(owner, 'BEGIN', TAKEN.dropped)
  assert.equal(code(await ask(reader, READ)), 'SQL_UNRESOLVED')
  await ask(owner, 'COMMIT')
  assert.equal(code(await ask(reader, READ)), 'POLICY_NO_MATCH')
  for (const client of [owner, reader]) client.destroy()
})

test('a session that leaves with a DROP under way is heard of', { skip }, async () => {
  const [owner, reader] = [await openRawClient(bench), await openRawClient(bench)]
  await ask(owner, MAKE)
  await ask(reader, 'SET search_path = scratch, public', READ)
  owner.say(query(TAKEN.dropped))
  owner.destroy()
  await until('it is known what the session left behind', async () => {
    const told = await ask(reader, READ)
    assert.equal(findCanary(told), undefined)
    return code(told) !== 'SQL_UNRESOLVED'
  })
  reader.destroy()
})

/** How a session can go while it has taken a name away, or has it under way. */
const LEAVES: Readonly<Record<string, (owner: RawClient) => Promise<void>>> = {
  'in the transaction that drops it': async (owner) => {
    await ask(owner, 'BEGIN', TAKEN.dropped)
    owner.destroy()
  },
  'with its target': async (owner) => {
    await ask(owner, 'BEGIN', TAKEN.dropped)
    await bench.server.adminQuery(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'`,
    )
    await owner.closed()
  },
  'with a batch that is not ended': async (owner) => {
    await ask(owner, 'BEGIN')
    owner.say(parse('', TAKEN.dropped), bind('', '', []), execute(''))
    owner.say(message(0x48))
    await owner.hearUntil('C')
    owner.destroy()
  },
}

for (const [how, leave] of Object.entries(LEAVES)) {
  test(`a session that goes ${how} keeps no name from others`, { skip }, async () => {
    const [owner, reader] = [await openRawClient(bench), await openRawClient(bench)]
    await ask(owner, 'DROP TABLE IF EXISTS scratch.secrets')
    await ask(owner, MAKE)
    await ask(reader, 'SET search_path = scratch, public', READ)
    await leave(owner)
    await until('the name is everybody’s again', async () => {
      const told = await ask(reader, READ)
      assert.equal(findCanary(told), undefined)
      return code(told) === undefined
    })
    await ask(reader, TAKEN.dropped)
    reader.destroy()
  })
}
