import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  bind,
  close,
  describe,
  execute,
  FLUSH,
  parse,
  SYNC,
  TERMINATE,
} from '../../src/protocol/postgres/messages/message.ts'
import { int16, int32, message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Heard, RawClient } from '../support/raw-client.ts'
import { openRawClient, sendCancel, shown } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const skip = noPostgres()
const CANARY = 'canary@example.com'

const SCHEMA = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text);
  INSERT INTO customers VALUES (1, 'Ada', '${CANARY}'), (2, 'Bo', '${CANARY}');
  CREATE TABLE numbers (n int PRIMARY KEY, t text);
  INSERT INTO numbers SELECT n, 'x' FROM generate_series(1, 50) n;
  CREATE TABLE big (t text);
  INSERT INTO big SELECT string_agg(md5(n::text), '') FROM generate_series(1, 300000) n;
  GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway;
`

const POLICY = `
name: attack
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.**] }
    mask: [{ columns: [sales.public.customers.email], with: email }]
  - id: few
    allow: { actions: [sql.select], objects: [sales.public.numbers] }
    maxRows: 10
  - id: write
    allow: { actions: [sql.insert], objects: [sales.public.numbers] }
  - id: hold
    hold: { actions: [sql.delete], objects: [sales.public.numbers] }
    approvers: { groups: ['{dba}'] }
    expires: 3s
  - id: large-objects
    allow: { actions: [sql.execute], objects: [sales.pg_catalog.lo_creat] }
  - id: no-ddl
    deny: { actions: [sql.ddl.*] }
