import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { HttpApi, TargetCall } from '../../src/protocol/http/api.ts'
import { testApi } from '../support/http-api.ts'
import type { HeldRequest, HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

let bench: HttpBench
let digest = 'one'
let previewed: TargetCall | undefined
before(async () => {
  const api: Partial<HttpApi<string>> = {
    async preview(_request, _body, call) {
      previewed = call
      const { status } = await call({ method: 'GET', target: '/allow/echo?preview', headers: [] })
      return { text: `now ${status}`, digest }
    },
  }
  bench = await openHttpBench({ api: testApi(api) })
})
after(() => bench.stop())

const APPROVED = { type: 'approved', answers: [] } as const
const PUT = `${request('PUT /hold/echo', 'content-length: 5')}hello`

async function held(): Promise<HeldRequest> {
  const before = bench.asked.length
  return until('people are asked', () => bench.asked[before])
}

const puts = () => bench.target.seen.filter(({ method }) => method === 'PUT').length

test('a held request goes on once people agree, and exactly as it was', async () => {
  const client = await openRawHttp(bench)
  const asked = held()
  client.say(PUT)
  const { request: shown, settle } = await asked
  assert.equal(
    shown.text,
    [
      'PUT /hold/echo',
      'Not shown, but bound: the body of 5 bytes.',
      'What would change:\nnow 200',
    ].join('\n\n'),
  )
  assert.match(shown.digest, /^[0-9a-f]{64}$/)
  assert.equal(puts(), 0)
  settle(APPROVED)
  await client.until('sha256')
  client.destroy()
  assert.equal(bench.target.seen.at(-1)?.body.toString(), 'hello')
  assert.equal(puts(), 1)
  assert.ok(previewed)
})

test('what would change something else by now is refused', async () => {
  const client = await openRawHttp(bench)
  const asked = held()
  client.say(PUT)
  const { settle } = await asked
  const before = puts()
  digest = 'two'
  settle(APPROVED)
  await client.until('APPROVAL_STALE')
  client.destroy()
  assert.equal(puts(), before)
})

test('a refused and an expired hold say so', async () => {
  for (const [type, code] of [
    ['denied', 'APPROVAL_DENIED'],
    ['expired', 'APPROVAL_EXPIRED'],
  ] as const) {
    const client = await openRawHttp(bench)
    const asked = held()
    client.say(PUT)
    const { settle } = await asked
    settle(type === 'denied' ? { type, answers: [] } : { type })
    await client.until(code)
    client.destroy()
  }
})

test('a client that goes away withdraws', async () => {
  const client = await openRawHttp(bench)
  const asked = held()
  client.say(PUT)
  const one = await asked
  client.destroy()
  await until('it is withdrawn', () => one.withdrawn)
  const records = await until('it is recorded', async () =>
    (await bench.records()).find(({ result }) => result === 'withdrawn'),
  )
  assert.equal(records.kind, 'operation.outcome')
})

test('an approval does not outlive a policy that denies', async () => {
  const client = await openRawHttp(bench)
  const asked = held()
  client.say(PUT)
  const { settle } = await asked
  const before = puts()
  const { decide } = bench
  bench.decide = () => 'deny'
  settle(APPROVED)
  await client.until('POLICY_DENIED')
  bench.decide = decide
  client.destroy()
  assert.equal(puts(), before)
})

test('a body that is too large to be held is refused before it is read', async () => {
  const client = await openRawHttp(bench)
  client.say(request('PUT /hold/echo', 'content-length: 99999999', 'expect: 100-continue'))
  const heard = await client.until('MESSAGE_TOO_LARGE')
  client.destroy()
  assert.doesNotMatch(heard, /100 Continue/)
})

test('previews are recorded like everything that reaches the target', async () => {
  const records = await bench.records()
  const previews = bench.target.seen.filter(({ url }) => url.endsWith('?preview')).length
  const written = records.filter(({ text }) => text === 'GET /allow/echo?preview')
  assert.equal(written.length, previews)
})
