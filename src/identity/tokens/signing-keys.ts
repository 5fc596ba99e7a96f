import type { JsonWebKey } from 'node:crypto'
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { SignJWT } from 'jose'
import type { SteadyClock } from '../../core/clock.ts'
import type { KeyStore, StoredKey } from '../../store/key-store.ts'
import type { KeyCache } from './key-cache.ts'
import { createKeyCache } from './key-cache.ts'
import { CLOCK_SKEW_MS, GATEWAY_TOKEN_LIFETIME_MAX_MS, SIGNING_KEY_ROTATE_MS } from './limits.ts'

/** The gateway's own ES256 keys: the newest signs, those before it verify until they are past. */
export interface SigningKeys {
  /** Signs with the current key, making a new one when it is due. */
  sign(payload: JWTPayload, type: string): Promise<string>
  /** Public keys of every token that can still be valid (RFC 7517). */
  jwks(): JSONWebKeySet
  readonly verification: KeyCache
}

export function createSigningKeys(options: {
  readonly store: KeyStore
  readonly clock: SteadyClock
  readonly rotate_ms?: number
}): SigningKeys {
  const { store, clock, rotate_ms = SIGNING_KEY_ROTATE_MS } = options
  const keep_ms = rotate_ms + GATEWAY_TOKEN_LIFETIME_MAX_MS + CLOCK_SKEW_MS
  let keys = store.list()
  let verification = cacheOf(keys, clock)

  const usable = (): readonly StoredKey[] =>
    keys.filter((key) => key.createdAt_ms > clock.now_ms() - keep_ms)
  const current = (): StoredKey => {
    const newest = keys[0]
    if (newest !== undefined && clock.now_ms() - newest.createdAt_ms < rotate_ms) return newest
    const made = makeKey(clock.now_ms())
    store.insert(made)
    store.removeBefore(clock.now_ms() - keep_ms)
    keys = [made, ...usable()]
    verification = cacheOf(keys, clock)
    return made
  }

  return {
    async sign(payload, type) {
      const { kid, privateJwk } = current()
      const key = createPrivateKey({ key: JSON.parse(privateJwk) as JsonWebKey, format: 'jwk' })
      return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid, typ: type }).sign(key)
    },
    jwks: () => ({ keys: usable().map(publicJwk) }),
    verification: { find: (kid, algorithm) => verification.find(kid, algorithm) },
  }
}

function makeKey(now_ms: number): StoredKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    kid: randomBytes(16).toString('base64url'),
    privateJwk: JSON.stringify(privateKey.export({ format: 'jwk' })),
    createdAt_ms: now_ms,
  }
}

function publicJwk({ kid, privateJwk }: StoredKey): JSONWebKeySet['keys'][number] {
  const { kty, crv, x, y } = JSON.parse(privateJwk) as Record<'kty' | 'crv' | 'x' | 'y', string>
  return { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }
}

/** The same rules for our own keys as for a provider's, without the network. */
function cacheOf(keys: readonly StoredKey[], clock: SteadyClock): KeyCache {
  return createKeyCache(() => Promise.resolve({ keys: keys.map(publicJwk) }), clock)
}
