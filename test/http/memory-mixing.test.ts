import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import { connect as connectH2 } from 'node:http2'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { BodyTransform } from '../../src/protocol/http/api.ts'
import { ChunkedReader } from '../../src/protocol/http/codec/chunked.ts'
import { FrameReader } from '../../src/protocol/http/codec/websocket.ts'
import { REQUEST_RULES } from '../../src/protocol/http/codec/wire-request.ts'
import { violation } from '../../src/protocol/http/failure.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'

/**
 * Many agents at once, whose answers say of each four bytes whose they are and where they belong:
 * pipelined, interim answers and trailers among them, read slowly or not at all, cut by either side in
 * the middle, by HTTP/1.1, HTTP/2 and WebSocket, as they are and through transforms that keep slices.
 * Whatever comes is the beginning of what is due, and all of it where nobody cut.
 *
 * MEMORY_ROUNDS sets how many rounds, MEMORY_SEED which.
 */
const ROUNDS = countFrom('MEMORY_ROUNDS', 4)
const SEED = seedFrom('MEMORY_SEED')
const AT_ONCE = 12
const AGENTS = 7
const PIPELINED = 4
const SIZES = [1, 300, 9_000, 65_535, 65_536, 65_537, 400_000]
const HEADERS = 'host: res.localhost\r\nauthorization: Bearer'

interface Asked {
  readonly owner: number
  readonly size: number
  readonly form: 'length' | 'chunked' | 'trailers' | 'interim' | 'kept' | 'masked'
  /** The target closes after so many bytes. */
  readonly cutAt: number
}

function content(owner: number, size: number): Buffer {
  const bytes = Buffer.alloc(size + 4)
  for (let at = 0; at < size; at += 4) bytes.writeUInt32BE(((owner << 20) | (at >> 2)) >>> 0, at)
  return bytes.subarray(0, size)
}

function randomAsked(dice: Dice, owner: number, mayCut: boolean): Asked {
  const form = dice.pick(['length', 'chunked', 'trailers', 'interim', 'kept', 'masked'] as const)
  const size = dice.pick(SIZES)
  const cuts = mayCut && dice.between(0, 3) === 0
  return { owner, size, form, cutAt: cuts ? dice.between(0, size) : size }
}

const pathOf = ({ owner, size, form, cutAt }: Asked) => `/allow/${owner}/${size}/${form}/${cutAt}`

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, , owner, size, form, cutAt] = (request.url ?? '').split('/')
  const due = content(Number(owner), Number(size))
  const bytes = due.subarray(0, Number(cutAt))
  if (form === 'interim') {
    response.writeProcessing()
    response.writeEarlyHints({ link: '</a>; rel=preload' })
  }
  if (form === 'length' || form === 'interim') response.setHeader('content-length', due.length)
  if (form === 'trailers') response.setHeader('trailer', 'x-owner')
  response.setHeader('content-type', form!)
  let step = 1
  for (let at = 0; at < bytes.length; at += step) {
    step = (step * 7 + Number(owner)) % 50_021 || 1
    if (response.destroyed) return
    if (!response.write(bytes.subarray(at, at + step)))
      await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  if (bytes.length < due.length) return void response.destroy()
  if (form === 'trailers') response.addTrailers({ 'x-owner': owner })
  response.end()
}

/** One WebSocket: frames of 16-bit length with the owner's bytes. */
function tunnel(request: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => {})
  const [, , owner, size] = (request.url ?? '').split('/')
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  const bytes = content(Number(owner), Number(size))
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 40_000) {
    const piece = bytes.subarray(at, at + 40_000)
    const head =
      piece.length < 126 ? [piece.length] : [126, (piece.length >> 8) & 255, piece.length & 255]
    frames.push(Buffer.from([0x82, ...head]), piece)
  }
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n' +
      `sec-websocket-accept: ${accept.digest('base64')}\r\n\r\n`,
  )
  socket.end(Buffer.concat(frames))
}

/** Gives on what came before, one slice late. */
function late(): BodyTransform {
  let kept = Buffer.alloc(0)
  return {
    write(chunk) {
      const out = kept
      kept = chunk as Buffer<ArrayBuffer>
      return out
    },
    end: () => kept,
    masked: [],
  }
}

function keeper(): BodyTransform {
  const kept: Buffer[] = []
  return {
    write(chunk) {
      kept.push(chunk)
      return Buffer.alloc(0)
    },
    end: () => Buffer.concat(kept),
    masked: [],
  }
}

