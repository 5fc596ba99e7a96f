import type { Code } from '../../../core/codes.ts'
import type { Ending } from '../../../session/operations.ts'
import type { Result } from './forwarding.ts'
import type { TunnelEnd } from './tunnel.ts'

const STATUS_ERROR = 400

/** How a request ended whose answer is complete. */
export function endingOf(result: Result): Ending {
  const failed = result.status >= STATUS_ERROR
  return {
    ...resultFacts(result),
    result: failed ? 'error' : 'success',
    ...(failed ? { error: String(result.status) } : {}),
  }
}

export function resultFacts({ bytes, masked, rows }: Result) {
  return {
    bytes,
    ...(masked.length === 0 ? {} : { masked }),
    ...(rows === undefined ? {} : { rows }),
  }
}

/** How a request ended that was recorded and then refused. */
export function endingOfRefusal(
  error: Code,
  forwarding: { readonly sent: boolean; readonly result: Result } | undefined,
): Ending {
  if (error === 'APPROVAL_WITHDRAWN' || error === 'APPROVAL_SUPERSEDED') {
    return { result: 'withdrawn', error }
  }
  if (forwarding?.sent !== true) return { result: 'refused', error }
  // The target did it and said so, or nobody knows.
  return { result: forwarding.result.status > 0 ? 'error' : 'lost', error }
}

export function endingOfTunnel(bytes: number, { refusal, lostBy }: TunnelEnd): Ending {
  if (lostBy !== undefined) return { bytes, result: 'lost', error: lostBy }
  if (refusal === undefined) return { bytes, result: 'success' }
  return { bytes, result: 'refused', error: refusal.code }
}

/** What an agent can do whose session ended in the middle. */
export function hintOfEnd(code: Code): string {
  return HINTS[code] ?? 'Send it again: a new session begins where the agent may have one.'
}

const HINTS: Partial<Record<Code, string>> = {
  SESSION_REVOKED:
    "A person or a policy took the access away, and the same request is refused until that is changed: ask the agent's owner.",
  SESSION_EXPIRED: 'Send it again, with a token that has not expired: a new session begins.',
  SHUTTING_DOWN: 'Try again in a while.',
}
