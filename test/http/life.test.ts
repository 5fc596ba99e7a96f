import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { MaskRule } from '../../src/core/verdict.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

let bench: HttpBench
before(async () => {
  bench = await openHttpBench()
})
after(() => bench.stop())

const as = (agent: string, line: string, ...headers: readonly string[]): string =>
  request(line, ...headers).replace('Bearer etl', `Bearer ${agent}`)

function sessionIn(heard: string): string {
  return /chaperone-session: (\S+)/.exec(heard)?.[1] ?? ''
}

test('one token on one resource is one session, over connections', async () => {
  const ids = new Set<string>()
  for (let n = 0; n < 3; n++) {
    const client = await openRawHttp(bench)
    client.say(request('GET /allow/echo'))
    ids.add(sessionIn(await client.until('sha256')))
    client.destroy()
  }
  assert.equal(ids.size, 1)
  const other = await openRawHttp(bench)
  other.say(as('other', 'GET /allow/echo'))
  ids.add(sessionIn(await other.until('sha256')))
  other.destroy()
  assert.equal(ids.size, 2)
})

test('no credential, no bearer, a bad token', async () => {
  for (const [bytes, code] of [
    ['GET /res/allow/echo HTTP/1.1\r\nhost: gw\r\n\r\n', 'CREDENTIAL_MISSING'],
    [
      'GET /res/allow/echo HTTP/1.1\r\nhost: gw\r\nauthorization: Basic eDp5\r\n\r\n',
      'CREDENTIAL_MALFORMED',
    ],
    [as('bad', 'GET /allow/echo'), 'TOKEN_SIGNATURE'],
  ] as const) {
    const client = await openRawHttp(bench)
    client.say(bytes)
    assert.match(await client.until(code), /^HTTP\/1\.1 401 /)
    client.destroy()
  }
})

test('a host or path that names nothing', async () => {
  const client = await openRawHttp(bench)
  client.say('GET /nothing HTTP/1.1\r\nhost: gw\r\nauthorization: Bearer etl\r\n\r\n')
  assert.match(await client.until('RESOURCE_UNKNOWN'), /^HTTP\/1\.1 404 /)
  client.say('GET /%72es/allow/echo HTTP/1.1\r\nhost: gw\r\nauthorization: Bearer etl\r\n\r\n')
  await client.until(/RESOURCE_UNKNOWN[^]*RESOURCE_UNKNOWN/)
  client.destroy()
})

test('a revoked session ends a long answer within a second, and its token opens no other', async () => {
  const client = await openRawHttp(bench)
  client.say(as('revoked', 'GET /allow/drip'))
  await client.until('1\r\n.\r\n')
  const began_ms = performance.now()
  assert.ok(bench.endSessions() > 0)
  const heard = await client.untilClosed()
  assert.ok(performance.now() - began_ms < 1000)
  assert.ok(!heard.endsWith('0\r\n\r\n'), 'the end of the answer must be missing')
  const again = await openRawHttp(bench)
  again.say(as('revoked', 'GET /allow/echo'))
  assert.match(await again.until('SESSION_REVOKED'), /^HTTP\/1\.1 403 /)
  assert.match(bench.refused.at(-1)?.hint ?? '', /opens the resource no more.*owner/)
  again.destroy()
})

test('a revoked session answers what waits for the target', async () => {
  const client = await openRawHttp(bench)
  client.say(as('waiting', 'GET /allow/never'))
  await until('the target has it', () =>
    bench.target.seen.some(({ url }) => url === '/allow/never'),
  )
  bench.endSessions()
  await client.until('SESSION_REVOKED')
  client.destroy()
})

test('a policy change ends what it now denies, and nothing else', async () => {
  const client = await openRawHttp(bench)
  const kept = await openRawHttp(bench)
  client.say(as('changed', 'GET /allow/drip'))
  kept.say(as('kept', 'GET /other/drip'))
  await client.until('1\r\n.\r\n')
  await kept.until('1\r\n.\r\n')
  const { decide } = bench
  bench.decide = ({ kind }) => (kind === 'allow' ? 'deny' : 'allow')
  bench.policyChanged()
  await client.untilClosed()
  bench.decide = decide
  const before = kept.heard.length
  await until('it goes on', () => kept.heard.length > before)
  kept.destroy()
})

test('a stream whose masks are others by now begins anew, and a write goes on', async () => {
  const stream = await openRawHttp(bench)
  const kept = await openRawHttp(bench)
  const asked = await openRawHttp(bench)
  stream.say(as('masked', 'GET /allow/drip'))
  kept.say(as('masked', 'POST /allow/drip', 'content-length: 0'))
  asked.say(as('masked', 'GET /allow/never'))
  for (const one of [stream, kept]) await one.until('1\r\n.\r\n')
  await until('the target has it', () =>
    bench.target.seen.some(({ url }) => url === '/allow/never'),
  )
  const before = bench.obligations
  const mask = (...columns: readonly string[]): MaskRule => ({
    type: 'columns',
    columns,
    covers: () => true,
    with: { name: 'redact' },
    predicates: 'allow',
    policy: 'p',
    rule: 'r',
  })
  bench.policyChanged()
  bench.obligations = { ...before, masks: [mask('a')] }
  bench.policyChanged()
  await stream.untilClosed()
  assert.match(await asked.until('POLICY_CHANGED'), /^HTTP\/1\.1 503 /)
  const again = await openRawHttp(bench)
  again.say(as('masked', 'GET /allow/drip'))
  await again.until('1\r\n.\r\n')
  // Other columns of the same rule are another mask.
  bench.obligations = { ...before, masks: [mask('a', 'b')] }
  bench.policyChanged()
  await again.untilClosed()
  bench.obligations = before
  const length = kept.heard.length
  await until('it goes on', () => kept.heard.length > length)
  for (const one of [kept, asked]) one.destroy()
})

