import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TunnelGuard } from '../../src/protocol/http/api.ts'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

let bench: HttpBench
const heard: string[] = []
before(async () => {
  bench = await openHttpBench({
    api: testApi({
      tunnel: (_request, _judgement, host): TunnelGuard => ({
        fromClient({ payload }) {
          const text = payload.toString()
          heard.push(text)
          host.record('i', text)
          if (!text.includes('evil')) return undefined
          return { code: 'POLICY_DENIED', message: 'No.', hint: 'Do not.' }
        },
        fromTarget({ payload }) {
          host.record('o', payload.toString())
          return undefined
        },
      }),
    }),
  })
})
after(() => bench.stop())

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const UPGRADE = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  `sec-websocket-key: ${KEY}`,
]

/** A short frame of a client. */
function frame(first: number, text: string, mask = Buffer.from([1, 2, 3, 4])): Buffer {
  const payload = Buffer.from(text).map((byte, at) => byte ^ mask[at % 4]!)
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length]), mask, payload])
}

async function open(path: string): Promise<RawHttp> {
  const client = await openRawHttp(bench)
  client.say(request(`GET ${path}`, ...UPGRADE, 'sec-websocket-extensions: permessage-deflate'))
  return client
}

test('messages pass, judged and recorded, and extensions are not offered', async () => {
  const client = await open('/allow/ws?echo')
  await client.until(/101 Switching[^]*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=[^]*\r\n\r\n/)
  assert.ok(!bench.target.seen.at(-1)!.headers.some(([name]) => name.endsWith('extensions')))
  client.say(frame(0x81, 'hello'))
  await client.until('hello')
  for (const byte of frame(0x81, 'again')) client.say(Buffer.from([byte]))
  await client.until('again')
  assert.deepEqual(heard, ['hello', 'again'])
  client.destroy()
  const pieces = await until('the terminal is recorded', async () => {
    const found = (await bench.records()).filter(({ kind }) => kind === 'operation.terminal')
    return found.length >= 4 && found
  })
  assert.deepEqual(
    pieces.map(({ text }) => text),
    ['hello', 'hello', 'again', 'again'],
  )
})

test('what comes together with the heads of both sides is not lost', async () => {
  const hello = Buffer.concat([Buffer.from([0x81, 5]), Buffer.from('early')]).toString('base64')
  const client = await openRawHttp(bench)
  const asking = Buffer.from(
    request(`GET /allow/ws?echo&say=${encodeURIComponent(hello)}`, ...UPGRADE),
  )
  client.say(Buffer.concat([asking, frame(0x81, 'ahead')]))
  await client.until(/101 Switching[^]*early[^]*ahead/)
  client.destroy()
})

test('a refused message closes the tunnel, and never goes on', async () => {
  const client = await open('/allow/ws?echo')
  await client.until('\r\n\r\n')
  client.say(frame(0x82, 'evil'))
  const all = await client.untilClosed()
  assert.match(all, /\xf0POLICY_DENIED/)
})

const BROKEN: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['an unmasked frame', Buffer.from([0x81, 0x01, 0x41])],
  ['a reserved bit', frame(0xc1, 'a')],
  ['an unknown opcode', frame(0x83, 'a')],
  ['a fragmented ping', frame(0x09, 'a')],
  ['a continuation of nothing', frame(0x80, 'a')],
  ['a first fragment', frame(0x01, 'a')],
  ['the beginning of one', frame(0x02, 'a').subarray(0, 2)],
  ['a length in a long form', Buffer.from([0x81, 0xfe, 0, 1, 1, 2, 3, 4, 0x41])],
  ['a frame beyond any bound', Buffer.from([0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
]

for (const [what, bytes] of BROKEN) {
  test(`${what} closes the tunnel`, async () => {
    const client = await open('/allow/ws?echo')
    await client.until('\r\n\r\n')
    client.say(bytes)
    assert.match(await client.untilClosed(), /PROTOCOL_VIOLATION/)
  })
}

test('a message in fragments is not even judged', async () => {
  heard.length = 0
  const client = await open('/allow/ws?echo')
  await client.until('\r\n\r\n')
  client.say(Buffer.concat([frame(0x81, 'whole'), frame(0x01, 'piece'), frame(0x80, 'rest')]))
  const all = await client.untilClosed()
  assert.match(all, /PROTOCOL_VIOLATION/)
  assert.doesNotMatch(all, /piece|rest/)
  assert.deepEqual(heard, ['whole'])
})

test('fragments of a target pass', async () => {
  const bytes = Buffer.from([0x01, 1, 0x68, 0x80, 1, 0x69])
  const client = await open(`/allow/ws?say=${encodeURIComponent(bytes.toString('base64'))}`)
  await client.until('\u0001\u0001h\u0080\u0001i')
  client.destroy()
})

test('a target that accepts another key is refused', async () => {
  const client = await open('/allow/ws?wrong')
  assert.match(await client.until('TARGET_PROTOCOL'), /^HTTP\/1\.1 502/)
  client.destroy()
})

test('a masked frame of the target closes the tunnel', async () => {
  const bytes = encodeURIComponent(frame(0x81, 'x').toString('base64'))
  const client = await open(`/allow/ws?say=${bytes}`)
  assert.match(await client.untilClosed(), /TARGET_PROTOCOL/)
})

test('what the target says at once passes', async () => {
  const bytes = encodeURIComponent(Buffer.from([0x81, 2, 0x68, 0x69]).toString('base64'))
  const client = await open(`/allow/ws?say=${bytes}`)
  await client.until('\u0081\u0002hi')
  client.destroy()
})

test('a revoked session ends its tunnels at once', async () => {
  const client = await open('/allow/ws')
  await client.until('\r\n\r\n')
  const began_ms = performance.now()
  assert.equal(bench.endSessions(), 1)
  assert.match(await client.untilClosed(), /SESSION_REVOKED/)
  assert.ok(performance.now() - began_ms < 1000)
})

test('other upgrades are refused', async () => {
  for (const protocol of ['h2c', 'SPDY/3.1', 'websocket, h2c']) {
    const client = await openRawHttp(bench)
    client.say(
      request('GET /allow/ws', 'connection: upgrade', `upgrade: ${protocol}`).replace(
        'etl',
        'other',
      ),
    )
    assert.match(await client.until('PROTOCOL_UNSUPPORTED'), /^HTTP\/1\.1 501/)
    client.destroy()
  }
})