let folder: string
let bench: HttpBench
const server = createServer((request, response) => void answer(request, response))
server.on('upgrade', tunnel)
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-mixing-memory-'))
  const authority = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  server.setSecureContext({
    cert: readFileSync(authority.certificateFile),
    key: readFileSync(authority.keyFile),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  bench = await openHttpBench({
    target: { port: (server.address() as AddressInfo).port, caFile: authority.authorityFile },
    api: testApi({
      answer(_request, _judgement, { headers }) {
        const type = headers.find(([name]) => name === 'content-type')?.[1]
        if (type === 'kept') return { type: 'transform', headers, body: keeper() }
        if (type === 'masked') return { type: 'transform', headers, body: late() }
        return { type: 'pass', headers }
      },
      tunnel: () => ({ fromClient: () => undefined, fromTarget: () => undefined }),
    }),
  })
})
after(async () => {
  await bench.stop()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

interface Reader {
  /** Leaves after so many bytes. */
  readonly leavesAt: number
  readonly isSlow: boolean
}

/** All that comes on a connection of its own, for whoever takes it apart. */
async function heard(sent: string, { leavesAt, isSlow }: Reader): Promise<Buffer> {
  const at = { port: bench.port, host: '127.0.0.1', ca: bench.ca, servername: 'localhost' }
  const socket = connect({ ...at, ALPNProtocols: ['http/1.1'] })
  const pieces: Buffer[] = []
  let bytes = 0
  socket.on('error', () => {})
  socket.on('data', (piece: Buffer) => {
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= leavesAt) socket.destroy()
    if (!isSlow) return
    socket.pause()
    setImmediate(() => setImmediate(() => socket.resume()))
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(sent)
  await closed
  return Buffer.concat(pieces)
}

/** The bodies of answers that stand one behind another; the last may be cut. */
function bodiesIn(stream: Buffer): Buffer[] {
  const bodies: Buffer[] = []
  for (let at = 0; at < stream.length;) {
    const end = stream.indexOf('\r\n\r\n', at)
    if (end < 0) break
    const head = stream.toString('latin1', at, end)
    assert.match(head, /^HTTP\/1\.1 \d{3} /, 'an answer begins where the one before ended')
    at = end + 4
    const status = Number(head.slice(9, 12))
    if (status >= 500) {
      bodies.push(Buffer.alloc(0))
      at += Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0)
      continue
    }
    assert.equal(status, 200)
    const length = /content-length: (\d+)/.exec(head)?.[1]
    if (length !== undefined) {
      bodies.push(stream.subarray(at, at + Number(length)))
      at += Number(length)
      continue
    }
    const body: Buffer[] = []
    const events = { data: (slice: Buffer) => void body.push(slice), end() {} }
    at = new ChunkedReader(REQUEST_RULES).read(stream, at, events, () => false)
    bodies.push(Buffer.concat(body))
  }
  return bodies
}

let whole = 0
function check(body: Buffer, asked: Asked, isWhole: boolean): void {
  const due = content(asked.owner, asked.size)
  const what = `the answer to ${pathOf(asked)}`
  assert.equal(body.compare(due.subarray(0, body.length)), 0, what)
  if (isWhole) assert.equal(body.length, due.length, `the length of ${what}`)
  if (body.length === due.length) whole++
}

/** Requests that are sent at once, and answered in turn. */
async function pipelined(all: readonly Asked[], reader: Reader): Promise<void> {
  const close = (index: number) => (index + 1 === all.length ? 'connection: close\r\n' : '')
  const requests = all.map(
    (one, index) =>
      `GET ${pathOf(one)} HTTP/1.1\r\n${HEADERS} agent${one.owner % AGENTS}\r\n${close(index)}\r\n`,
  )
  const bodies = bodiesIn(await heard(requests.join(''), reader))
  const isCut = reader.leavesAt < Infinity || all.some(({ size, cutAt }) => cutAt < size)
  for (const [index, body] of bodies.entries()) check(body, all[index]!, !isCut)
  if (!isCut) assert.equal(bodies.length, all.length)
}

async function streamed(session: ClientHttp2Session, asked: Asked, reader: Reader): Promise<void> {
  const stream = session.request({
    ':authority': 'res.localhost',
    ':path': pathOf(asked),
    authorization: `Bearer agent${asked.owner % AGENTS}`,
  })
  const pieces: Buffer[] = []
  let status = 0
  stream.on('response', (headers) => void (status = headers[':status'] ?? 0))
  stream.on('error', () => {})
  stream.on('data', (piece: Buffer) => {
    pieces.push(piece)
    if (pieces.length * 8_000 >= reader.leavesAt) stream.close()
    if (!reader.isSlow) return
    stream.pause()
    setImmediate(() => stream.resume())
  })
  await new Promise((resolve) => stream.once('close', resolve))
  if (status !== 200) return
  check(Buffer.concat(pieces), asked, reader.leavesAt === Infinity && asked.cutAt === asked.size)
}

async function upgraded(asked: Asked, reader: Reader): Promise<void> {
  const upgrade = 'connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n'
  const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  const line = `GET ${pathOf(asked)} HTTP/1.1\r\n`
  const sent = `${line}${HEADERS} agent${asked.owner % AGENTS}\r\n${upgrade}${key}\r\n`
  const stream = await heard(sent, reader)
  const payloads: Buffer[] = []
  const frames = new FrameReader({ masked: false, fragments: true, violation })
  frames.push(stream.subarray(stream.indexOf('\r\n\r\n') + 4), ({ payload }) => {
    payloads.push(payload)
  })
  check(Buffer.concat(payloads), asked, reader.leavesAt === Infinity)
}

test(`${ROUNDS} rounds by seed ${SEED}: every byte is its own agent's, in its own place`, async () => {
  const dice = createDice(SEED)
  let owner = 0
  for (let round = 0; round < ROUNDS; round++) {
    const own = dice.child(round)
    const session = connectH2(`https://localhost:${bench.port}`, { ca: bench.ca })
    session.on('error', () => {})
    const next = () => randomAsked(own, ++owner, own.between(0, 1) === 0)
    const reader = (): Reader => ({
      leavesAt: own.between(0, 4) === 0 ? own.between(1, 300_000) : Infinity,
      isSlow: own.between(0, 2) === 0,
    })
    const work: Promise<void>[] = []
    for (let index = 0; index < AT_ONCE; index++) {
      work.push(pipelined(Array.from({ length: PIPELINED }, next), reader()))
      work.push(streamed(session, next(), reader()), upgraded(next(), reader()))
    }
    await Promise.all(work)
    session.destroy()
  }
  const asked = ROUNDS * AT_ONCE * (PIPELINED + 2)
  assert.ok(whole > asked / 3, `many are whole (${whole} of ${asked})`)
})
