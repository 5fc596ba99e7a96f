import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import {
  BODY_BYTES_PER_SECOND_MIN,
  BODY_IDLE_MS,
  CONNECTION_IDLE_MS,
  DEADLINE_SWEEP_MS,
  FIRST_BYTE_MS,
  HEAD_MS,
} from '../../src/protocol/http/limits.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

let bench: HttpBench
let ahead_ms = 0
before(async () => {
  bench = await openHttpBench({
    clock: { ...systemClock, steady_ms: () => systemClock.steady_ms() + ahead_ms },
    sessionsPerAgentMax: 2,
    life: { max_ms: Number.MAX_SAFE_INTEGER, idle_ms: Number.MAX_SAFE_INTEGER },
  })
})
after(() => bench.stop())

test('a head that does not end', async () => {
  const client = await openRawHttp(bench)
  client.say('GET /allow/echo HTTP/1.1\r\nhost: res.')
  await new Promise((resolve) => setTimeout(resolve, 50))
  ahead_ms += HEAD_MS
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 408 [^]*PROTOCOL_TIMEOUT/)
})

test('a connection that says nothing', async () => {
  const client = await openRawHttp(bench)
  await new Promise((resolve) => setTimeout(resolve, 50))
  ahead_ms += HEAD_MS
  assert.equal(await client.untilClosed(), '')
})

test('a connection that rests between two requests', async () => {
  const client = await openRawHttp(bench)
  client.say(request('GET /allow/echo'))
  await client.until('sha256')
  ahead_ms += CONNECTION_IDLE_MS - 10_000
  client.say(request('GET /allow/echo?again'))
  await client.until('?again')
  ahead_ms += CONNECTION_IDLE_MS
  await client.untilClosed()
})

test('a body that stops', async () => {
  const client = await openRawHttp(bench)
  client.say(`${request('PUT /allow/echo', 'content-length: 10')}hello`)
  await until('the target has its begin', () => bench.target.seen.at(-1)?.bodyBytes === 5)
  ahead_ms += BODY_IDLE_MS
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 408 [^]*PROTOCOL_TIMEOUT/)
})

test('a target that does not answer', async () => {
  const client = await openRawHttp(bench)
  client.say(request('GET /allow/never'))
  await until('the target has it', () => bench.target.seen.at(-1)?.url === '/allow/never')
  ahead_ms += FIRST_BYTE_MS
  assert.match(await client.until('TARGET_LOST'), /^HTTP\/1\.1 502 /)
  client.destroy()
})

test('a tool that brings a new token each time is not locked out', async () => {
  const client = await openRawHttp(bench)
  for (let n = 0; n < 5; n++) {
    client.say(request(`GET /allow/echo?t=${n}`).replace('Bearer etl', `Bearer tool.${n}`))
    await client.until(`?t=${n}`)
  }
  client.destroy()
})

test('but what is under way is never ended for another', async () => {
  const busy = await Promise.all([0, 1].map(() => openRawHttp(bench)))
  busy.forEach((client, n) =>
    client.say(request('GET /allow/drip').replace('Bearer etl', `Bearer busy.${n}`)),
  )
  for (const client of busy) await client.until('1\r\n.\r\n')
  const third = await openRawHttp(bench)
  third.say(request('GET /allow/echo').replace('Bearer etl', 'Bearer busy.2'))
  assert.match(await third.until('SESSION_LIMIT'), /^HTTP\/1\.1 503 /)
  for (const client of [...busy, third]) client.destroy()
})

test('a body that comes at a byte in a while is no progress', async () => {
  for (const path of ['/allow/echo', '/body/allow/echo']) {
    const client = await openRawHttp(bench)
    client.say(`${request(`PUT ${path}?drip`, 'content-length: 10000')}hello`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (let pieces = 0; pieces < 3 && !client.closed; pieces++) {
      ahead_ms += BODY_IDLE_MS / 2
      client.say('x')
      await new Promise((resolve) => setTimeout(resolve, 2 * DEADLINE_SWEEP_MS))
    }
    assert.match(await client.untilClosed(), /^HTTP\/1\.1 408 [^]*PROTOCOL_TIMEOUT/)
  }
})

test('but one at the slowest rate goes on for as long as it is', async () => {
  const client = await openRawHttp(bench)
  const piece = 'x'.repeat((BODY_BYTES_PER_SECOND_MIN * BODY_IDLE_MS) / 1000)
  client.say(request('PUT /allow/echo?slow', `content-length: ${4 * piece.length}`))
  for (let pieces = 1; pieces <= 4; pieces++) {
    client.say(piece)
    const due = pieces * piece.length
    await until('the piece arrives', () => bench.target.seen.at(-1)?.bodyBytes === due)
    if (pieces < 4) ahead_ms += BODY_IDLE_MS - 1_000
  }
  await client.until('sha256')
  client.destroy()
})
