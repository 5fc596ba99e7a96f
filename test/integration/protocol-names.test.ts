import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  bind,
  describe,
  execute,
  FLUSH,
  parse,
  SYNC,
} from '../../src/protocol/postgres/messages/message.ts'
import { int32, message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Heard, RawClient } from '../support/raw-client.ts'
import { openRawClient, shown } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/**
 * What a name stands for decides what is masked. Here names change while statements that use them
 * are already on their way, and transactions end that had changed them.
 */
const skip = noPostgres()

const SCHEMA = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text);
  INSERT INTO customers VALUES (1, 'Ada', 'canary@example.com'), (2, 'Bo', 'canary@example.com');
  CREATE SCHEMA b;
  CREATE TABLE b.customers (id int PRIMARY KEY, name text, email text);
  INSERT INTO b.customers VALUES (1, 'Eve', 'plain');
  GRANT USAGE ON SCHEMA b TO gateway;
  GRANT ALL ON ALL TABLES IN SCHEMA public, b TO gateway;
`

const POLICY = `
name: names
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*, sales.b.*] }
    mask: [{ columns: [sales.public.customers.email], with: email }]
`

/** Masked in public, not in b; as an expression, so that the target's description tells no column. */
const EMAILS = 'SELECT lower(email) AS name FROM customers ORDER BY id'
const NAMES = 'SELECT lower(name) AS name FROM customers ORDER BY id'

const query = (text: string) => message(0x51, text)
const run = (text: string) => [parse('', text), bind('', '', []), execute('')]
const some = (portal: string, rows: number) => message(0x45, portal, int32(rows))

let bench: Bench
before(async () => {
  if (skip === false) {
    bench = await startBench({ policies: { 'names.yaml': POLICY }, schema: SCHEMA })
  }
})
after(() => bench?.stop())

async function talk(client: RawClient, ready: number, ...messages: Buffer[]): Promise<Heard[]> {
  client.say(...messages)
  return client.hear(ready)
}

/** Each text as a Query of its own, answered before the next is sent. */
async function say(client: RawClient, ...texts: string[]): Promise<Heard[]> {
  const heard: Heard[] = []
  for (const text of texts) heard.push(...(await talk(client, 1, query(text))))
  return heard
}

const plays: Readonly<Record<string, (client: RawClient) => Promise<Heard[]>>> = {
  async 'search_path changes in a Query that is already behind'(client) {
    await say(client, 'SET search_path = b', EMAILS)
    return talk(client, 2, query('SET search_path = public'), query(EMAILS))
  },
  async 'search_path changes in the same batch'(client) {
    await say(client, 'SET search_path = b', EMAILS)
    return talk(client, 1, ...run('SET search_path = public'), ...run(EMAILS), SYNC)
  },
  async 'search_path changes before a Bind of what was parsed under the old one'(client) {
    await say(client, 'SET search_path = b')
    await talk(client, 1, parse('s', EMAILS), SYNC)
    const bound = [bind('', 's', []), execute('')]
    return talk(client, 1, ...run('SET search_path = public'), ...bound, SYNC)
  },
  async 'SET LOCAL ends with a batch that had no BEGIN'(client) {
    await talk(client, 1, ...run('SET LOCAL search_path = b'), ...run(EMAILS), SYNC)
    return say(client, EMAILS)
  },
  async 'SET LOCAL ends with a batch, and the next one is behind'(client) {
    const local = [...run('SET LOCAL search_path = b'), ...run(EMAILS), SYNC]
    const heard = await talk(client, 2, ...local, ...run(EMAILS), SYNC)
    return heard.slice(heard.findIndex(({ type }) => type === 'Z'))
  },
  async 'SET LOCAL ends with a COMMIT in the middle of a batch'(client) {
    const local = ['BEGIN', 'SET LOCAL search_path = b', EMAILS, 'COMMIT'].flatMap(run)
    const heard = await talk(client, 1, ...local, ...run(EMAILS), SYNC)
    return heard.slice(heard.findIndex(({ body }) => body.startsWith('COMMIT')))
  },
  async 'SET LOCAL ends with COMMIT'(client) {
    await say(client, 'BEGIN', 'SET LOCAL search_path = b', EMAILS, 'COMMIT')
    return say(client, EMAILS)
  },
  async 'set_config ends with COMMIT'(client) {
    await say(client, 'BEGIN', "SELECT set_config('search_path', 'b', true)", EMAILS, 'COMMIT')
    return say(client, EMAILS)
  },
  async 'an error undoes SET in a batch'(client) {
    client.say(...run('SET search_path = b'), ...run(EMAILS), FLUSH)
    await client.hearUntil('D')
    await talk(client, 1, ...run('SELECT 1/0'), SYNC)
    return say(client, EMAILS)
  },
  async 'a COMMIT that rolls back undoes SET'(client) {
    await say(client, 'BEGIN', 'SET search_path = b', EMAILS, 'SELECT 1/0', 'COMMIT')
    return say(client, EMAILS)
  },
  async 'a denial undoes SET'(client) {
    await say(client, 'BEGIN', 'SET search_path = b', EMAILS, 'DROP TABLE customers', 'COMMIT')
    return say(client, EMAILS)
  },
  async 'ROLLBACK TO undoes SET'(client) {
    await say(client, 'BEGIN', 'SAVEPOINT a', 'SET search_path = b', EMAILS)
    return talk(client, 2, query('ROLLBACK TO a'), query(EMAILS))
  },
  async 'a portal that is not read to its end has set the search path'(client) {
    await say(client, 'BEGIN', 'SET search_path = b', EMAILS)
    const sets = parse(
      '',
      "SELECT set_config('search_path', p, false) FROM unnest(ARRAY['public', 'b']) p",
    )
    assert.equal(shown(await talk(client, 1, sets, bind('p', '', []), some('p', 1), SYNC)), '12DsZ')
    return say(client, EMAILS)
  },
  async 'a cursor that is read has set the search path'(client) {
    const sets = "DECLARE c CURSOR FOR SELECT set_config('search_path', 'public', false)"
    await say(client, 'BEGIN', 'SET search_path = b', sets, EMAILS, 'FETCH c')
    return say(client, EMAILS)
  },
  async 'PREPARE over a name, pipelined'(client) {
    await say(client, `PREPARE p AS ${NAMES}`)
    const texts = ['DEALLOCATE p', `PREPARE p AS ${EMAILS}`, 'EXECUTE p']
    return talk(client, 3, ...texts.map(query))
  },
  async 'PREPARE over a name, and Bind in the same batch'(client) {
    await say(client, `PREPARE p AS ${NAMES}`)
    const again = ['DEALLOCATE p', `PREPARE p AS ${EMAILS}`].flatMap(run)
    return talk(client, 1, ...again, bind('', 'p', []), execute(''), SYNC)
  },
  async 'DECLARE over a name, pipelined'(client) {
    await say(client, 'BEGIN', `DECLARE c CURSOR FOR ${NAMES}`)
    const texts = ['CLOSE c', `DECLARE c CURSOR FOR ${EMAILS}`, 'FETCH ALL FROM c']
    return talk(client, 3, ...texts.map(query))
  },
  async 'two statements of one text that are described alike'(client) {
    const heard = await say(client, `${NAMES}; ${EMAILS}`)
    return heard.slice(heard.findIndex(({ type }) => type === 'C'))
  },
  async 'a portal that was bound before the policy came'(client) {
    await say(client, 'BEGIN')
    await talk(client, 1, parse('', NAMES), bind('p', '', []), some('p', 1), SYNC)
    await bench.setPolicy('names.yaml', POLICY.replace('customers.email', 'customers.*'))
    const next = await openRawClient(bench)
    while ((await say(next, NAMES)).some(({ body }) => body.includes('ada')));
    next.destroy()
    const heard = await talk(client, 1, some('p', 1), SYNC)
    await bench.setPolicy('names.yaml', POLICY)
    return heard
  },
}

for (const [name, play] of Object.entries(plays)) {
  test(name, { skip }, async () => {
    const client = await openRawClient(bench)
    const heard = await play(client)
    assert.match(shown(heard), /D/, 'there is something to be masked')
    for (const { type, body } of heard) {
      if (type === 'D') assert.doesNotMatch(body, /canary|plain|ada|bo|eve/)
    }
    client.destroy()
  })
}

test('a portal that a cursor took the place of is not read as what it was', { skip }, async () => {
  const client = await openRawClient(bench)
  await say(client, 'BEGIN')
  await talk(client, 1, parse('', NAMES), bind('p', '', []), some('p', 1), SYNC)
  const again = ['CLOSE p', `DECLARE p CURSOR FOR ${EMAILS}`].flatMap(run)
  assert.equal(shown(await talk(client, 1, ...again, execute('p'), SYNC)), '12C12CEZ')
  client.destroy()
})

test('sessions from before and after ALTER ROLE … SET search_path', { skip }, async () => {
  const before = await openRawClient(bench)
  const old = await say(before, EMAILS)
  await bench.server.adminQuery('ALTER ROLE gateway SET search_path = b')
  const after = await openRawClient(bench)
  const rows = (heard: Heard[]) => heard.filter(({ type }) => type === 'D').map(({ body }) => body)
  assert.match(rows(await say(after, EMAILS)).join(), /plain/)
  await bench.server.adminQuery('ALTER ROLE gateway RESET search_path')
  assert.deepEqual(rows(await say(before, EMAILS)), rows(old))
  const last = await openRawClient(bench)
  assert.doesNotMatch(rows(await say(last, EMAILS)).join(), /canary/)
  for (const client of [before, after, last]) client.destroy()
})

/** How a transaction ends in which a portal is open, from where it was opened. */
const ENDS: Readonly<Record<string, (client: RawClient) => Promise<unknown>>> = {
  commit: (client) => say(client, 'COMMIT'),
  rollback: (client) => say(client, 'ROLLBACK'),
  'commit in a batch': (client) => talk(client, 1, ...run('COMMIT'), SYNC),
  'an error and a commit': (client) => say(client, 'SELECT 1/0', 'COMMIT'),
}

for (const [how, end] of Object.entries(ENDS)) {
  test(
    `a portal ends with its transaction, by ${how}: its name stands for nothing`,
    { skip },
    async () => {
      const client = await openRawClient(bench)
      await say(client, 'BEGIN')
      await talk(client, 1, parse('', NAMES), bind('p', '', []), some('p', 1), SYNC)
      await end(client)
      for (const asked of [execute('p'), describe('portal', 'p')]) {
        const heard = await talk(client, 1, asked, SYNC)
        assert.equal(shown(heard), 'EZ')
        // The gateway says so itself, since it passes no name on that it does not know; the
        // target's words would name a source file.
        assert.match(heard[0]!.body, /C34000\0/)
        assert.doesNotMatch(heard[0]!.body, /\0F\w+\.c\0/)
      }
      client.destroy()
    },
  )
}
