import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { int32, message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Heard, RawClient } from '../support/raw-client.ts'
import { openRawClient, shown } from '../support/raw-client.ts'
import { recordedText } from '../support/recorded.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/** How statements, batches, COPY and connections end: both sides have to agree on it. */
const skip = noPostgres()

const SCHEMA = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text);
  INSERT INTO customers VALUES (1, 'Ada', 'canary@example.com'), (2, 'Bo', 'canary@example.com');
  CREATE TABLE numbers (n int PRIMARY KEY);
  INSERT INTO numbers SELECT generate_series(1, 50);
  CREATE TABLE ten (n int);
  INSERT INTO ten SELECT generate_series(1, 10);
  CREATE TABLE notes (n int PRIMARY KEY);
  CREATE FUNCTION loud() RETURNS int LANGUAGE plpgsql AS
    $$ BEGIN RAISE NOTICE '%', (SELECT email FROM customers LIMIT 1); RETURN 1; END $$;
  GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway;
`

const POLICY = `
name: ends
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [sql.select, sql.execute], objects: [sales.public.**] }
    mask: [{ columns: [sales.public.customers.email], with: email }]
  - id: few
    allow: { actions: [sql.select], objects: [sales.public.numbers, sales.public.ten] }
    maxRows: 10
  - id: write
    allow: { actions: [sql.insert], objects: [sales.public.notes] }
  - id: talk
    allow: { actions: [sql.listen, sql.notify], objects: [sales.**] }
  - id: hold
    hold: { actions: [sql.delete], objects: [sales.public.notes] }
    approvers: { groups: ['{dba}'] }
    expires: 1s
  - id: no-ddl
    deny: { actions: [sql.ddl.*] }
