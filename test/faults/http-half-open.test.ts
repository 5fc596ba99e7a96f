import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import {
  ANSWER_IDLE_MS,
  BODY_BYTES_PER_SECOND_MIN,
  DEADLINE_SWEEP_MS,
  FIRST_BYTE_MS,
} from '../../src/protocol/http/limits.ts'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { openFaultProxy } from '../support/fault-proxy.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import type { HttpTarget } from '../support/http-target.ts'
import { startHttpTarget } from '../support/http-target.ts'
import type { MovableClock } from '../support/movable-clock.ts'
import { createMovableClock } from '../support/movable-clock.ts'
import { recordedText } from '../support/recorded.ts'
import { until } from '../support/until.ts'

/*
 * A target of HTTP that is there and says nothing, in every phase of a request: the gateway keeps its
 * bounds, the client hears a code or is cut off, and the next request needs nobody's help.
 */

const CONNECT_MS = 300
/** What did not move for so many looks has stopped. */
const LOOKS_AT_STILL = 15
/** A client's piece comes in time for the gateway, over and over. */
const BODY_PIECE_MS = FIRST_BYTE_MS / 8

let folder: string
let target: HttpTarget
let proxy: FaultProxy
let bench: HttpBench
let clock: MovableClock
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-half-open-'))
  const tls = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  target = await startHttpTarget({
    certificate: readFileSync(tls.certificateFile, 'utf8'),
    key: readFileSync(tls.keyFile, 'utf8'),
  })
  proxy = await openFaultProxy()
  await proxy.before(target)
  clock = createMovableClock()
  bench = await openHttpBench({
    clock,
    target: { port: proxy.port, caFile: tls.authorityFile },
    connectTimeout_ms: CONNECT_MS,
    life: { max_ms: Number.MAX_SAFE_INTEGER, idle_ms: Number.MAX_SAFE_INTEGER },
  })
})
after(async () => {
  await bench.stop()
  await proxy.close()
  await target.close()
  await rm(folder, { recursive: true, force: true })
})

/** Whatever was wrong is over: the next request works by itself. */
afterEach(async () => {
  proxy.setFault(undefined)
  proxy.thaw()
  const client = await openRawHttp(bench)
  client.say(request('GET /allow/echo?recovered'))
  await client.until('?recovered')
  client.destroy()
})

/** The target says this, and not another word. */
function raw(bytes: string, method = 'GET', ...headers: readonly string[]): string {
  const told = encodeURIComponent(Buffer.from(bytes, 'latin1').toString('base64'))
  return request(`${method} /allow/raw?bytes=${told}`, ...headers)
}

/** So that the next request needs a connection of its own. */
async function closePooled(): Promise<void> {
  proxy.reset()
  await until('the pool is empty', () => proxy.connections === 0)
}

async function seen(): Promise<void> {
  const count = target.seen.length
  await until('the target has the request', () => target.seen.length > count)
}

async function asked(bytes: string): Promise<RawHttp> {
  const client = await openRawHttp(bench)
  const arrives = seen()
  client.say(bytes)
  await arrives
  return client
}

/** Outcomes of requests whose target was lost; after hours, most of them are in packed files. */
async function lost(): Promise<number> {
  const text = await recordedText(join(bench.folder, 'records'))
  return text.split('"error":"TARGET_LOST"').length - 1
}

const OK = 'HTTP/1.1 200 OK\r\n'

test('one that takes connections and shakes no hands', async () => {
  await closePooled()
  proxy.freeze()
  const client = await openRawHttp(bench)
  client.say(request('GET /allow/echo?hands'))
  assert.match(await client.until('TARGET_UNREACHABLE'), /^HTTP\/1\.1 50[234] /)
  client.destroy()
})

test('one that stops in the middle of the handshake', async () => {
  await closePooled()
  proxy.setFault((_chunk, from) => from === 'target')
  const client = await openRawHttp(bench)
  client.say(request('PUT /allow/echo?handshake', 'content-length: 3') + 'abc')
  assert.match(await client.until('TARGET_UNREACHABLE'), /^HTTP\/1\.1 50[234] /)
  client.destroy()
})

