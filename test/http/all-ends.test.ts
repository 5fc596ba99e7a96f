import assert from 'node:assert/strict'
import type { ClientHttp2Session } from 'node:http2'
import { connect } from 'node:http2'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { BodyTransform } from '../../src/protocol/http/api.ts'
import { wsFrame } from '../costs/peer.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

/**
 * However requests end, nothing of what they held of their agent's memory stays taken: what did would
 * add up until nobody is served.
 */

const SEED = seedFrom('ENDS_SEED')
const PEERS = countFrom('ENDS_PEERS', 400)
const AT_ONCE = 20

/** Keeps an answer until it has ended. */
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

let bench: HttpBench
let largest = 0
before(async () => {
  bench = await openHttpBench({
    memory: { bytesMax: 4 * 2 ** 20, perHolderMax: 2 ** 20 },
    api: testApi({
      answer: ({ operation }, _judgement, { headers }) =>
        operation.fingerprint.startsWith('/allow/a')
          ? { type: 'transform', headers, body: keeper() }
          : { type: 'pass', headers },
      tunnel: () => ({
        fromClient: ({ payload }) =>
          payload.includes('evil') ? { code: 'POLICY_DENIED', message: '', hint: '' } : undefined,
        fromTarget: () => undefined,
      }),
      async preview(_request, _body, call) {
        const { status } = await call({ method: 'GET', target: '/x/bytes?n=50000', headers: [] })
        return { text: `now ${status}`, digest: 'd' }
      },
    }),
  })
})
after(() => bench.stop())

const KINDS = ['allow', 'deny', 'hold', 'body/allow', 'body/deny', 'body/hold', 'allow/a']
const DEEDS = [
  'echo',
  'bytes?n=300000',
  'chunked?n=200000',
  'early',
  'answers-early',
  'never',
  'drip',
  'close',
  'raw?bytes=bm9uc2Vuc2UNCg0K',
  'raw?bytes=SFRUUC8xLjEgMjAwIE9LDQpjb250ZW50LWxlbmd0aDogOTkNCg0KaGFsZg==&end',
]
const UPGRADE = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
]
const pathOf = (dice: Dice) => `/${dice.pick(KINDS)}/${dice.pick(DEEDS)}`
const agentOf = (dice: Dice) => `${dice.pick(['one', 'two', 'three', 'bad'])}.${dice.between(0, 6)}`
const pause = (dice: Dice) => delay(dice.pick([0, 0, 1, 5, 30]))

async function h1(dice: Dice): Promise<void> {
  const peer = await openRawHttp(bench)
  if (dice.between(0, 3) === 0) peer.socket.pause()
  for (let left = dice.between(1, 4); left > 0 && !peer.closed; left--) {
    const length = dice.pick([0, 5, 3_000, 90_000, 150_000])
    const isChunked = dice.between(0, 2) === 0
    const line = `${length === 0 ? 'GET' : 'PUT'} ${pathOf(dice)}`
    const framing = isChunked ? 'transfer-encoding: chunked' : `content-length: ${length}`
    const head = request(line, ...(length === 0 ? [] : [framing]))
    const said = head.replace('Bearer etl', `Bearer ${agentOf(dice)}`)
    const cut = dice.between(0, 5) === 0 ? dice.between(1, said.length) : said.length
    peer.say(said.slice(0, cut))
    if (cut < said.length) break
    let sent = 0
    const enough = dice.between(0, 3) === 0 ? dice.between(0, length + 1) : length
    while (sent < enough && !peer.closed) {
      const size = Math.min(dice.pick([1, 700, 20_000]), enough - sent)
      const piece = 'x'.repeat(size)
      peer.say(isChunked ? `${size.toString(16)}\r\n${piece}\r\n` : piece)
      sent += size
      if (dice.between(0, 20) === 0) await pause(dice)
    }
    if (isChunked && length > 0 && sent === length) peer.say('0\r\n\r\n')
    await pause(dice)
  }
  await pause(dice)
  if (dice.between(0, 2) === 0) peer.socket.end()
  await delay(20)
  peer.destroy()
}

async function webSocket(dice: Dice): Promise<void> {
  const peer = await openRawHttp(bench)
  const path = `/${dice.pick(['allow', 'hold'])}/ws?${dice.pick(['echo', 'wrong', 'x', 'say=gQVoZWxsbw=='])}`
  const head = request(`GET ${path}`, ...UPGRADE)
  peer.say(head.replace('Bearer etl', `Bearer ${agentOf(dice)}`))
  await pause(dice)
  for (let left = dice.between(0, 6); left > 0; left--) {
    const text = dice.pick(['hello', 'evil', 'x'.repeat(60), 'y'.repeat(80_000)])
    const frame = wsFrame(dice.pick([0x82, 0x82, 0x82, 0x89, 0x88, 0x02, 0xc2]), Buffer.from(text))
    peer.say(
      frame.subarray(0, dice.between(0, 3) === 0 ? dice.between(1, frame.length) : undefined),
    )
    await pause(dice)
  }
  if (dice.between(0, 2) === 0) peer.socket.end()
  await delay(20)
  peer.destroy()
}

async function h2(dice: Dice): Promise<void> {
  const session: ClientHttp2Session = connect(`https://localhost:${bench.port}`, { ca: bench.ca })
  session.on('error', () => {})
  for (let left = dice.between(1, 6); left > 0 && !session.destroyed; left--) {
    const length = dice.pick([0, 5, 3_000, 90_000, 150_000])
    const stream = session.request(
      {
        ':authority': 'res.localhost',
        ':method': length === 0 ? 'GET' : 'PUT',
        ':path': pathOf(dice),
        authorization: `Bearer ${agentOf(dice)}`,
      },
      { endStream: length === 0 },
    )
    stream.on('error', () => {})
    if (dice.between(0, 2) === 0) stream.resume()
    if (length > 0) stream.write(Buffer.alloc(dice.between(1, length + 1)))
    await pause(dice)
    const end = dice.between(0, 4)
    if (end === 0) stream.close(8)
    else if (end === 1) stream.end()
    await pause(dice)
  }
  await delay(20)
  session.destroy()
}

/** What others do to all of them meanwhile. */
async function meddle(dice: Dice, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await delay(dice.between(1, 40))
    largest = Math.max(largest, bench.held)
    const deed = dice.between(0, 12)
    if (deed === 0) bench.endSessions()
    else if (deed === 1) bench.target.cut()
    else if (deed === 2) bench.policyChanged()
    else if (deed === 3) bench.forget(dice.pick(['one', 'two']))
    else {
      const open = bench.asked.filter(({ withdrawn }) => !withdrawn)
      if (open.length === 0) continue
      const outcomes = [
        { type: 'approved', answers: [] },
        { type: 'withdrawn' },
        { type: 'expired', answers: [] },
      ] as const
      dice.pick(open).settle(dice.pick(outcomes))
    }
  }
}

test(`${PEERS} peers that end in any way, by seed ${SEED}: nothing stays taken`, async () => {
  const dice = createDice(SEED)
  let over = false
  const meddling = meddle(dice.child(0), () => over)
  for (let begun = 0; begun < PEERS; begun += AT_ONCE) {
    const own = Array.from({ length: AT_ONCE }, (_, n) => dice.child(1 + begun + n))
    await Promise.all(own.map((one) => one.pick([h1, h1, h2, webSocket])(one)))
  }
  over = true
  await meddling
  assert.ok(largest > 10_000, `at most ${largest} bytes were held`)
  await until(`nothing is held, of ${bench.held}`, () => (bench.held === 0 ? true : undefined))
})
