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
        if (!isUsable(token)) throw new ChaperoneError('TARGET_CREDENTIAL', WHAT, { hint: HINT })
        kept = token
        return token
      })
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }
  const stillGood = (token: Token | undefined, margin_ms: number): Token | undefined =>
    token !== undefined && token.expiresAt_ms - margin_ms > clock.now_ms() ? token : undefined

  const renewOr = async (last: Token | undefined): Promise<Token> => {
    try {
      return await renew()
    } catch (error) {
      if (last !== undefined) return last
      throw asChaperoneError(error, 'TARGET_CREDENTIAL', WHAT, HINT)
    }
  }

  return {
    async fetch() {
      const token = stillGood(kept, CREDENTIAL_REFRESH_MS) ?? (await renewOr(stillGood(kept, 0)))
      return token.secret
    },
  }

  function isUsable(token: Token): boolean {
    const clean = token.secret !== '' && !token.secret.includes('\0')
    return clean && stillGood(token, 0) !== undefined
  }
}

const WHAT = 'No usable token could be had for the target.'
const HINT = 'Check that the identity is assigned to the gateway and may sign in to the target.'