`

const query = (text: string) => message(0x51, text)
const some = (portal: string, rows: number) => message(0x45, portal, int32(rows))
const EMAIL = 'SELECT email FROM customers ORDER BY id'
const NAME = 'SELECT name FROM customers ORDER BY id'

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'attack.yaml': POLICY },
    schema: SCHEMA,
    config:
      'limits: { drainTimeout: 1s, statementBytesMax: 100KiB, handshakeTimeout: 3s, sessionsPerAgentMax: 300 }',
    postgres: { settings: { max_connections: '300' } },
  })
})
after(() => bench?.stop())

/** Says everything at once and hears `ready` ReadyForQuerys; no canary may come. */
async function talk(client: RawClient, ready: number, ...messages: Buffer[]): Promise<Heard[]> {
  client.say(...messages)
  const heard = await client.hear(ready)
  assert.ok(!JSON.stringify(heard).includes('canary'), 'a masked value came through')
  return heard
}

function codes(heard: readonly Heard[]): string[] {
  return heard
    .filter(({ type }) => type === 'E')
    .map(({ body }) => /\0C([^\0]+)/.exec(body)?.[1] ?? '?')
}

const attacks: Readonly<Record<string, (client: RawClient) => Promise<void>>> = {
  async 'a name that stands for another text in a later batch, after its Parse failed'(client) {
    await talk(client, 1, parse('s', EMAIL), SYNC)
    // s is taken, so this Parse fails on the target, and s is still the masked one.
    const heard = await talk(
      client,
      2,
      parse('s', NAME),
      SYNC,
      bind('', 's', []),
      execute(''),
      SYNC,
    )
    assert.equal(shown(heard), 'EZ2DDCZ')
  },
  async 'the same in one batch with the unnamed statement'(client) {
    await talk(client, 1, parse('', NAME), SYNC)
    const heard = await talk(
      client,
      3,
      parse('', 'SELECT 1/0 FROM'),
      SYNC,
      bind('', '', []),
      execute(''),
      SYNC,
      parse('', EMAIL),
      bind('', '', []),
      execute(''),
      SYNC,
    )
    assert.deepEqual(codes(heard).length >= 1, true)
  },
  async 'an uncertain name in a batch that is not ended yet is waited for, not for ever'(client) {
    await talk(client, 1, parse('s', NAME), SYNC)
    client.say(close('statement', 's'), parse('s', EMAIL), SYNC)
    const heard = await talk(
      client,
      2,
      parse('x', 'SELECT 1'),
      bind('', 's', []),
      execute(''),
      SYNC,
    )
    assert.equal(shown(heard), '31Z12DDCZ')
  },
  async 'close, prepare and bind again in one batch'(client) {
    await talk(client, 1, parse('s', NAME), SYNC)
    const heard = await talk(
      client,
      1,
      close('statement', 's'),
      parse('s', EMAIL),
      bind('', 's', []),
      execute(''),
      SYNC,
    )
    assert.equal(shown(heard), '312DDCZ')
  },
  async 'SQL prepares over a protocol name and back'(client) {
    await talk(client, 1, query(`PREPARE p AS ${NAME}`))
    await talk(client, 1, query('DEALLOCATE p'))
    await talk(client, 1, parse('p', EMAIL), SYNC)
    const heard = await talk(client, 1, query('EXECUTE p'))
    assert.equal(shown(heard), 'TDDCZ')
  },
  async 'a portal that a cursor of the same name hides'(client) {
    await talk(client, 1, query('BEGIN'))
    await talk(client, 1, query(`DECLARE c CURSOR FOR ${NAME}`))
    await talk(client, 1, query('CLOSE c'))
    await talk(client, 1, parse('', EMAIL), bind('c', '', []), SYNC)
    const heard = await talk(client, 1, query('FETCH ALL FROM c'))
    assert.equal(shown(heard), 'TDDCZ')
    await talk(client, 1, query('COMMIT'))
  },
  async 'portals in pieces keep their mask and end with their transaction'(client) {
    await talk(client, 1, query('BEGIN'))
    await talk(client, 1, parse('', EMAIL), bind('p', '', []), some('p', 1), SYNC)
    assert.equal(shown(await talk(client, 1, some('p', 1), SYNC)), 'DsZ')
    await talk(client, 1, query('COMMIT'))
    assert.deepEqual(codes(await talk(client, 1, execute('p'), SYNC)), ['34000'])
  },
  async 'a denial in the middle of a pipeline skips what follows it, and no more'(client) {
    const heard = await talk(
      client,
      2,
      parse('', 'INSERT INTO numbers VALUES (900)'),
      bind('', '', []),
      execute(''),
      parse('', 'DROP TABLE numbers'),
      bind('', '', []),
      execute(''),
      SYNC,
      parse('', 'SELECT count(*) FROM numbers WHERE n = 900'),
      bind('', '', []),
      execute(''),
      SYNC,
    )
    assert.equal(shown(heard), '12CEZ12DCZ')
    assert.ok(
      heard.some(({ type, body }) => type === 'D' && body.endsWith('0')),
      'rolled back',
    )
  },
  async 'nothing of a text with a denied statement in it runs'(client) {
    const heard = await talk(
      client,
      1,
      query('INSERT INTO numbers VALUES (901); DROP TABLE numbers'),
    )
    assert.equal(shown(heard), 'EZ')
    const rows = await bench.server.adminQuery('SELECT 1 FROM numbers WHERE n = 901')
    assert.equal(rows.length, 0)
  },
  async 'ROLLBACK TO works after a denial'(client) {
    await talk(client, 1, query('BEGIN'))
    await talk(client, 1, query('INSERT INTO numbers VALUES (902)'))
    await talk(client, 1, query('SAVEPOINT s'))
    await talk(client, 1, query('DROP TABLE numbers'))
    await talk(client, 1, query('ROLLBACK TO s'))
    const heard = await talk(client, 1, query('SELECT n FROM numbers WHERE n = 902'))
    assert.equal(shown(heard), 'TDCZ')
    await talk(client, 1, query('ROLLBACK'))
  },
  async 'a query in a failed batch is ignored until Sync, as the server does'(client) {
    const heard = await talk(client, 1, parse('', 'SELECT nonsense from'), query('SELECT 1'), SYNC)
    assert.equal(shown(heard), 'EZ')
    assert.equal(shown(await talk(client, 1, query('SELECT 1'))), 'TDCZ')
  },
  async 'two Syncs, and Flush without Sync'(client) {
    assert.equal(shown(await talk(client, 2, SYNC, SYNC)), 'ZZ')
    client.say(parse('', 'SELECT 1'), describe('statement', ''), FLUSH)
    assert.equal(shown(await client.hearUntil('T')), '1tT')
    client.say(bind('', '', []), execute(''), FLUSH)
    assert.equal(shown(await client.hearUntil('C')), '2DC')
    assert.equal(shown(await talk(client, 1, SYNC)), 'Z')
  },
  async 'COPY in: Sync and Flush are ignored, a wrong row fails it, the rest is dropped'(client) {
    client.say(query('COPY numbers (n) FROM STDIN'))
    await client.hearUntil('G')
    const data = (text: string) => message(0x64, Buffer.from(text))
    const heard = await talk(
      client,
      1,
      data('1000\n'),
      SYNC,
      FLUSH,
      data('no number\n'),
      data('1\n'),
      message(0x63),
    )
    assert.equal(shown(heard), 'EZ')
    assert.equal(shown(await talk(client, 1, query('SELECT 1'))), 'TDCZ')
  },
  async 'COPY in by the extended protocol, with the Sync already sent'(client) {
    client.say(parse('', 'COPY numbers (n) FROM STDIN'), bind('', '', []), execute(''), SYNC)
    await client.hearUntil('G')
    const data = message(0x64, Buffer.from('1001\n'))
    const heard = await talk(client, 1, data, message(0x63), SYNC)
    assert.equal(shown(heard), 'CZ')
    await bench.server.adminQuery('DELETE FROM numbers WHERE n > 50')
  },
  async 'a Query during COPY ends the session'(client) {
    client.say(query('COPY numbers (n) FROM STDIN'))
    await client.hearUntil('G')
    client.say(query('SELECT 1'))
    assert.deepEqual(codes(await client.closed()), ['08P01'])
  },
  async 'a row limit in the middle of a batch fails the rest of it'(client) {
    const heard = await talk(
      client,
      2,
      parse('', 'SELECT n FROM numbers'),
      bind('', '', []),
      execute(''),
      parse('', 'INSERT INTO numbers VALUES (903)'),
      bind('', '', []),
      execute(''),
      SYNC,
      query('SELECT count(*) FROM numbers WHERE n = 903'),
    )
    assert.deepEqual(codes(heard), ['54000'])
    assert.ok(heard.some(({ type, body }) => type === 'D' && body.endsWith('0')))
  },
  async 'a row limit that the last message of a batch meets'(client) {
    const heard = await talk(
      client,
      1,
      parse('', 'SELECT n FROM numbers'),
      bind('', '', []),
      execute(''),
      SYNC,
    )
    assert.equal(shown(heard), '12DDDDDDDDDDEZ')
    assert.equal(shown(await talk(client, 1, query('SELECT 1'))), 'TDCZ')
  },
  async 'a held statement that the client cancels is withdrawn'(client) {
    client.say(query('DELETE FROM numbers WHERE n = 1'))
    await client.hearUntil('N')
    await sendCancel(bench, client.key)
    assert.deepEqual(codes(await client.hear()), ['57014'])
    assert.equal(shown(await talk(client, 1, query('SELECT 1'))), 'TDCZ')
  },
  async 'a hold that nobody answers expires, and the pipeline goes on'(client) {
    const heard = await talk(client, 2, query('DELETE FROM numbers WHERE n = 2'), query('SELECT 1'))
    assert.equal(shown(heard), 'EZTDCZ')
    assert.match(heard.map(({ body }) => body).join(), /APPROVAL_EXPIRED/)
  },
  async 'an approval is good once: the same statement asks again'(client) {
    for (let round = 0; round < 2; round++) {
      client.say(query('DELETE FROM numbers WHERE n = 3'))
      const [notice] = (await client.hearUntil('N')).slice(-1)
      const id = /approval ([0-9a-f-]{36})/.exec(notice!.body)![1]!
      await bench.chaperone('approver', 'approvals', 'approve', id, '--yes')
      assert.equal(shown(await client.hear()), 'CZ')
    }
  },
  async 'a cancel with a wrong secret does nothing; the right one cancels'(client) {
    client.say(query('SELECT count(*) FROM generate_series(1, 500000000)'))
    await delay(50)
    await sendCancel(bench, { pid: client.key.pid, secret: client.key.secret ^ 1 })
    await delay(50)
    await sendCancel(bench, client.key)
    assert.deepEqual(codes(await client.hear()), ['57014'])
  },
  async 'a statement over the bound is refused, and the connection stays'(client) {
    const long = `SELECT '${'x'.repeat(200_000)}'`
    assert.match(JSON.stringify(await talk(client, 1, query(long))), /SQL_TOO_LARGE/)
    assert.equal(shown(await talk(client, 1, parse('', long), bind('', '', []), SYNC)), 'EZ')
    assert.equal(shown(await talk(client, 1, query('SELECT 1'))), 'TDCZ')
  },
  async 'a large row passes whole'(client) {
    const heard = await talk(client, 1, query('SELECT t FROM big'))
    assert.equal(heard.find(({ type }) => type === 'D')?.body.length, 300_000 * 32 + 6)
  },
  async 'hundreds of messages in one segment'(client) {
    const many = Array.from({ length: 200 }, () => [
      parse('', 'SELECT email FROM customers WHERE id = 1'),
      bind('', '', []),
      execute(''),
      SYNC,
    ]).flat()
    const heard = await talk(client, 200, ...many)
    assert.equal(shown(heard), '12DCZ'.repeat(200))
  },
  async 'one byte at a time'(client) {
    const bytes = Buffer.concat([parse('', EMAIL), bind('', '', []), execute(''), SYNC])
    for (const byte of bytes) client.socket.write(Buffer.from([byte]))
    assert.equal(shown(await client.hear()), '12DDCZ')
  },
  async 'what the session did not make does not exist'(client) {
    assert.deepEqual(codes(await talk(client, 1, bind('', 'chaperone catalog', []), SYNC)), [
      '26000',
    ])
    assert.deepEqual(codes(await talk(client, 1, execute('refused by chaperone'), SYNC)), ['34000'])
  },
  async 'a function called by number needs a rule like any other'(client) {
    const call = (oid: number) =>
      message(0x46, int32(oid), int16(0), int16(1), int32(1), Buffer.from('1'), int16(0))
    assert.equal(shown(await talk(client, 1, call(957))), 'VZ')
    assert.match(JSON.stringify(await talk(client, 1, call(964))), /sql.execute.*lo_unlink/)
    assert.match(JSON.stringify(await talk(client, 1, call(1598))), /POLICY_NO_MATCH/)
    assert.equal(shown(await talk(client, 1, query('SELECT 1'))), 'TDCZ')
  },
  async 'changing how text is read is refused in every spelling'(client) {
    for (const text of [
      "SET client_encoding = 'SJIS'",
      "SET NAMES 'LATIN1'",
      "SELECT set_config('client_encoding', 'SJIS', false)",
      "SELECT pg_catalog.set_config('client' || '_encoding', 'SJIS', false)",
      'SET standard_conforming_strings = off',
      'RESET ALL; SET LOCAL standard_conforming_strings TO off',
    ]) {
      assert.equal(shown(await talk(client, 1, query(text))), 'EZ', text)
    }
  },
}

for (const [name, play] of Object.entries(attacks)) {
  test(name, { skip }, async () => {
    const client = await openRawClient(bench)
    await play(client)
    client.destroy()
  })
}

for (const [name, bytes] of [
  ['an impossible length', Buffer.from([0x51, 0, 0, 0, 0])],
  ['a negative length', Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff])],
  ['an unknown type', Buffer.from([0x7f, 0, 0, 0, 4])],
  ['a password out of place', message(0x70, 'again')],
  ['bytes after the end of a body', message(0x51, 'SELECT 1', 'SELECT 2')],
  ['a text without an end', message(0x51, Buffer.from('SELECT 1'))],
  ['text that is no UTF-8', message(0x51, Buffer.from([0x53, 0xff, 0xfe, 0]))],
  ['a small message that is large', message(0x45, 'p'.repeat(20_000), int32(0))],
] as const) {
  test(`${name} ends the session with a code`, { skip }, async () => {
    const client = await openRawClient(bench)
    client.say(bytes)
    const heard = await client.closed()
    assert.equal(codes(heard).length, 1)
    assert.match(heard.at(-1)!.body, /FATAL/)
  })
}

test('a client that goes takes its backend with it', { skip }, async () => {
  const backends = async () =>
    (
      await bench.server.adminQuery(
        "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'chaperone:%'",
      )
    ).length
  const busy = await openRawClient(bench)
  busy.say(query('SELECT count(*) FROM generate_series(1, 500000000)'))
  const idle = await openRawClient(bench)
  const polite = await openRawClient(bench)
  await delay(50)
  busy.destroy()
  idle.destroy()
  polite.say(TERMINATE, query('SELECT 1'))
  for (let tries = 0; (await backends()) > 0; tries++) {
    assert.ok(tries < 200, 'backends are left behind')
    await delay(25)
  }
})

test('a hundred and twenty sessions at once, each with its own answers', { skip }, async () => {
  const clients = await Promise.all(Array.from({ length: 120 }, () => openRawClient(bench)))
  await Promise.all(
    clients.map(async (client, index) => {
      const heard = await talk(
        client,
        1,
        query(`SELECT ${index}, email FROM customers WHERE id = 1`),
      )
      assert.ok(heard.some(({ type, body }) => type === 'D' && body.includes(String(index))))
      client.destroy()
    }),
  )
})

test('a client that reads nothing harms only itself', { skip }, async () => {
  const deaf = await openRawClient(bench)
  deaf.socket.pause()
  deaf.say(query("SELECT repeat('x', 1000) FROM generate_series(1, 2000000)"))
  await delay(300)
  const before_bytes = process.memoryUsage().rss
  const other = await openRawClient(bench)
  for (let round = 0; round < 50; round++) {
    assert.equal(shown(await talk(other, 1, query('SELECT 1'))), 'TDCZ')
  }
  await delay(300)
  const grown_MiB = (process.memoryUsage().rss - before_bytes) / 2 ** 20
  assert.ok(grown_MiB < 200, `the gateway grew by ${grown_MiB} MiB for one that does not read`)
  deaf.destroy()
  other.destroy()
})

test(
  'a client that dawdles over its start-up is cut off, and others come in',
  { skip },
  async () => {
    const slow = connect(bench.gateway.postgresPort, '127.0.0.1')
    const closed = once(slow, 'close')
    slow.on('error', () => {})
    slow.resume()
    const drip = setInterval(() => slow.write(Buffer.from([0])), 200)
    const other = await openRawClient(bench)
    other.destroy()
    await closed
    clearInterval(drip)
  },
)
