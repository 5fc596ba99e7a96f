import type { SteadyClock } from '../core/clock.ts'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { CredentialSource } from './credential-source.ts'
import { CREDENTIAL_REFRESH_MS } from './limits.ts'
import type { Token, TokenProvider } from './managed-identity.ts'

/**
 * Keeps a token until shortly before it expires; those who wait at once share one request. While a
 * token is due for renewal but still good, a failed renewal does not stop sign-ins.
 */
export function cacheTokens(provider: TokenProvider, clock: SteadyClock): CredentialSource {
  let kept: (Token & { readonly goodUntil_ms: number }) | undefined
  let underWay: Promise<Token> | undefined

  const renew = (): Promise<Token> => {
    underWay ??= provider()
      .then((token) => {
        const left_ms = token.expiresAt_ms - clock.now_ms()
        if (!isClean(token) || left_ms <= 0) {
          throw new ChaperoneError('TARGET_CREDENTIAL', WHAT, { hint: HINT })
        }
        kept = { ...token, goodUntil_ms: clock.steady_ms() + left_ms }
        return token
      })
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }
  /** By both clocks: a machine's time that is set back must not keep an expired token in use. */
  const stillGood = (margin_ms: number): Token | undefined => {
    if (kept === undefined) return undefined
    const { expiresAt_ms, goodUntil_ms } = kept
    const left_ms = Math.min(expiresAt_ms - clock.now_ms(), goodUntil_ms - clock.steady_ms())
    return left_ms > margin_ms ? kept : undefined
  }

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
      const token = stillGood(CREDENTIAL_REFRESH_MS) ?? (await renewOr(stillGood(0)))
      return token.secret
    },
  }
}

function isClean({ secret }: Token): boolean {
  return secret !== '' && !secret.includes('\0')
}

const WHAT = 'No usable token could be had for the target.'
const HINT = 'Check that the identity is assigned to the gateway and may sign in to the target.'
