import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import type { Fault, FaultProxy } from '../support/fault-proxy.ts'
import { openFaultProxy } from '../support/fault-proxy.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { openRawClient } from '../support/raw-client.ts'
import { until, within } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/*
 * A target that is there and says nothing: the gateway keeps its bounds, the client hears a code,
 * and when the target is back nobody has to help.
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules:
  - id: all
    allow: { actions: [sql.select, sql.insert, sql.execute], objects: ['**'] }
`
const SCHEMA = `
  CREATE TABLE numbers (n int, t text);
  GRANT ALL ON numbers TO gateway;
`
/** Of signing in to the target, and of a session's whole life. */
const CONNECT_MS = 500
/** For what runs to end when the gateway stops. */
const DRAIN_MS = 1_000
const LIFE_MS = 1_500
/** For a machine that is busy with other things. */
const SLACK_MS = 15_000

const TLS_ROUTE = 'sales-db/sales'
const PLAIN_ROUTE = 'plain/sales'
const STUCK_ROUTE = 'stuck/sales'

let proxy: FaultProxy
let stuck: StuckListener
let bench: Bench
let stopped = false
before(async () => {
  if (skip !== false) return
  proxy = await openFaultProxy()
  stuck = await openStuckListener()
  const more = (name: string, port: number) => `
  - name: ${name}
    type: postgres
    address: 127.0.0.1:${port}
    tls: { mode: disable }
    credential: { username: gateway, from: environment, variable: CHAPERONE_TEST_TARGET_PASSWORD }
    session: { max: ${LIFE_MS}ms, idle: ${LIFE_MS}ms }`
  bench = await startBench({
    policies: { 'all.yaml': POLICY },
    schema: SCHEMA,
    between: proxy.before,
    resource: `    session: { max: ${LIFE_MS}ms, idle: ${LIFE_MS}ms }${more('plain', proxy.port)}${more('stuck', stuck.port)}`,
    config: `limits: { drainTimeout: ${DRAIN_MS}ms, targetConnectTimeout: ${CONNECT_MS}ms }`,
  })
})
after(async () => {
  await bench?.stop()
  await stuck?.close()
})
afterEach(async () => {
  if (skip !== false || stopped) return
  proxy.setFault(undefined)
  proxy.thaw()
  await until('the gateway let go of the target', () => proxy.connections === 0)
  assert.deepEqual(await liveSessions(), [])
  const client = await bench.client({ database: TLS_ROUTE })
  await client.connect()
  assert.equal((await client.query<{ one: number }>('SELECT 1 AS one')).rows[0]?.one, 1)
  await client.end()
  await until('the last connection was closed', () => proxy.connections === 0)
})

async function liveSessions(): Promise<unknown[]> {
  const { items } = (await bench.chaperone('auditor', 'sessions', 'list', '--live')) as {
    items: unknown[]
  }
  return items
}

interface StuckListener {
  readonly port: number
  close(): Promise<void>
}

const LISTEN = `
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))
`

