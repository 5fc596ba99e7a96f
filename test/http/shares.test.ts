import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { H2, H2_PREFACE, h2Block, h2Frame } from '../costs/peer.ts'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

/** What one agent, or one address, leaves unfinished takes nothing of what others need. */

const KiB = 1024
const PER_AGENT = 256 * KiB

let bench: HttpBench
before(async () => {
  bench = await openHttpBench({
    memory: { bytesMax: 1024 * KiB, perHolderMax: PER_AGENT },
    api: testApi({
      tunnel: () => ({ fromClient: () => undefined, fromTarget: () => undefined }),
    }),
  })
})
after(() => bench.stop())

const as = (agent: string, text: string) => text.replace('Bearer etl', `Bearer ${agent}`)
const half = (agent: string, bytes: number) =>
  `${as(agent, request('PUT /body/allow/echo', 'content-length: 60000'))}${'x'.repeat(bytes)}`

async function leaving(peers: readonly RawHttp[]): Promise<void> {
  for (const peer of peers) peer.destroy()
  await Promise.all(peers.map((peer) => peer.untilClosed()))
}

test('half-sent bodies fill the share of their agent alone', async () => {
  const peers: RawHttp[] = []
  for (let n = 0; n < 6; n++) {
    const peer = await openRawHttp(bench)
    peer.say(half(`greedy.${n}`, 50_000))
    peers.push(peer)
  }
  const refused = await Promise.any(peers.map((peer) => peer.until('MEMORY_LIMIT')))
  assert.match(refused, /^HTTP\/1\.1 503 /)
  assert.ok(peers.some((peer) => peer.heard === ''))
  const other = await openRawHttp(bench)
  other.say(half('modest', 50_000) + 'x'.repeat(10_000))
  await other.until('sha256')
  await leaving([...peers, other])
  const again = await openRawHttp(bench)
  again.say(half('greedy', 50_000) + 'x'.repeat(10_000))
  await again.until('sha256')
  again.destroy()
})

test('half-sent frames do, too', async () => {
  const upgrade = [
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  const frame = Buffer.alloc(14 + 100_000)
  frame.set([0x82, 0xff, 0, 0, 0, 0, 0, 4, 0, 0])
  const peers: RawHttp[] = []
  for (let n = 0; n < 4; n++) {
    const peer = await openRawHttp(bench)
    peer.say(as(`frames.${n}`, request('GET /allow/ws', ...upgrade)))
    await peer.until('\r\n\r\n')
    peer.say(frame)
    peers.push(peer)
  }
  await Promise.any(peers.map((peer) => peer.until('MEMORY_LIMIT')))
  await leaving(peers)
})

test('heads that do not end fill the share of their address, and none of an agent', async () => {
  const strangers = 1024 * KiB
  const perAddress = strangers / 16 / 8
  const peers: RawHttp[] = []
  for (let bytes = 0; bytes <= perAddress; bytes += 4000) {
    const peer = await openRawHttp(bench)
    peer.say(`GET /allow/echo HTTP/1.1\r\nx-long: ${'v'.repeat(4000)}`)
    peers.push(peer)
  }
  await Promise.any(peers.map((peer) => peer.until('MEMORY_LIMIT')))
  const agent = await openRawHttp(bench)
  agent.say(request('GET /allow/echo'))
  await agent.until('sha256')
  await leaving([...peers, agent])
})

test('pipelined requests wait while nobody reads the answers', async () => {
  const before = bench.target.seen.length
  const peer = await openRawHttp(bench)
  peer.socket.pause()
  const asked = request(`GET /allow/bytes?n=60000`).repeat(400)
  peer.say(asked)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const seen = bench.target.seen.length - before
  assert.ok(seen < 400, `${seen} of 400 were asked`)
  peer.destroy()
})

/** No stream's answer may have one byte of body. */
const NO_WINDOW = h2Frame(H2.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]))
const END_STREAM = 1
const END_HEADERS = 4

async function openH2(): Promise<RawHttp> {
  const peer = await openRawHttp({ ...bench, alpn: ['h2'] })
  peer.say(Buffer.concat([H2_PREFACE, NO_WINDOW]))
  return peer
}

function asked(
  stream: number,
  flags: number,
  method: string,
  path: string,
  agent?: string,
): Buffer {
  const block = h2Block([
    [':method', method],
    [':scheme', 'https'],
    [':authority', 'res.localhost'],
    [':path', path],
    ...(agent === undefined ? [] : [['authorization', `Bearer ${agent}`] as const]),
  ])
  return h2Frame(H2.headers, END_HEADERS | flags, stream, block)
}

async function nothingIsLeft(): Promise<void> {
  await until('everything is given back', () => bench.held === 0)
}

test('answers that are complete and that nobody takes count for their agent, at each stream', async () => {
  await nothingIsLeft()
  const before = bench.target.seen.length
  const peers = [await openH2(), await openH2()]
  for (const peer of peers) {
    for (let n = 0; n < 50; n++)
      peer.say(asked(2 * n + 1, END_STREAM, 'GET', '/allow/bytes?n=30000', 'greedy'))
  }
  await until('all were answered', () => bench.target.seen.length >= before + 100)
  await until('its share is full', () => bench.held > PER_AGENT / 2)
  assert.ok(bench.held <= PER_AGENT, `${bench.held} bytes`)
  // Of those that found no room the answer ends in RST_STREAM.
  const cut = '\0\0\x04\x03\0'
  await Promise.all(peers.map((peer) => peer.until(cut)))
  const other = await openRawHttp(bench)
  other.say(as('modest', request('GET /allow/bytes?n=60000')))
  await other.until(/x{60000}/)
  await leaving([...peers, other])
  await nothingIsLeft()
})

test('what comes ahead of being wanted counts: for an address, until it is known whose it is', async () => {
  await nothingIsLeft()
  const peers: RawHttp[] = []
  for (let n = 0; n < 8; n++) {
    const peer = await openH2()
    // Refused at once; its answer waits for a window, and the rest of its body goes nowhere.
    peer.say(
      Buffer.concat([
        asked(1, 0, 'PUT', '/allow/echo'),
        h2Frame(H2.data, 0, 1, Buffer.alloc(9000)),
      ]),
    )
    peers.push(peer)
  }
  const perAddress = (1024 * KiB) / 16 / 8
  await until('their answers wait', () => bench.held > 0)
  assert.ok(bench.held <= perAddress, `${bench.held} bytes of strangers`)
  await leaving(peers)
  await nothingIsLeft()
})

test('one large answer that its client leaves where it is does, too, and on HTTP/1.1', async () => {
  await nothingIsLeft()
  const peers: RawHttp[] = []
  for (let n = 0; n < 4; n++) {
    const peer = await openRawHttp(bench)
    peer.socket.pause()
    peer.say(as(`greedy.${n}`, request('GET /allow/bytes?n=30000000')))
    peers.push(peer)
  }
  await until('some of it is kept', () => bench.held > 0)
  assert.ok(bench.held <= PER_AGENT, `${bench.held} bytes`)
  await leaving(peers)
  await nothingIsLeft()
})
