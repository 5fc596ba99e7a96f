import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { DESYNC_CASES } from './desync-cases.ts'

let bench: HttpBench
before(async () => {
  bench = await openHttpBench()
})
after(() => bench.stop())

for (const { name, bytes, code } of DESYNC_CASES) {
  test(`refused: ${name}`, async () => {
    const client = await openRawHttp(bench)
    client.say(Buffer.from(bytes, 'latin1'))
    const heard = await client.until(code)
    client.destroy()
    assert.match(heard, /^HTTP\/1\.1 (?:400|413|501) /)
    // One answer, and nobody heard of what was smuggled.
    assert.equal(heard.match(/HTTP\/1\.1 \d/g)?.length, 1)
    assert.ok(!bench.target.seen.some(({ url }) => url.includes('smuggled')))
    assert.ok(!bench.target.seen.some(({ url }) => url.includes('deny')))
  })
}

test('a request split at every byte is the same request', async () => {
  const bytes = Buffer.from(
    `${request('POST /allow/echo?a=b', 'transfer-encoding: chunked')}3\r\nabc\r\n2\r\nde\r\n0\r\nx: y\r\n\r\n`,
  )
  for (let at = 1; at < bytes.length; at += 3) {
    const client = await openRawHttp(bench)
    client.say(bytes.subarray(0, at))
    await new Promise((resolve) => setImmediate(resolve))
    client.say(bytes.subarray(at))
    await client.until('sha256')
    client.destroy()
    const seen = bench.target.seen.at(-1)!
    assert.equal(seen.url, '/allow/echo?a=b')
    assert.equal(seen.body.toString(), 'abcde')
    assert.deepEqual({ ...seen.trailers }, {})
  }
})

test('a request byte by byte, and the next behind it', async () => {
  const client = await openRawHttp(bench)
  const bytes = `${request('PUT /allow/echo', 'content-length: 5')}hello${request('GET /allow/echo?next')}`
  for (const byte of Buffer.from(bytes)) client.say(Buffer.from([byte]))
  await client.until('?next')
  client.destroy()
  assert.equal(bench.target.seen.at(-2)?.body.toString(), 'hello')
})

test('headers of the connection, of proxies and of browsers stay here', async () => {
  const client = await openRawHttp(bench)
  client.say(
    request(
      'GET /allow/status?n=200',
      'connection: keep-alive, te',
      'keep-alive: timeout=5',
      'te: trailers',
      'x-forwarded-for: 1.2.3.4',
      'x-forwarded-host: evil',
      'forwarded: for=1.2.3.4',
      'x-real-ip: 1.2.3.4',
      'via: 1.1 a',
      'cookie: a=b',
      'proxy-authorization: Basic x',
      'x-kept: yes',
    ),
  )
  const heard = await client.until('\r\n\r\n')
  client.destroy()
  const names = bench.target.seen.at(-1)!.headers.map(([name]) => name)
  assert.deepEqual(names.sort(), ['authorization', 'host', 'x-kept'])
  assert.doesNotMatch(heard, /set-cookie|alt-svc|keep-alive/i)
  assert.match(heard, /\r\nx-kept: yes\r\n/)
})