`

const query = (text: string) => message(0x51, text)
const run = (text: string) => [parse('', text), bind('', '', []), execute('')]
const some = (portal: string, rows: number) => message(0x45, portal, int32(rows))
const data = (text: string) => message(0x64, Buffer.from(text))
const COPY_DONE = message(0x63)
const NAMES_MAX = 100
const FOREVER = 'SELECT count(*) FROM generate_series(1, 500000000)'
const BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'chaperone:%'"

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'ends.yaml': POLICY },
    schema: SCHEMA,
    config: `limits: { drainTimeout: 2s, preparedStatementsPerSessionMax: ${NAMES_MAX} }`,
  })
})
after(() => bench?.stop())

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

function statuses(heard: readonly Heard[]): string {
  return heard.map(({ type, body }) => (type === 'Z' ? body : '')).join('')
}

function tags(heard: readonly Heard[]): string[] {
  return heard.filter(({ type }) => type === 'C').map(({ body }) => body.replace('\0', ''))
}

/** How many rows of this number the database holds. */
async function noted(n: number): Promise<number> {
  return (await bench.server.adminQuery(`SELECT 1 FROM notes WHERE n = ${n}`)).length
}

/** The connection is as good as new. */
async function stillUsable(client: RawClient): Promise<void> {
  assert.equal(shown(await talk(client, 1, query('SELECT 1'))), 'TDCZ')
}

/** Puts a policy in force: a DELETE is then answered at first by a message of this type. */
async function policyUntil(text: string, answer: 'E' | 'N'): Promise<void> {
  await bench.setPolicy('ends.yaml', text)
  await until('the policy is in force', async () => {
    const client = await openRawClient(bench)
    client.say(query('DELETE FROM notes WHERE n = 79'))
    const heard = await client.hearUntil('E')
    client.destroy()
    return heard.some(({ type }) => type === 'N') === (answer === 'N')
  })
}

const plays: Readonly<Record<string, (client: RawClient) => Promise<void>>> = {
  async 'COPY in by the extended protocol fails in the middle, and Sync ends it'(client) {
    client.say(...run('COPY notes FROM STDIN'))
    await client.hearUntil('G')
    client.say(data('no number\n'))
    await client.hearUntil('E')
    assert.equal(shown(await talk(client, 1, data('1\n'), SYNC)), 'Z')
  },
  async 'COPY in by the extended protocol fails, and the client sends all of it'(client) {
    client.say(...run('COPY notes FROM STDIN'))
    await client.hearUntil('G')
    const rest = [data('no number\n'), data('1\n'), COPY_DONE, SYNC]
    assert.deepEqual(codes(await talk(client, 1, ...rest)), ['22P02'])
  },
  async 'COPY in is taken back by the client'(client) {
    client.say(query('COPY notes FROM STDIN'))
    await client.hearUntil('G')
    assert.deepEqual(codes(await talk(client, 1, data('5\n'), message(0x66, 'no'))), ['57014'])
    assert.equal(await noted(5), 0)
  },
  async 'what is held is denied by new policies, and something else is held then'(client) {
    const held = query('DELETE FROM notes WHERE n = 77')
    client.say(held)
    await client.hearUntil('N')
    await policyUntil(POLICY.replace('deny: { actions: [', 'deny: { actions: [sql.delete, '), 'E')
    assert.deepEqual(codes(await client.hear()), ['42501'])
    await policyUntil(POLICY, 'N')
    const heard = await talk(client, 1, query('DELETE FROM notes WHERE n = 78'))
    assert.match(JSON.stringify(heard), /APPROVAL_EXPIRED/)
  },
  async 'a denied Query in a batch that fails is ignored with the rest of it'(client) {
    await talk(client, 1, parse('s', 'SELECT 1'), SYNC)
    const failing = [parse('s', 'SELECT 2'), query('DROP TABLE notes')]
    const heard = await talk(client, 1, ...failing, ...run('INSERT INTO notes VALUES (10)'), SYNC)
    assert.deepEqual(codes(heard), ['42P05'])
    assert.equal(await noted(10), 0)
  },
  async 'a Query that is too large, in a batch that fails, is ignored as well'(client) {
    await talk(client, 1, parse('s', 'SELECT 1'), SYNC)
    const large = query(`SELECT '${'x'.repeat(2_000_000)}'`)
    const after = run('INSERT INTO notes VALUES (11)')
    const heard = await talk(client, 1, parse('s', 'SELECT 2'), large, ...after, SYNC)
    assert.deepEqual(codes(heard), ['42P05'])
    assert.equal(await noted(11), 0)
  },
  async 'a Query that is too large is refused by itself'(client) {
    const heard = await talk(client, 1, query(`SELECT '${'x'.repeat(2_000_000)}'`))
    assert.deepEqual(codes(heard), ['54000'])
  },
  async 'a denied Query in a batch that does not fail is its end'(client) {
    const heard = await talk(client, 2, ...run('SELECT 1'), query('DROP TABLE notes'), SYNC)
    assert.equal(shown(heard), '12DCEZZ')
  },
  async 'nothing comes behind an answer that was cut'(client) {
    const text = 'SELECT n FROM numbers; COPY customers TO STDOUT; SELECT 1'
    assert.equal(shown(await talk(client, 1, query(text))), `T${'D'.repeat(10)}EZ`)
  },
  async 'an answer that was cut before a COMMIT is not called an error'(client) {
    await talk(client, 2, query('BEGIN'), query('INSERT INTO notes VALUES (20)'))
    const heard = await talk(client, 1, query('SELECT n FROM numbers; COMMIT'))
    assert.deepEqual(tags(heard), ['SELECT 10', 'COMMIT'])
    assert.equal(await noted(20), 1)
  },
  async 'a portal in pieces that meets its row limit fails its transaction'(client) {
    await talk(client, 2, query('BEGIN'), query('INSERT INTO notes VALUES (21)'))
    await talk(client, 1, parse('', 'SELECT n FROM numbers'), bind('p', '', []), some('p', 8), SYNC)
    const heard = await talk(client, 1, some('p', 8), SYNC)
    assert.equal(shown(heard), 'DDEZ')
    assert.equal(statuses(heard), 'E')
    assert.deepEqual(codes(await talk(client, 1, some('p', 8), SYNC)).length, 1)
    assert.deepEqual(tags(await talk(client, 1, query('COMMIT'))), ['ROLLBACK'])
    assert.equal(await noted(21), 0)
  },
  async 'the tag of an INSERT tells what was written, whatever was sent'(client) {
    const many = 'INSERT INTO notes SELECT 100 + n FROM ten'
    await talk(client, 1, query(many))
    const heard = await talk(
      client,
      1,
      query(
        'INSERT INTO notes SELECT 200 + n + 10 * m FROM ten, (VALUES (0), (1)) v (m) RETURNING n; INSERT INTO notes VALUES (300)',
      ),
    )
    assert.deepEqual(tags(heard), ['INSERT 0 20', 'INSERT 0 1'])
  },
  async 'COPY out of as many rows as are allowed, with all that is around them'(client) {
    for (const options of ['', '(FORMAT csv, HEADER)', '(FORMAT binary)']) {
      const heard = await talk(client, 1, query(`COPY ten TO STDOUT ${options}`))
      assert.deepEqual(tags(heard), ['COPY 10'], options)
    }
  },
  async 'COPY out of more rows than that'(client) {
    const heard = await talk(client, 1, query('COPY numbers TO STDOUT'))
    assert.deepEqual(codes(heard), ['54000'])
    assert.equal(heard.filter(({ type }) => type === 'd').length, 10)
  },
  async 'what a function raises is told without what it read'(client) {
    assert.match(shown(await talk(client, 1, query('SELECT loud()'))), /CZ$/)
  },
  async 'notifications come while idle and behind an answer'(client) {
    await talk(client, 1, query('LISTEN news'))
    assert.equal(shown(await talk(client, 1, query("NOTIFY news, 'one'"))), 'CAZ')
    await bench.server.adminQuery("NOTIFY news, 'two'")
    assert.match((await client.hearUntil('A')).at(-1)!.body, /news\0two/)
  },
  async 'a notice of ours waits for the end of the row that is on its way'(client) {
    client.socket.pause()
    client.say(query("SELECT repeat('x', 20000000)"), query('DELETE FROM notes WHERE n = 1'))
    await delay(400)
    client.socket.resume()
    const heard = await client.hear(2)
    assert.equal(shown(heard), 'TDCZEZ')
    assert.equal(heard.find(({ type }) => type === 'D')!.body.length, 20_000_006)
    assert.match(JSON.stringify(heard), /APPROVAL_PENDING.*APPROVAL_EXPIRED/)
  },
  async 'a first row that is larger than what may be masked passes where nothing is'(client) {
    const heard = await talk(client, 1, query("SELECT repeat('x', 68000000)"))
    assert.equal(shown(heard), 'TDCZ')
  },
  async 'more questions at once than the target may owe'(client) {
    const syncs = Buffer.concat(Array.from({ length: 100_000 }, () => SYNC))
    assert.equal((await talk(client, 100_000, syncs)).length, 100_000)
    const parses = Buffer.concat(Array.from({ length: 9000 }, () => parse('', 'SELECT 1')))
    assert.equal((await talk(client, 1, parses, SYNC)).length, 9001)
  },
}

for (const [name, play] of Object.entries(plays)) {
  test(name, { skip }, async () => {
    const client = await openRawClient(bench)
    await play(client)
    await stillUsable(client)
    client.destroy()
  })
}

for (const [kind, name] of [
  ['prepared statements', (n: number) => parse(`s${n}`, 'SELECT 1')],
  ['portals', (n: number) => bind(`p${n}`, '', [])],
] as const) {
  test(`a session has a bound on its ${kind}`, { skip }, async () => {
    const client = await openRawClient(bench)
    await talk(client, 1, query('BEGIN'))
    client.say(parse('', 'SELECT 1'), ...Array.from({ length: NAMES_MAX + 1 }, (_, n) => name(n)))
    assert.deepEqual(codes(await client.closed()), ['53300'])
  })
}

/** What a client is in the middle of when one side goes. */
const phases: Readonly<Record<string, (client: RawClient) => Promise<unknown>>> = {
  idle: () => Promise.resolve(),
  'in a transaction': (client) => talk(client, 1, query('BEGIN')),
  'in a failed transaction': (client) => talk(client, 2, query('BEGIN'), query('DROP TABLE notes')),
  'in a batch': (client) => (client.say(parse('', 'SELECT 1')), Promise.resolve()),
  'with a portal half read': async (client) => {
    await talk(client, 1, query('BEGIN'))
    const portal = [parse('', 'SELECT n FROM numbers'), bind('p', '', []), some('p', 1)]
    await talk(client, 1, ...portal, SYNC)
  },
  busy: (client) => (client.say(query(FOREVER)), delay(50)),
  'in a COPY in': (client) => {
    client.say(query('COPY notes FROM STDIN'), data('900\n'))
    return client.hearUntil('G')
  },
  'in an answer that nobody reads': (client) => {
    client.socket.pause()
    client.say(query("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)"))
    return delay(100)
  },
  held: (client) => {
    client.say(query('DELETE FROM notes WHERE n = 900'))
    return client.hearUntil('N')
  },
}

async function untilNoBackend(): Promise<void> {
  for (let tries = 0; (await bench.server.adminQuery(BACKENDS)).length > 0; tries++) {
    assert.ok(tries < 200, 'a backend is left behind')
    await delay(25)
  }
}

for (const [phase, enter] of Object.entries(phases)) {
  test(`a client that vanishes ${phase} takes its backend with it`, { skip }, async () => {
    const client = await openRawClient(bench)
    await enter(client)
    client.destroy()
    await untilNoBackend()
    assert.equal(await noted(900), 0)
  })

  test(`a target that goes ${phase} is told of once, and for good`, { skip }, async () => {
    await untilNoBackend()
    const client = await openRawClient(bench)
    await enter(client)
    await bench.server.adminQuery(BACKENDS.replace('pid', 'pg_terminate_backend(pid)'))
    client.socket.resume()
    const heard = await client.closed()
    const last = heard.at(-1)
    if (phase !== 'in an answer that nobody reads') {
      assert.deepEqual(codes(heard), ['57P01'])
      assert.match(last!.body, /FATAL/)
    }
  })
}

interface Told {
  readonly kind: string
  readonly operation?: string
  readonly phase?: string
  readonly result?: string
}

/** What a line says of an operation; segments also begin and end with lines of their own. */
function told(line: string): Told[] {
  const { unmapped } = JSON.parse(line) as { unmapped?: { chaperone: Told } }
  return unmapped === undefined ? [] : [unmapped.chaperone]
}

function byText(one = '', other = ''): number {
  return one < other ? -1 : Number(one > other)
}

test('whatever was recorded has one end, and whatever ran was recorded', { skip }, async () => {
  await untilNoBackend()
  await delay(200)
  const records = await recordedText(join(bench.folder, 'records'))
  const lines = records.trim().split('\n').flatMap(told)
  const intents = lines.filter(({ kind, phase }) => kind === 'operation.intent' && phase === 'run')
  const outcomes = lines.filter(({ kind }) => kind === 'operation.outcome')
  assert.deepEqual(
    outcomes.map(({ operation }) => operation).toSorted(byText),
    intents.map(({ operation }) => operation).toSorted(byText),
  )
  assert.match(records, /SQL_TOO_LARGE/, 'what was not even read is recorded as refused')
  const results = new Set(outcomes.map(({ result }) => result))
  for (const result of ['success', 'error', 'refused', 'withdrawn', 'skipped', 'lost']) {
    assert.ok(results.has(result), `nothing ended as ${result}`)
  }
  const ran = readFileSync(bench.server.logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('application=chaperone:'))
    .map((line) => /LOG: {2}(?:statement|execute (?!chaperone)[^:]+): (.*)$/.exec(line)?.[1])
    .filter((text) => text !== undefined)
  assert.ok(ran.length > 50, `the server logged ${ran.length} statements`)
  for (const text of ran) {
    assert.ok(records.includes(JSON.stringify(text).slice(1, -1)), `unrecorded: ${text}`)
    assert.doesNotMatch(text, /DROP|DELETE/, 'what was refused ran')
  }
})

test('a server that is shut down says so itself', { skip }, async () => {
  const idle = await openRawClient(bench)
  const busy = await openRawClient(bench)
  busy.say(query(FOREVER))
  await delay(50)
  await bench.server.stop()
  assert.deepEqual(codes(await idle.closed()), ['57P01'])
  assert.deepEqual(codes(await busy.closed()), ['57P01'])
})
