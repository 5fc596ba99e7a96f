import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'

let bench: HttpBench
before(async () => {
  bench = await openHttpBench()
})
after(() => bench.stop())

async function ask(bytes: string, until: RegExp | string): Promise<string> {
  const client = await openRawHttp(bench)
  client.say(bytes)
  const heard = await client.until(until)
  client.destroy()
  return heard
}

test('a request goes through, with the target credential in place of the agent one', async () => {
  const heard = await ask(request('GET /allow/echo?a=b', 'x-mine: 1'), 'sha256')
  assert.match(heard, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(heard, /\r\nchaperone-session: [0-9a-f-]{36}\r\n/)
  const seen = bench.target.seen.at(-1)!
  assert.equal(seen.url, '/allow/echo?a=b')
  const headers = new Map(seen.headers)
  assert.equal(headers.get('authorization'), 'Bearer target-secret')
  assert.equal(headers.get('host'), 'target.example')
  assert.equal(headers.get('x-mine'), '1')
})

test('routing by path prefix', async () => {
  await ask(
    'GET /res/allow/echo HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer etl\r\n\r\n',
    '/allow/echo',
  )
  assert.equal(bench.target.seen.at(-1)?.url, '/allow/echo')
})

test('a denied request reaches nobody, and the connection stays', async () => {
  const before = bench.target.seen.length
  const client = await openRawHttp(bench)
  client.say(request('GET /deny/echo'))
  await client.until('POLICY_DENIED')
  client.say(request('GET /allow/echo'))
  await client.until('/allow/echo')
  client.destroy()
  assert.equal(bench.target.seen.length, before + 1)
})

test('bodies stream with a length and chunked', async () => {
  await ask(`${request('POST /allow/echo', 'content-length: 5')}hello`, 'sha256')
  assert.equal(bench.target.seen.at(-1)?.body.toString(), 'hello')
  await ask(
    `${request('POST /allow/echo', 'transfer-encoding: chunked')}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`,
    'sha256',
  )
  assert.equal(bench.target.seen.at(-1)?.body.toString(), 'hello!')
})

test('pipelined requests are answered in order', async () => {
  const client = await openRawHttp(bench)
  client.say([1, 2, 3].map((n) => request(`GET /allow/echo?p=${n}`)).join(''))
  await client.until('p=3')
  client.destroy()
  assert.match(client.heard, /p=1[^]*p=2[^]*p=3/)
})

test('Expect: 100-continue is answered after the verdict', async () => {
  const client = await openRawHttp(bench)
  client.say(request('PUT /allow/echo', 'content-length: 2', 'expect: 100-continue'))
  await client.until('HTTP/1.1 100 Continue\r\n\r\n')
  client.say('ok')
  await client.until('sha256')
  client.destroy()
  const refused = await ask(
    request('PUT /deny/echo', 'content-length: 2', 'expect: 100-continue'),
    'POLICY_DENIED',
  )
  assert.doesNotMatch(refused, /100 Continue/)
})
