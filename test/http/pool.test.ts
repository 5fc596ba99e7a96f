import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp, request } from '../support/http-raw.ts'

/**
 * A connection to a target serves a second request only where the first was sent whole, before the
 * answer to it began, and its answer was read whole.
 */

let bench: HttpBench
before(async () => {
  bench = await openHttpBench({
    api: testApi({
      answer: (_request, _judgement, { headers }) =>
        headers.some(([name, value]) => name === 'content-type' && value === 'broken')
          ? { type: 'transform', headers, body: BREAKS_AT_ITS_END }
          : { type: 'pass', headers },
    }),
  })
})
after(() => bench.stop())

const BREAKS_AT_ITS_END = {
  write: () => Buffer.alloc(0),
  end(): never {
    throw new Error('cannot be masked')
  },
  masked: [],
}

function raw(bytes: string): string {
  const told = encodeURIComponent(Buffer.from(bytes, 'latin1').toString('base64'))
  return request(`GET /allow/raw?bytes=${told}`)
}

/** The connection on which the target hears the next request. */
async function nextConnection(): Promise<number> {
  const client = await openRawHttp(bench)
  client.say(request('GET /allow/echo?next'))
  await client.until('?next')
  client.destroy()
  return bench.target.seen.at(-1)!.connection
}

async function said(bytes: string, until: string | RegExp): Promise<RawHttp> {
  const client = await openRawHttp(bench)
  client.say(bytes)
  await client.until(until)
  return client
}

const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone'

test('a whole request with a whole answer keeps it', async () => {
  const client = await said(request('PUT /allow/echo?a', 'content-length: 3') + 'abc', '?a')
  client.destroy()
  const before = bench.target.seen.at(-1)!.connection
  assert.equal(await nextConnection(), before)
})

test('an answer before the end of the body costs it, though the body comes later', async () => {
  const bytes = encodeURIComponent(Buffer.from(whole.slice(0, -2)).toString('base64'))
  const line = `PUT /allow/raw?bytes=${bytes}`
  const client = await said(`${request(line, 'content-length: 6')}abc`, /200[^]*do$/)
  const before = bench.target.seen.at(-1)!.connection
  client.say('def')
  client.destroy()
  assert.notEqual(await nextConnection(), before)
})

const BODIES = {
  'a length': [['content-length: 6'], 'abc', 'def'],
  chunks: [['transfer-encoding: chunked'], '3\r\nabc\r\n', '3\r\ndef\r\n0\r\n\r\n'],
} as const

for (const [name, [headers, begin, end]] of Object.entries(BODIES)) {
  test(`an early answer that ends after the body costs it: ${name}`, async () => {
    const connections = new Set<number>()
    const client = await openRawHttp(bench)
    client.say(request('PUT /allow/answers-early', ...headers) + begin)
    await client.until('begun')
    connections.add(bench.target.seen.at(-1)!.connection)
    client.say(end)
    await client.until('ended')
    client.destroy()
    assert.ok(!connections.has(await nextConnection()))
  })
}

test('an answer that was not read to its end costs it', async () => {
  const client = await said(request('GET /allow/drip'), '200')
  const before = bench.target.seen.at(-1)!.connection
  client.destroy()
  assert.notEqual(await nextConnection(), before)
})

test('bytes behind an answer cost it', async () => {
  const client = await said(raw(`${whole}H`), 'done')
  const before = bench.target.seen.at(-1)!.connection
  client.destroy()
  assert.notEqual(await nextConnection(), before)
})

test('an answer that cannot be masked at its end is cut at once, and costs it', async () => {
  const odd = whole.replace('\r\n\r\n', '\r\ncontent-type: broken\r\n\r\n')
  const client = await openRawHttp(bench)
  client.say(raw(odd))
  const heard = await client.untilClosed()
  assert.doesNotMatch(heard, /done|\r\n0\r\n\r\n$/)
  const before = bench.target.seen.at(-1)!.connection
  assert.notEqual(await nextConnection(), before)
  const outcome = (await bench.records()).findLast(({ result }) => result === 'lost')
  assert.equal(outcome?.error, 'INTERNAL')
})
