import type { Clock } from '../core/clock.ts'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { CredentialSource } from './credentials.ts'
import { CREDENTIAL_REFRESH_MS } from './limits.ts'
import type { Token, TokenProvider } from './managed-identity.ts'

/**
 * Keeps a token until shortly before it expires; those who wait at once share one request. While a
 * token is due for renewal but still good, a failed renewal does not stop sign-ins.
 */
export function cacheTokens(provider: TokenProvider, clock: Clock): CredentialSource {
  let kept: Token | undefined
  let underWay: Promise<Token> | undefined

  const renew = (): Promise<Token> => {
    underWay ??= provider()
      .then((token) => {
        kept = token
        return token
      })
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }
  const isGood = (token: Token | undefined, margin_ms: number): token is Token =>
    token !== undefined && token.expiresAt_ms - margin_ms > clock.now_ms()

  return {
    async fetch() {
      const before = kept
      if (isGood(before, CREDENTIAL_REFRESH_MS)) return before.secret
      try {
        const fresh = await renew()
        if (isGood(fresh, 0) && fresh.secret !== '') return fresh.secret
      } catch (error) {
        if (!isGood(before, 0)) throw asChaperoneError(error, 'TARGET_CREDENTIAL', WHAT, HINT)
        return before.secret
      }
      throw new ChaperoneError('TARGET_CREDENTIAL', WHAT, { hint: HINT })
    },
  }
}

const WHAT = 'No usable token could be had for the target.'
const HINT = 'Check that the identity is assigned to the gateway and may sign in to the target.'
