import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { createKeyCache, publishedKeys } from './key-cache.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

function publicJwk(kid: string, more: object = {}): Record<string, unknown> {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...publicKey.export({ format: 'jwk' }), kid, ...more }
}

function setUp(first: readonly unknown[]) {
  const clock = createTestClock()
  const provider = { keys: first, fetches: 0, down: false }
  const cache = createKeyCache(() => {
    provider.fetches += 1
    if (provider.down) return Promise.reject(new Error('down'))
    return Promise.resolve({ keys: provider.keys })
  }, clock)
  return { clock, provider, cache, find: (kid: string) => cache.find(kid, 'ES256') }
}

test('concurrent questions share one fetch, and the answer keeps for an hour', async () => {
  const { clock, provider, find } = setUp([publicJwk('a')])
  await Promise.all([find('a'), find('a'), find('a')])
  clock.advance_ms(HOUR_MS - 1)
  await find('a')
  assert.equal(provider.fetches, 1)
  clock.advance_ms(1)
  await find('a')
  assert.equal(provider.fetches, 2)
})

test('a withdrawn key is refused after an hour', async () => {
  const { clock, provider, find } = setUp([publicJwk('a')])
  await find('a')
  provider.keys = [publicJwk('b')]
  clock.advance_ms(HOUR_MS)
  await assert.rejects(find('a'), { code: 'TOKEN_KEY_UNKNOWN' })
})

test('an unknown key id asks again, at most every five minutes', async () => {
  const { clock, provider, find } = setUp([publicJwk('a')])
  await find('a')
  provider.keys = [publicJwk('a'), publicJwk('b')]
  await find('b')
  assert.equal(provider.fetches, 2)
  for (const kid of ['x', 'y', '../keys', 'https://evil.example/keys', '__proto__']) {
    await assert.rejects(find(kid), { code: 'TOKEN_KEY_UNKNOWN' })
  }
  clock.advance_ms(5 * MINUTE_MS - 1)
  await assert.rejects(find('x'), { code: 'TOKEN_KEY_UNKNOWN' })
  assert.equal(provider.fetches, 2)
  clock.advance_ms(1)
  await assert.rejects(find('x'), { code: 'TOKEN_KEY_UNKNOWN' })
  assert.equal(provider.fetches, 3)
})

test('a flood of tokens with a new key waits for one fetch', async () => {
  const { provider, find } = setUp([publicJwk('a')])
  await find('a')
  provider.keys = [publicJwk('b')]
  await Promise.all([find('b'), find('b'), find('b')])
  assert.equal(provider.fetches, 2)
})

test('without keys it is unavailable, and does not hammer the provider', async () => {
  const { clock, provider, find } = setUp([publicJwk('a')])
  provider.down = true
  await assert.rejects(find('a'), { code: 'PROVIDER_UNAVAILABLE' })
  await assert.rejects(find('a'), { code: 'PROVIDER_UNAVAILABLE' })
  assert.equal(provider.fetches, 1)
  provider.down = false
  clock.advance_ms(10_000)
  await find('a')
})

test('known keys are trusted for six hours while the provider is away', async () => {
  const { clock, provider, find } = setUp([publicJwk('a')])
  await find('a')
  provider.down = true
  clock.advance_ms(6 * HOUR_MS - 1)
  await find('a')
  clock.advance_ms(1)
  await assert.rejects(find('a'), { code: 'PROVIDER_UNAVAILABLE' })
})

test('setting the time back neither keeps a withdrawn key nor stops the asking', async () => {
  const { clock, provider, find } = setUp([publicJwk('a')])
  await find('a')
  clock.jump_ms(-24 * HOUR_MS)
  provider.down = true
  clock.advance_ms(6 * HOUR_MS)
  await assert.rejects(find('a'), { code: 'PROVIDER_UNAVAILABLE' })
  clock.jump_ms(-24 * HOUR_MS)
  provider.down = false
  provider.keys = [publicJwk('b')]
  clock.advance_ms(10_000)
  await find('b')
  await assert.rejects(find('a'), { code: 'TOKEN_KEY_UNKNOWN' })
})

test('an error page in the place of the keys takes none away', () => {
  const keys = [publicJwk('a')]
  assert.deepEqual(publishedKeys({ status: 200, body: { keys } }), { keys })
  for (const answer of [
    { status: 500, body: { keys } },
    { status: 200, body: { keys: [] } },
    { status: 200, body: { error: 'maintenance' } },
    { status: 200, body: null },
  ]) {
    assert.throws(() => publishedKeys(answer))
  }
})

test('keys that may not verify are not there, nor is an id that two keys have', async () => {
  const secret = { kty: 'oct', k: 'c2VjcmV0', kid: 'symmetric' }
  const { find } = setUp([
    secret,
    publicJwk('encrypts', { use: 'enc' }),
    publicJwk('signs', { key_ops: ['sign'] }),
    publicJwk('private', { d: 'AA' }),
    publicJwk('other', { alg: 'ES384' }),
    publicJwk('twice'),
    publicJwk('twice'),
  ])
  for (const kid of ['symmetric', 'encrypts', 'signs', 'private', 'other', 'twice']) {
    await assert.rejects(find(kid), { code: 'TOKEN_KEY_UNKNOWN' }, kid)
  }
})

test('an answer that is no set of keys is no answer', async () => {
  const cache = createKeyCache(() => Promise.resolve({ keys: 'a' }), createTestClock())
  await assert.rejects(cache.find('a', 'ES256'), { code: 'PROVIDER_UNAVAILABLE' })
})