test('a client that vanishes takes its request along', async () => {
  const client = await openRawHttp(bench)
  client.say(as('vanishing', 'GET /allow/drip'))
  await client.until('1\r\n.\r\n')
  const before = (await bench.records()).filter(({ result }) => result === 'lost').length
  client.destroy()
  await until(
    'the loss is recorded',
    async () => (await bench.records()).filter(({ result }) => result === 'lost').length > before,
  )
})

test('a pooled connection that was closed costs nobody a request', async () => {
  const client = await openRawHttp(bench)
  client.say(as('pooled', 'GET /allow/echo?one'))
  await client.until('?one')
  bench.target.cut()
  client.say(as('pooled', 'GET /allow/echo?two'))
  await client.until('?two')
  client.destroy()
  const records = await bench.records()
  assert.equal(records.filter(({ text }) => text === 'GET /allow/echo').length > 0, true)
})

test('bodies and answers of many MiB with flat memory, both ways, to slow readers', async () => {
  const MIB = 1_048_576
  const client = await openRawHttp(bench)
  client.socket.removeAllListeners('data')
  let heard = 0
  client.socket.on('data', (chunk: Buffer) => (heard += chunk.length))
  client.socket.pause()
  client.say(as('large', `GET /allow/bytes?n=${96 * MIB}`))
  // The gateway takes no more than buffers hold while nobody reads.
  await new Promise((resolve) => setTimeout(resolve, 300))
  const resting = process.memoryUsage().arrayBuffers
  client.socket.resume()
  let most = 0
  await until('all of it came', () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers)
    return heard >= 96 * MIB
  })
  client.destroy()
  assert.ok(resting < 48 * MIB, `${resting}`)
  assert.ok(most < 80 * MIB, `${most}`)

  const up = await openRawHttp(bench)
  up.say(
    as('large', 'PUT /allow/echo').replace('\r\n\r\n', `\r\ncontent-length: ${96 * MIB}\r\n\r\n`),
  )
  const piece = Buffer.alloc(MIB, 'y')
  for (let n = 0; n < 96; n++) {
    if (!up.socket.write(piece)) await new Promise((resolve) => up.socket.once('drain', resolve))
    most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  await up.until('sha256')
  up.destroy()
  assert.equal(bench.target.seen.at(-1)?.bodyBytes, 96 * MIB)
  assert.ok(most < 80 * MIB, `${most}`)
})

test('a refused body that is short is read, and the connection stays', async () => {
  const client = await openRawHttp(bench)
  client.say(
    `${as('fresh', 'PUT /deny/echo').replace('\r\n\r\n', '\r\ncontent-length: 10\r\n\r\n')}hello`,
  )
  await client.until('POLICY_DENIED')
  client.say(`there${as('fresh', 'GET /allow/echo?kept')}`)
  await client.until('?kept')
  client.destroy()
})

test('a refused body that is long ends the connection, after the answer', async () => {
  const client = await openRawHttp(bench)
  client.say(
    as('fresh', 'PUT /deny/echo').replace('\r\n\r\n', '\r\ncontent-length: 9000000\r\n\r\n'),
  )
  const heard = await client.untilClosed().catch(() => client.heard)
  assert.match(heard, /connection: close[^]*POLICY_DENIED/)
})

test('a body that is needed to judge is read within its bound, and goes on whole', async () => {
  const client = await openRawHttp(bench)
  client.say(
    as('fresh', 'POST /body/allow/echo').replace(
      '\r\n\r\n',
      '\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n',
    ),
  )
  await client.until('100 Continue')
  client.say('whole')
  await client.until('sha256')
  assert.equal(bench.target.seen.at(-1)?.body.toString(), 'whole')
  client.say(
    as('fresh', 'POST /body/allow/echo').replace('\r\n\r\n', '\r\ncontent-length: 200000\r\n\r\n'),
  )
  await client.until('MESSAGE_TOO_LARGE')
  client.destroy()
})

test('every request that the target saw has its intent', async () => {
  const records = await bench.records()
  const intents = records.filter(
    ({ kind, verdict }) => kind === 'operation.intent' && verdict !== 'deny',
  )
  assert.ok(intents.length >= bench.target.seen.length)
  for (const { method, url } of bench.target.seen) {
    const text = `${method} ${url.split('?')[0]}`
    assert.ok(
      intents.some((intent) => intent.text?.startsWith(text) === true),
      text,
    )
  }
})
