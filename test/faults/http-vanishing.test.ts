import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { nodeIo } from '../../src/record/segments/io.ts'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

/*
 * Clients of HTTP that vanish in every phase, in every way: what ran has its outcome, the target's
 * connections are given up, and the door goes on as if nothing had been.
 */

const PENDING = 'pending'
let bench: HttpBench
before(async () => {
  bench = await openHttpBench({
    api: testApi({ tunnel: () => GUARD }),
    recordIo: nodeIo({ syncFolders: false }),
    authority: {
      headers: ({ target }) =>
        target.includes(PENDING) ? new Promise(() => {}) : [['authorization', 'Bearer t']],
    },
  })
})
after(() => bench.stop())

const GUARD = { fromClient: () => undefined, fromTarget: () => undefined, closed() {} }

const UPGRADE = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
]

interface Phase {
  readonly bytes: string
  /** How one knows that it has come so far. */
  readonly arrived?: (client: RawHttp) => Promise<unknown> | boolean
}

const seen = (part: string) => () =>
  until('the target has it', () => bench.target.seen.at(-1)?.url.includes(part) === true)

const PHASES: Readonly<Record<string, Phase>> = {
  'in its head': { bytes: 'GET /allow/echo HTTP/1.1\r\nhost: res.loc' },
  'in a body': {
    bytes: `${request('PUT /allow/echo?body', 'content-length: 10')}abc`,
    arrived: seen('?body'),
  },
  'in a chunk': {
    bytes: `${request('PUT /allow/echo?chunk', 'transfer-encoding: chunked')}5\r\nab`,
    arrived: seen('?chunk'),
  },
  'in a body that is read first': {
    bytes: `${request('PUT /body/allow/echo', 'content-length: 10')}abc`,
  },
  'before it was told to continue': {
    bytes: request('PUT /allow/echo?continue', 'content-length: 10', 'expect: 100-continue'),
    arrived: (client) => client.until('100 Continue'),
  },
  'before the credential is there': { bytes: request(`GET /allow/echo?${PENDING}`) },
  'before the answer': { bytes: request('GET /allow/never?gone'), arrived: seen('never?gone') },
  'before the answer, with a second request behind it': {
    bytes: request('GET /allow/never?two') + request('GET /allow/echo?second'),
    arrived: seen('never?two'),
  },
  'in the answer': { bytes: request('GET /allow/drip'), arrived: (client) => client.until('200') },
  'in a large answer that it does not read': {
    bytes: request('GET /allow/bytes?n=60000000'),
    arrived(client) {
      client.socket.pause()
      return seen('n=60000000')()
    },
  },
  'while people are asked': {
    bytes: request('POST /hold/echo', 'content-length: 0'),
    arrived: () => until('it is held', () => bench.asked.some(({ withdrawn }) => !withdrawn)),
  },
  'in a tunnel': {
    bytes: request('GET /allow/ws?echo', ...UPGRADE),
    arrived: (client) => client.until('101'),
  },
}

const WAYS: Readonly<Record<string, (client: RawHttp) => void>> = {
  close: ({ socket }) => void socket.end(),
  reset: ({ socket }) => void socket.destroy(),
}

for (const [way, leave] of Object.entries(WAYS)) {
  test(`clients that ${way} in every phase`, async () => {
    for (const [phase, { bytes, arrived }] of Object.entries(PHASES)) {
      const client = await openRawHttp(bench)
      client.say(bytes)
      await arrived?.(client)
      leave(client)
      await until(`${phase}: the connection is over`, () => client.closed || way !== 'reset')
      client.destroy()
    }
    await allIsOver()
  })
}

test('clients that vanish before and in the handshake', async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from([0x16, 3, 1]), Buffer.from('GET / HTTP/1.1')]) {
    const socket = connect({ port: bench.port, host: '127.0.0.1' })
    await once(socket, 'connect')
    socket.on('error', () => {})
    socket.write(bytes)
    socket.resetAndDestroy()
  }
  await allIsOver()
})

const STREAMS: readonly (readonly [method: string, path: string, body: string])[] = [
  ['PUT', '/allow/echo?stream', 'abc'],
  ['PUT', '/body/allow/echo', 'abc'],
  ['GET', `/allow/echo?${PENDING}`, ''],
  ['GET', '/allow/never?stream', ''],
  ['GET', '/allow/drip?stream', ''],
  ['GET', '/allow/bytes?n=60000001', ''],
  ['POST', '/hold/echo', ''],
]

/** Their connections to the target are in the middle of an answer, and so of no more use. */
const ANSWERED_LATE = ['/allow/never', '/allow/drip', '/allow/bytes']

for (const [way, all] of [
  ['streams that are reset', false],
  ['connections of many streams that break', true],
] as const) {
  test(`${way}, in every phase`, async () => {
    const session = connectHttp2(`https://localhost:${bench.port}`, { ca: bench.ca })
    session.on('error', () => {})
    const before = bench.target.seen.length
    const streams = STREAMS.map(([method, path, body]) => {
      const stream = session.request(
        { ':method': method, ':path': `/res${path}`, authorization: 'Bearer etl' },
        { endStream: method === 'GET' },
      )
      stream.on('error', () => {})
      if (method !== 'GET') stream.write(body)
      if (path.startsWith('/hold')) stream.end()
      return stream
    })
    await until('the last of them arrived', () => bench.asked.some(({ withdrawn }) => !withdrawn))
    await until('what may go on is at the target', () => {
      const seen = bench.target.seen.slice(before).map(({ url }) => url)
      return ANSWERED_LATE.every((path) => seen.some((url) => url.startsWith(path)))
    })
    if (!all) for (const stream of streams) stream.close(8)
    session.destroy()
    await allIsOver()
  })
}

/** Every intent has its outcome, nobody is asked, and the target is left alone. */
async function allIsOver(): Promise<void> {
  const client = await openRawHttp(bench)
  client.say(request('GET /allow/echo?after'))
  await client.until('?after')
  client.destroy()
  await until('nobody is asked any more', () => bench.asked.every(({ withdrawn }) => withdrawn))
  await until('the target has no connection but idle ones', () => bench.target.open <= IDLE_MAX)
  await until('what ran has its outcome', async () => {
    const records = await bench.records()
    const open = new Set(
      records.filter(({ kind }) => kind === 'operation.intent').map(({ operation }) => operation),
    )
    for (const { kind, operation } of records) {
      if (kind === 'operation.outcome') open.delete(operation)
    }
    return open.size === 0
  })
  assert.equal(bench.sessionsOpen, 1)
}

/** Of requests that ended well, some at the same time. */
const IDLE_MAX = 3