/** Before the client was told anything: it hears a code. */
const SILENT: Readonly<Record<string, string>> = {
  'before a word': request('GET /allow/never'),
  'in the first line': raw('HTTP/1.1 20'),
  'in the head': raw(`${OK}content-le`),
  'after 100 Continue': raw('HTTP/1.1 100 Continue\r\n\r\n', 'PUT', 'content-length: 0'),
  'after early hints': raw('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'),
  'between two interim answers': raw('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 10'),
}

test('one that goes silent before the client was told anything', async () => {
  const waiting: (readonly [when: string, client: RawHttp])[] = []
  for (const [when, bytes] of Object.entries(SILENT)) waiting.push([when, await asked(bytes)])
  clock.advance_ms(FIRST_BYTE_MS)
  for (const [when, client] of waiting) {
    assert.match(await client.until('TARGET_LOST'), /^HTTP\/1\.1 502 /, when)
    client.destroy()
  }
})

/** In the answer: the client is cut off, so that it can tell. */
const CUT: Readonly<Record<string, string>> = {
  'in a body with a length': raw(`${OK}content-length: 9\r\n\r\nabc`),
  'in a body without one': raw(`${OK}connection: close\r\n\r\nabc`),
  'in a chunk': raw(`${OK}transfer-encoding: chunked\r\n\r\n9\r\nabc`),
  'in the size of a chunk': raw(`${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1`),
  'in the trailers': raw(`${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum`),
}

test('one that goes silent in its answer', async () => {
  const before = await lost()
  const waiting: (readonly [when: string, client: RawHttp])[] = []
  for (const [when, bytes] of Object.entries(CUT)) {
    const client = await asked(bytes)
    await client.until('abc')
    waiting.push([when, client])
  }
  clock.advance_ms(ANSWER_IDLE_MS)
  for (const [when, client] of waiting) {
    assert.doesNotMatch(await client.untilClosed(), /\r\n0\r\n\r\n$/, when)
  }
  const count = waiting.length
  await until('all is recorded', async () => (await lost()) === before + count)
})

test('one that takes no more of a body: the client is held back, then told', async () => {
  const client = await asked(`${request('PUT /allow/echo?stuck', 'content-length: 90000000')}abc`)
  proxy.freeze()
  const piece = Buffer.alloc(1_000_000, 'x')
  let pieces = 1
  while (client.socket.write(piece)) pieces++
  for (; pieces < 20; pieces++) client.socket.write(piece)
  let waiting = 0
  let looks = 0
  await until('all of it stands still', () => {
    const isStill = client.socket.writableLength === waiting
    waiting = client.socket.writableLength
    looks = isStill && waiting > piece.length ? looks + 1 : 0
    return looks > LOOKS_AT_STILL
  })
  clock.advance_ms(FIRST_BYTE_MS)
  assert.match(await client.until('TARGET_LOST'), /^HTTP\/1\.1 502 /)
  client.destroy()
})

test('a body that takes longer than a target may wait is no silence', async () => {
  const piecesFor = FIRST_BYTE_MS / BODY_PIECE_MS + 2
  const piece = 'x'.repeat((BODY_PIECE_MS * BODY_BYTES_PER_SECOND_MIN) / 1000)
  const length = `content-length: ${6 + piecesFor * piece.length}`
  const client = await asked(`${request('PUT /allow/echo?long', length)}abc`)
  for (let count = 1; count <= piecesFor; count++) {
    client.say(piece)
    const due = 3 + count * piece.length
    await until('the piece arrives', () => target.seen.at(-1)!.bodyBytes >= due)
    clock.advance_ms(BODY_PIECE_MS)
  }
  await delay(2 * DEADLINE_SWEEP_MS)
  client.say('end')
  await client.until('sha256')
  client.destroy()
})

test('one that resets the connection in every phase', async () => {
  for (const [bytes, answer] of [
    [request('POST /allow/never', 'content-length: 0'), /^HTTP\/1\.1 502 [^]*TARGET_LOST/],
    [raw(`${OK}content-length: 9\r\n\r\nabc`, 'POST', 'content-length: 0'), /abc$/],
  ] as const) {
    const client = await asked(bytes)
    if (bytes.includes('raw')) await client.until('abc')
    proxy.reset()
    assert.match(await client.until(answer), answer)
    client.destroy()
  }
})
