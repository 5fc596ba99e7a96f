import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

/** An agent whose records are used up gets nothing, writes nothing, and is told of in sum. */

const BURST = 40_000

let bench: HttpBench
before(async () => {
  bench = await openHttpBench({
    records: { burst: BURST, perSecond: 1 },
    sessionsPerAgentMax: 2,
  })
})
after(() => bench.stop())

const as = (agent: string, text: string) => text.replace('Bearer etl', `Bearer ${agent}`)

async function ask(peer: RawHttp, text: string): Promise<string> {
  const from = peer.heard.length
  peer.say(text)
  await peer.until(new RegExp(`^[^]{${from}}HTTP[^]+\r\n\r\n[^]*[}\n]`))
  return peer.heard.slice(from)
}

/** As many requests as it takes. */
async function useUp(agent: string): Promise<RawHttp> {
  const peer = await openRawHttp(bench)
  for (let n = 0; n < 100; n++) {
    const answer = await ask(peer, as(agent, request(`GET /deny/${'x'.repeat(4000)}`)))
    if (answer.includes('RECORD_LIMIT')) return peer
    assert.match(answer, /POLICY_DENIED/)
  }
  throw new Error('never used up')
}

async function recordedChars(): Promise<number> {
  // What nobody waits for is written within some milliseconds.
  await new Promise((resolve) => setTimeout(resolve, 50))
  return JSON.stringify(await bench.records()).length
}

test('requests of a session that is known are refused with its name, and others are served', async () => {
  const peer = await useUp('talks')
  const before = await recordedChars()
  const seen = bench.target.seen.length
  for (let n = 0; n < 20; n++) {
    const answer = await ask(peer, as('talks', request('GET /allow/echo')))
    assert.match(answer, /^HTTP\/1\.1 \d+ [^]*chaperone-session: [^]*RECORD_LIMIT/)
  }
  assert.equal(bench.target.seen.length, seen)
  assert.equal(await recordedChars(), before)
  assert.deepEqual(bench.refused, [], 'they are of a session, and no sign-ins')
  const other = await openRawHttp(bench)
  assert.match(await ask(other, request('GET /allow/echo')), / 200 /)
  peer.destroy()
  other.destroy()
})

test('a body that was under way when they were used up is not judged any more', async () => {
  const late = await openRawHttp(bench)
  late.say(as('late', request('PUT /body/allow/echo', 'content-length: 50000')) + 'x'.repeat(100))
  await until('its session is open', () => bench.sessionsOpen > 0)
  const peer = await useUp('late')
  const before = await recordedChars()
  late.say('x'.repeat(49_900))
  await late.until('RECORD_LIMIT')
  assert.equal(await recordedChars(), before)
  late.destroy()
  peer.destroy()
})

test('other tokens of the agent, more than it may have sessions, open none', async () => {
  const peer = await useUp('many')
  const before = await recordedChars()
  for (let n = 0; n < 12; n++) {
    const answer = await ask(peer, as(`many.${n % 4}`, request('GET /allow/echo')))
    assert.match(answer, /RECORD_LIMIT/)
  }
  assert.equal(await recordedChars(), before)
  peer.destroy()
})

test('a person ends its sessions all the same', async () => {
  const peer = await useUp('ended')
  assert.ok(bench.endSessions() > 0)
  assert.match(await ask(peer, as('ended', request('GET /allow/echo'))), /SESSION_REVOKED/)
  peer.destroy()
})
