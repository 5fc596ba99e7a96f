import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../core/clock.ts'
import { CREDENTIAL_FRESH_MS } from './limits.ts'
import { sharedKeyAuthority, storageTokenAuthority } from './storage-authority.ts'

const HEAD = {
  method: 'PUT',
  target: '/logs/a',
  headers: [
    ['x-ms-date', 'the agent says so'],
    ['x-ms-copy-source', 'https://acme.blob.core.windows.net/raw/a'],
  ] as const,
}

function names(headers: readonly (readonly [string, string])[]): readonly string[] {
  return headers.map(([name]) => name)
}

test('a token goes with the request, and for the source of a copy too', async () => {
  const authority = storageTokenAuthority({ fetch: () => Promise.resolve('t0k3n') }, systemClock)
  const headers = await authority.headers(HEAD)
  assert.deepEqual(names(headers), ['x-ms-date', 'authorization', 'x-ms-copy-source-authorization'])
  assert.equal(headers[1]?.[1], 'Bearer t0k3n')
  const plain = await authority.headers({ ...HEAD, headers: [] })
  assert.deepEqual(names(plain), ['x-ms-date', 'authorization'])
})

test('a fresh token is there at once, and looked up again when it is not fresh', async () => {
  let now_ms = 0
  let fetched = 0
  const source = { fetch: () => Promise.resolve(`token-${(fetched += 1)}`) }
  const clock = { now_ms: () => now_ms, steady_ms: () => now_ms }
  const authority = storageTokenAuthority(source, clock)
  await Promise.all([authority.headers(HEAD), authority.headers(HEAD)])
  const fresh = authority.headers(HEAD)
  assert.ok(!(fresh instanceof Promise))
  assert.deepEqual(fresh[1], ['authorization', 'Bearer token-1'])
  now_ms += CREDENTIAL_FRESH_MS
  const [date, authorization] = await authority.headers(HEAD)
  assert.deepEqual(date, ['x-ms-date', 'Thu, 01 Jan 1970 00:00:05 GMT'])
  assert.equal(authorization?.[1], 'Bearer token-2')
})

test("a signature is over the gateway's own date", async () => {
  const key = Buffer.alloc(64, 7).toString('base64')
  const source = { fetch: () => Promise.resolve(key) }
  const authority = sharedKeyAuthority('acme', 'blob', source, systemClock)
  const [date, authorization] = await authority.headers(HEAD)
  assert.notEqual(date?.[1], 'the agent says so')
  assert.match(authorization?.[1] ?? '', /^SharedKey acme:[A-Za-z0-9+/]{43}=$/)
})

test('what is no account key signs nothing, and is not told', async () => {
  const source = { fetch: () => Promise.resolve('hunter2') }
  const authority = sharedKeyAuthority('acme', 'blob', source, systemClock)
  await assert.rejects(
    async () => await authority.headers(HEAD),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'TARGET_CREDENTIAL')
      assert.doesNotMatch(`${error.message}${error.stack ?? ''}`, /hunter2/)
      return true
    },
  )
})
