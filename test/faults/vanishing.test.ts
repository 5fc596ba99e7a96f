import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { startupMessage } from '../../src/protocol/postgres/signing-in/handshake-messages.ts'
import { recordsOf } from '../support/evidence.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { openRawClient } from '../support/raw-client.ts'
import { until, within } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/*
 * Clients that go away in every phase, in three ways. What they leave is gone by itself: the
 * session, its backend at the target, the request that people were asked about, the sockets.
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules:
  - id: all
    allow: { actions: [sql.select, sql.insert, sql.execute, sql.transaction], objects: ['**'] }
  - id: held
    hold: { actions: [sql.delete], objects: ['**'] }
    approvers: { groups: ['{dba}'] }
`
const SCHEMA = `
  CREATE TABLE numbers (n int, t text);
  CREATE TABLE big (t text);
  INSERT INTO big SELECT repeat(md5(n::text), 300) FROM generate_series(1, 5000) n;
  GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway;
`
/** Sessions of this resource have limits that no test waits for, of the other one short ones. */
const LONG = 'sales-db/sales'
const SHORT = 'short/sales'
const IDLE = 'idle/sales'

const PATIENCE_MS = 15_000

const more = (name: string, port: number, idle: string, max: string) => `
  - name: ${name}
    type: postgres
    address: 127.0.0.1:${port}
    tls: { mode: disable }
    credential: { username: gateway, from: environment, variable: CHAPERONE_TEST_TARGET_PASSWORD }
    session: { idle: ${idle}, max: ${max} }`

let bench: Bench
let socketsBefore = 0
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'all.yaml': POLICY },
    schema: SCHEMA,
    door: 'plaintext: loopback',
    config: 'limits: { drainTimeout: 1s, handshakeTimeout: 1500ms }',
    resource: ({ port }) =>
      [more('short', port, '1s', '2s'), more('idle', port, '1s', '8h')].join(''),
  })
  assert.deepEqual(await left(), [])
  socketsBefore = openSockets()
})
after(() => bench?.stop())

const query = (text: string) => message(0x51, text)

/** Brings a client to a phase; returns the socket that vanishes. */
type Phase = (database: string) => Promise<Socket>

async function plain(...packets: readonly Buffer[]): Promise<Socket> {
  const socket = connect(bench.gateway.postgresPort, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  for (const packet of packets) socket.write(packet)
  return socket
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
/** The head of a TLS record with a handshake message of which nothing follows. */
const CLIENT_HELLO_BEGINS = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])

async function inTls(): Promise<Socket> {
  const socket = await plain(SSL_REQUEST)
  await once(socket, 'data')
  socket.write(CLIENT_HELLO_BEGINS)
  return socket
}

async function passwordAsked(): Promise<Socket> {
  const socket = await plain(startupMessage({ user: 'agent', database: LONG }))
  await once(socket, 'data')
  return socket
}

/** A client that has said something and heard up to a message of this type. */
const session =
  (text: string, last: string): Phase =>
  async (database) => {
    const client = await openRawClient(bench, 'etl-1', database)
    if (text === '') return client.wire
    client.say(query(text))
    if (last !== '') await client.hearUntil(last)
    else await until(`it runs: ${text}`, () => runs(text))
    // Nobody reads on.
    client.socket.pause()
    return client.wire
  }

async function runs(text: string): Promise<boolean> {
  const rows = await bench.server.adminQuery(
    `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = '${text}'`,
  )
  return rows.length > 0
}

const HANDSHAKES: Readonly<Record<string, Phase>> = {
  'connected, nothing said': () => plain(),
  'part of the first packet': () => plain(SSL_REQUEST.subarray(0, 5)),
  'in TLS': inTls,
  'password asked': passwordAsked,
}
const SESSIONS: Readonly<Record<string, Phase>> = {
  idle: session('', ''),
  'query running': session('SELECT pg_sleep(60)', ''),
  'copying in': session('COPY numbers FROM STDIN', 'G'),
  'copying out': session('COPY big TO STDOUT', 'H'),
  'rows coming': session('SELECT * FROM big', 'D'),
  'waiting for people': session('DELETE FROM numbers', 'N'),
  'transaction open': session('BEGIN', 'Z'),
}