/** A port whose process is stopped and whose queue is full: SYNs to it are dropped. */
async function openStuckListener(): Promise<StuckListener> {
  const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  child.kill('SIGSTOP')
  const fillers: Socket[] = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'))
  for (const filler of fillers) filler.on('error', () => {})
  await once(fillers[0]!, 'connect')
  return {
    port,
    async close() {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** The n-th chunk from the target is swallowed, with all that would follow. */
const chunkOfTarget =
  (wanted: number): Fault =>
  (_, from, __) =>
    from === 'target' && --wanted === 0

const typeOfTarget =
  (type: string): Fault =>
  (chunk, from) =>
    from === 'target' && chunk.includes(type)

/** Every phase of signing in, by what the target fails to say. */
const PHASES: readonly (readonly [string, string, Fault | undefined])[] = [
  ['before TLS', TLS_ROUTE, () => true],
  ['in TLS', TLS_ROUTE, chunkOfTarget(2)],
  ['before the authentication request', PLAIN_ROUTE, chunkOfTarget(1)],
  ['in the middle of SCRAM', PLAIN_ROUTE, chunkOfTarget(2)],
  ['before ReadyForQuery', PLAIN_ROUTE, typeOfTarget('server_version')],
  ['where its SYNs are dropped', STUCK_ROUTE, undefined],
]

for (const [phase, database, fault] of PHASES) {
  test(`a target that goes silent ${phase}`, { skip }, async () => {
    proxy.setFault(fault)
    const client = await bench.client({ database })
    const refused = assert.rejects(client.connect(), { code: '08001' })
    const { took_ms } = await within('the refusal', CONNECT_MS + SLACK_MS, refused)
    assert.ok(took_ms >= CONNECT_MS * 0.9, 'it waited for the target')
  })
}

test(
  'one that goes silent in a query: the session ends when its life is over',
  { skip },
  async () => {
    const client = await bench.client({ database: TLS_ROUTE })
    const told = once(client, 'error') as Promise<[Error & { code?: string }]>
    await client.connect()
    const answer = client.query('SELECT pg_sleep(30)').catch((error: unknown) => error)
    await until('the query runs', () => proxy.connections === 1)
    await delay(50)
    proxy.freeze()
    const { value } = await within('the end', LIFE_MS + SLACK_MS, answer)
    assert.equal((value as { code?: string }).code, '57P05')
    await told
  },
)

test('one that goes silent while idle, and a cancel that cannot reach it', { skip }, async () => {
  const client = await openRawClient(bench, 'etl-1', TLS_ROUTE)
  proxy.freeze()
  client.say(message(0x51, 'SELECT 1'))
  const { value } = await within('the end', LIFE_MS + SLACK_MS, client.closed())
  assert.match(value.at(-1)?.body ?? '', /57P05/)
})

test('one that stops reading in COPY: the client is held back, then told', { skip }, async () => {
  const client = await openRawClient(bench, 'etl-1', TLS_ROUTE)
  client.say(message(0x51, 'COPY numbers FROM STDIN'))
  await client.hearUntil('G')
  proxy.freeze()
  const taken = await pourUntilStuck(client.socket)
  assert.ok(taken < 64 * MIB, `the gateway took ${taken} bytes that nobody reads`)
  const { value } = await within('the end', LIFE_MS + SLACK_MS, client.closed())
  assert.match(value.at(-1)?.body ?? '', /57P05/)
})

test('one that stops reading for a while: not a row is lost', { skip }, async () => {
  const client = await openRawClient(bench, 'etl-1', TLS_ROUTE)
  client.say(message(0x51, 'TRUNCATE numbers'), message(0x51, 'COPY numbers FROM STDIN'))
  await client.hearUntil('G')
  proxy.freeze()
  const taken = await pourUntilStuck(client.socket, 200)
  proxy.thaw()
  client.say(message(0x63))
  const heard = await client.hear()
  const done = heard.find(({ type }) => type === 'C')?.body
  assert.equal(done, `COPY ${taken / ROW.length}\0`)
  client.destroy()
})

test('one that resets the connection in a query is TARGET_LOST', { skip }, async () => {
  const client = await openRawClient(bench, 'etl-1', TLS_ROUTE)
  client.say(message(0x51, 'SELECT pg_sleep(30)'))
  await delay(50)
  proxy.reset()
  const { value } = await within('the end', SLACK_MS, client.closed())
  assert.match(value.at(-1)?.body ?? '', /08006/)
})

test('one that says nothing does not keep the gateway from stopping', { skip }, async () => {
  const client = await openRawClient(bench, 'etl-1', TLS_ROUTE)
  client.say(message(0x51, 'SELECT pg_sleep(30)'))
  await delay(50)
  proxy.freeze()
  stopped = true
  await within('stopping', DRAIN_MS + SLACK_MS, bench.stop())
  client.destroy()
})

const MIB = 1024 * 1024
const ROW = '1\tsome text that fills the row\n'
const PIECE = message(0x64, Buffer.from(ROW.repeat(2_000)))

/** Writes CopyData until the socket takes no more for `patience_ms`; returns the bytes of rows. */
async function pourUntilStuck(socket: Socket, patience_ms = 300): Promise<number> {
  for (let taken = 0; ; taken += ROW.length * 2_000) {
    if (socket.write(PIECE)) continue
    const drained = once(socket, 'drain').then(() => true)
    const stuck = delay(patience_ms).then(() => false)
    if (taken > 256 * MIB || !(await Promise.race([drained, stuck]))) {
      return taken + ROW.length * 2_000
    }
  }
}
