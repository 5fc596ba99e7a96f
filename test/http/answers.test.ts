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

/** A target that says exactly this; `end`: and closes. */
function raw(bytes: string, end = false): string {
  const said = encodeURIComponent(Buffer.from(bytes, 'latin1').toString('base64'))
  return request(`GET /allow/raw?bytes=${said}${end ? '&end' : ''}`)
}

const OK = 'HTTP/1.1 200 OK\r\n'
const OTHER = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen'

const REFUSED: Readonly<Record<string, string>> = {
  'a length and chunked': `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'two lengths': `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
  'a list of lengths': `${OK}content-length: 1, 1\r\n\r\na`,
  'a length that is none': `${OK}content-length: -1\r\n\r\n`,
  'an unknown coding': `${OK}transfer-encoding: gzip\r\n\r\n`,
  'a folded header': `${OK}a: 1\r\n b\r\ncontent-length: 0\r\n\r\n`,
  'a bare CR in a header': `${OK}a: 1\rb: 2\r\ncontent-length: 0\r\n\r\n`,
  'a NUL in a header': `${OK}a: \0\r\ncontent-length: 0\r\n\r\n`,
  'a blank before a colon': `${OK}a : 1\r\ncontent-length: 0\r\n\r\n`,
  'lines that end with LF': 'HTTP/1.1 200 OK\ncontent-length: 0\n\n',
  'no status': 'HTTP/1.1 OK\r\n\r\n',
  'another protocol': 'SSH-2.0-OpenSSH\r\n\r\n',
  'another version': 'HTTP/3.0 200 OK\r\ncontent-length: 0\r\n\r\n',
  'an upgrade that nobody asked for':
    'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
  'too many headers': `${OK}${'a: 1\r\n'.repeat(200)}\r\n`,
}

for (const [name, bytes] of Object.entries(REFUSED)) {
  test(`an answer is refused: ${name}`, async () => {
    const client = await openRawHttp(bench)
    client.say(raw(bytes))
    assert.match(await client.until('TARGET_PROTOCOL'), /^HTTP\/1\.1 502 /)
    client.say(request('GET /allow/echo?after'))
    await client.until('?after')
    client.destroy()
  })
}

test('two answers to one question: the second is nobody else its', async () => {
  const client = await openRawHttp(bench)
  client.say(raw(`${OK}content-length: 4\r\n\r\nmine${OTHER}`))
  await client.until('mine')
  const other = await openRawHttp(bench)
  other.say(request('GET /allow/echo?other'))
  assert.doesNotMatch(await other.until('?other'), /stolen/)
  client.destroy()
  other.destroy()
})

test('an answer that comes before its question is nobody its', async () => {
  const first = await openRawHttp(bench)
  first.say(raw(`${OK}content-length: 0\r\n\r\n`))
  await first.until('content-length: 0')
  first.say(raw(`HTTP/1.1 204 No Content\r\n\r\n${OTHER}`))
  await first.until('204')
  first.say(request('GET /allow/echo?then'))
  assert.doesNotMatch(await first.until('?then'), /stolen/)
  first.destroy()
})

test('broken chunks cut the answer short, so that the client can tell', async () => {
  const client = await openRawHttp(bench)
  client.say(raw(`${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n`))
  const heard = await client.untilClosed()
  assert.match(heard, /\r\n3\r\nabc\r\n$/)
})

test('a connection that closes within a body cuts the answer short', async () => {
  const client = await openRawHttp(bench)
  client.say(raw(`${OK}content-length: 9\r\n\r\nabc`, true))
  assert.match(await client.untilClosed(), /content-length: 9\r\n\r\nabc$|\r\n\r\nabc$/)
})

test('interim answers stay between target and gateway', async () => {
  const client = await openRawHttp(bench)
  client.say(
    raw(
      `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}connection: close\r\ncontent-length: 2\r\n\r\nhi`,
    ),
  )
  const heard = await client.until('hi')
  assert.doesNotMatch(heard, / 103 |link/)
  client.destroy()
})

test('trailers pass; bodies that end with the connection become chunked', async () => {
  const client = await openRawHttp(bench)
  client.say(request('GET /allow/trailers'))
  await client.until('\r\n0\r\nx-sum: 4\r\n\r\n')
  client.say(request('GET /allow/close'))
  await client.until('until the end\r\n0\r\n\r\n')
  client.destroy()
})

test('HEAD keeps the length and has no body', async () => {
  const client = await openRawHttp(bench)
  client.say(request('HEAD /allow/bytes?n=5') + request('GET /allow/echo?next'))
  const heard = await client.until('?next')
  assert.match(heard, /content-length: 5\r\n[^]*?\r\n\r\nHTTP\/1\.1 200/)
  client.destroy()
})

test('an answer without a body promises none', async () => {
  const client = await openRawHttp(bench)
  client.say(raw('HTTP/1.1 204 No Content\r\nconnection: close\r\ncontent-length: 5\r\n\r\n'))
  assert.doesNotMatch(await client.until('204'), /content-length/)
  client.destroy()
})

test('a target that answers early: the client hears it, and nothing is mixed up', async () => {
  const client = await openRawHttp(bench)
  client.say(`${request('PUT /allow/early', 'content-length: 5000000')}abc`)
  const heard = await client.until('413')
  assert.match(heard, /connection: close/)
  client.destroy()
})