const WAYS: Readonly<Record<string, (socket: Socket) => void>> = {
  reset: (socket) => socket.resetAndDestroy(),
  close: (socket) => socket.end(),
}

async function left(): Promise<readonly string[]> {
  const { items } = (await bench.chaperone('auditor', 'sessions', 'list', '--live')) as {
    items: { id: string }[]
  }
  const backends = await bench.server.adminQuery(
    `SELECT application_name || ' ' || query AS left FROM pg_stat_activity
     WHERE application_name LIKE 'chaperone:%'`,
  )
  const approvals = (await bench.chaperone('approver', 'approvals', 'list')) as {
    items: { id: string; state: string }[]
  }
  return [
    ...items.map(({ id }) => `session ${id}`),
    ...backends.map((one) => `backend ${String(one['left'])}`),
    ...approvals.items.filter(({ state }) => state === 'pending').map(({ id }) => `approval ${id}`),
  ]
}

async function assertNothingLeft(): Promise<void> {
  let last: readonly string[] = []
  try {
    await until('all was cleaned up', async () => (last = await left()).length === 0)
  } catch (error) {
    assert.deepEqual(last, [], String(error))
  }
  const evidence = await recordsOf(bench)
  const sessionsOf = (kind: string) =>
    evidence.filter((one) => one.kind === kind).map(({ session: id }) => id)
  const closed = new Set(sessionsOf('session.closed'))
  assert.deepEqual(
    sessionsOf('session.opened').filter((id) => !closed.has(id)),
    [],
    'sessions without a record of their end',
  )
  const pending = evidence.filter(
    (one) =>
      one.kind === 'operation.intent' &&
      !evidence.some(
        (other) => other.kind.endsWith('outcome') && other.operation === one.operation,
      ),
  )
  assert.deepEqual(
    pending.map(({ text }) => text),
    [],
    'operations without an outcome',
  )
}

for (const [way, vanish] of Object.entries(WAYS)) {
  test(`clients that ${way} in every phase`, { skip }, async () => {
    const phases = Object.entries({ ...HANDSHAKES, ...SESSIONS })
    const sockets = await Promise.all(phases.map(([, phase]) => phase(LONG)))
    for (const socket of sockets) vanish(socket)
    await assertNothingLeft()
    for (const socket of sockets) socket.destroy()
  })
}

test('clients that say nothing any more, in every phase', { skip }, async () => {
  const handshakes = await Promise.all(Object.values(HANDSHAKES).map((phase) => phase(SHORT)))
  const cutOff = handshakes.map((socket) => once(socket.resume(), 'close'))
  const silent = await Promise.all(Object.values(SESSIONS).map((phase) => phase(SHORT)))
  await assertNothingLeft()
  await within('cutting off the handshakes', PATIENCE_MS, Promise.all(cutOff))
  for (const socket of [...handshakes, ...silent]) socket.destroy()
})

test(
  'the idle limit ends who keeps an operation waiting, not who waits for it',
  { skip },
  async () => {
    const busy = await bench.client({ database: IDLE })
    await busy.connect()
    const slow = busy.query('SELECT pg_sleep(2.5)')
    const phases = ['copying in', 'copying out', 'rows coming'] as const
    const sockets = await Promise.all(phases.map((phase) => SESSIONS[phase]!(IDLE)))
    await until('they are ended', async () => (await left()).filter(isSession).length <= 1)
    assert.equal((await slow).rows.length, 1)
    await busy.end()
    await assertNothingLeft()
    const codes = (await recordsOf(bench)).filter(
      ({ kind, code }) => kind === 'session.closed' && code,
    )
    assert.ok(codes.filter(({ code }) => code === 'SESSION_IDLE').length >= phases.length)
    for (const socket of sockets) socket.destroy()
  },
)

const isSession = (what: string) => what.startsWith('session ')

test('afterwards not a socket is left', { skip }, async () => {
  // Of the emulator and the API, whose clients keep connections for a moment.
  await until('all sockets were closed', () => openSockets() <= socketsBefore)
})

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length
}
