import type { CryptoKey, JWK } from 'jose'
import { importJWK } from 'jose'
import type { SteadyClock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import { isRecord } from './json.ts'
import {
  KEYS_MAX,
  KEYS_REFRESH_MS,
  KEYS_RETRY_MS,
  KEYS_STALE_MAX_MS,
  KEYS_UNKNOWN_REFRESH_MS,
} from './limits.ts'

/** A provider's public keys, by key id. */
export interface KeyCache {
  /**
   * The key with this id that may verify this algorithm. Rejects with TOKEN_KEY_UNKNOWN or
   * PROVIDER_UNAVAILABLE.
   */
  find(kid: string, algorithm: string): Promise<VerificationKey>
}

export interface VerificationKey {
  readonly key: CryptoKey
  /** Entra names the issuer that a key is for. */
  readonly issuer: string | undefined
}

interface KeySet {
  readonly keys: ReadonlyMap<string, readonly JWK[]>
  readonly fetchedAt_ms: number
}

/** `fetchKeys` answers a JWK Set (RFC 7517 section 5). Concurrent callers share one fetch. */
export function createKeyCache(fetchKeys: () => Promise<unknown>, clock: SteadyClock): KeyCache {
  let known: KeySet | undefined
  let flight: Promise<void> | undefined
  let failedAt_ms = -Infinity
  let unknownAt_ms = -Infinity
  let failure: unknown

  const fetchOnce = async (): Promise<void> => {
    try {
      const answer = await fetchKeys()
      known = { keys: readKeys(answer), fetchedAt_ms: clock.steady_ms() }
    } catch (error) {
      failedAt_ms = clock.steady_ms()
      failure = error
    }
  }
  const refresh = async (): Promise<void> => {
    if (clock.steady_ms() - failedAt_ms < KEYS_RETRY_MS) return
    flight ??= fetchOnce().finally(() => (flight = undefined))
    await flight
  }
  const current = async (): Promise<KeySet> => {
    const age = (): number => clock.steady_ms() - (known?.fetchedAt_ms ?? -Infinity)
    if (age() >= KEYS_REFRESH_MS) await refresh()
    if (known === undefined || age() >= KEYS_STALE_MAX_MS) throw unavailable(failure)
    return known
  }

  const askAgain = async (set: KeySet): Promise<KeySet> => {
    if (flight !== undefined) await flight
    else if (clock.steady_ms() - unknownAt_ms >= KEYS_UNKNOWN_REFRESH_MS) {
      await refresh()
      if (known === set) throw unavailable(failure)
      unknownAt_ms = clock.steady_ms()
    }
    return known ?? set
  }

  return {
    async find(kid, algorithm) {
      const before = known
      let set = await current()
      // A set that was fetched for this very question need not be fetched again.
      if (!set.keys.has(kid) && set === before) set = await askAgain(set)
      return importKey(set.keys.get(kid) ?? [], algorithm)
    },
  }
}

/**
 * A provider's answer as a set of keys. Throws for an error page, and for a set without keys: no
 * provider means by that that all its tokens are void, and the keys that are known must not go.
 */
export function publishedKeys({ status, body }: { status: number; body: unknown }): unknown {
  const keys = isRecord(body) ? body['keys'] : undefined
  if (status !== 200 || !Array.isArray(keys) || keys.length === 0) {
    throw new Error(`no keys in an answer with status ${status}`)
  }
  return body
}

/** Keys that do not verify signatures, symmetric and private ones are left out. */
function readKeys(answer: unknown): Map<string, JWK[]> {
  const list = isRecord(answer) ? answer['keys'] : undefined
  if (!Array.isArray(list) || list.length > KEYS_MAX) throw new Error('not a set of keys')
  const keys = new Map<string, JWK[]>()
  for (const jwk of list as unknown[]) {
    if (!isRecord(jwk) || typeof jwk['kid'] !== 'string' || !verifiesSignatures(jwk)) continue
    keys.set(jwk['kid'], [...(keys.get(jwk['kid']) ?? []), jwk])
  }
  return keys
}

function verifiesSignatures(jwk: Record<string, unknown>): boolean {
  const operations = jwk['key_ops']
  return (
    ['RSA', 'EC', 'OKP'].includes(String(jwk['kty'])) &&
    (jwk['use'] === undefined || jwk['use'] === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
    jwk['d'] === undefined
  )
}

const KEY_TYPES: Readonly<Record<string, string>> = { RS: 'RSA', PS: 'RSA', ES: 'EC', Ed: 'OKP' }

/** Two keys with one id and one use would leave open which of them is meant. */
async function importKey(candidates: readonly JWK[], algorithm: string): Promise<VerificationKey> {
  const [jwk, another] = candidates.filter(
    (jwk) =>
      jwk.kty === KEY_TYPES[algorithm.slice(0, 2)] &&
      (jwk.alg === undefined || jwk.alg === algorithm),
  )
  if (jwk === undefined || another !== undefined) throw keyUnknown()
  try {
    const key = await importJWK({ ...jwk, alg: algorithm }, algorithm)
    if (key instanceof Uint8Array) throw keyUnknown()
    const { issuer } = jwk as { readonly issuer?: unknown }
    return { key, issuer: typeof issuer === 'string' ? issuer : undefined }
  } catch (error) {
    throw keyUnknown(error)
  }
}

function keyUnknown(cause?: unknown): ChaperoneError {
  return new ChaperoneError('TOKEN_KEY_UNKNOWN', 'No published key verifies this token.', {
    hint: 'Get a new token. If that does not help, check that it comes from the configured provider.',
    cause,
  })
}

function unavailable(cause: unknown): ChaperoneError {
  return new ChaperoneError('PROVIDER_UNAVAILABLE', 'The provider publishes no readable keys.', {
    hint: 'Check that the gateway can reach the identity provider and trusts its certificate.',
    cause,
  })
}
