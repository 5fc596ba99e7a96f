import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp, request } from '../support/http-raw.ts'

/** What one agent, or one address, leaves unfinished takes nothing of what others need. */

const KiB = 1024
const PER_AGENT = 256 * KiB

let bench: HttpBench
before(async () => {
  bench = await openHttpBench({
    memory: { bytesMax: 1024 * KiB, perHolderMax: PER_AGENT },
    api: testApi({
      tunnel: () => ({ fromClient: () => undefined, fromTarget: () => undefined, closed() {} }),
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
