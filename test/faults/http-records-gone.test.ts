import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { ChaperoneError } from '../../src/core/errors.ts'
import { nodeIo } from '../../src/record/segments/io.ts'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

/*
 * A disk that is full, and a credential that cannot be had, while requests are held and answers
 * stream: nothing goes on unrecorded, nothing hangs, and all is well again by itself.
 */

let bench: HttpBench
let isFull = false
let hasCredential = true
before(async () => {
  const io = nodeIo({ syncFolders: false })
  bench = await openHttpBench({
    api: testApi({
      tunnel: (_request, _judgement, host) => ({
        fromClient({ payload }) {
          host.record('i', payload.toString())
          return undefined
        },
        fromTarget: () => undefined,
        closed() {},
      }),
    }),
    recordIo: {
      ...io,
      create: (path) => io.create(path),
      write(...what) {
        if (isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        return io.write(...what)
      },
    },
    authority: {
      headers() {
        if (hasCredential) return [['authorization', 'Bearer target-secret']]
        const hint = 'Wait.'
        return Promise.reject(new ChaperoneError('TARGET_CREDENTIAL', 'It is away.', { hint }))
      },
    },
  })
})
after(() => bench.stop())

afterEach(async () => {
  isFull = false
  hasCredential = true
  await until('requests run again', async () => {
    const client = await openRawHttp(bench)
    client.say(request('GET /allow/echo?again'))
    const heard = await client.until(/\?again|RECORD_UNAVAILABLE/)
    client.destroy()
    return heard.includes('?again')
  })
  await until('what ran has its outcome', async () => {
    const records = await bench.records()
    const count = (of: string) => records.filter(({ kind }) => kind === of).length
    return count('operation.intent') === count('operation.outcome')
  })
})

async function say(bytes: string) {
  const client = await openRawHttp(bench)
  client.say(bytes)
  return client
}

test('while the disk is full, nothing reaches the target', async () => {
  isFull = true
  const before = bench.target.seen.length
  for (const line of ['GET /allow/echo?full', 'DELETE /allow/echo?full', 'GET /deny/echo']) {
    const client = await say(request(line))
    assert.match(await client.until('\r\n\r\n'), /^HTTP\/1\.1 (?:503|403) /)
    client.destroy()
  }
  assert.equal(bench.target.seen.length, before)
})

test('a request that is held when the disk fills up', async () => {
  const client = await say(request('POST /hold/echo?held', 'content-length: 0'))
  await until('people are asked', () => bench.asked.length === 1)
  isFull = true
  const other = await say(request('GET /allow/echo?notices'))
  await other.until('RECORD_UNAVAILABLE')
  other.destroy()
  bench.asked[0]!.settle({ type: 'approved', approvals: [] } as never)
  const heard = await client.until(/RECORD_UNAVAILABLE|sha256/)
  client.destroy()
  assert.match(heard, /RECORD_UNAVAILABLE/)
  assert.ok(!bench.target.seen.some(({ url }) => url.includes('?held')))
})

test('an answer that streams when the disk fills up', async () => {
  const client = await say(request('GET /allow/drip'))
  await client.until('200')
  isFull = true
  const other = await say(request('GET /allow/echo?notices'))
  await other.until('RECORD_UNAVAILABLE')
  other.destroy()
  client.destroy()
})

test('a body that streams when the disk fills up', async () => {
  const client = await say(`${request('PUT /allow/echo?streams', 'content-length: 6')}abc`)
  await until('it streams', () => bench.target.seen.at(-1)?.bodyBytes === 3)
  isFull = true
  client.say('def')
  await client.until('sha256')
  client.destroy()
})

test('a tunnel when the disk fills up', async () => {
  const client = await say(
    request(
      'GET /allow/ws?echo',
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ),
  )
  await client.until('101')
  isFull = true
  const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
  await until('the tunnel is closed', () => {
    if (!client.closed) client.say(frame)
    return client.closed
  })
})

test('a credential that cannot be had: it is told, and nothing went on', async () => {
  hasCredential = false
  const before = bench.target.seen.length
  const client = await say(`${request('PUT /allow/echo?away', 'content-length: 3')}abc`)
  assert.match(await client.until('TARGET_CREDENTIAL'), /^HTTP\/1\.1 50\d /)
  client.destroy()
  assert.equal(bench.target.seen.length, before)
})
