import type { Code } from '../core/codes.ts'
import type { Operation } from '../core/operation.ts'
import type { Obligations, Verdict } from '../core/verdict.ts'

/**
 * Why something that is under way ends when policies change. What it reads is masked and cut as it was
 * decided when it began, and it may go on for hours: where that is decided otherwise now, it begins anew. A
 * write goes on, since it is done already.
 */
export function endOfChange(
  { facts }: Operation,
  then: Verdict,
  now: Verdict,
): { readonly code: Code; readonly message: string } | undefined {
  if (now.effect === 'deny') return NOT_ALLOWED
  const isSame = then.effect === 'deny' || shown(then.obligations) === shown(now.obligations)
  return isSame || !facts.readOnly ? undefined : SHOWN_OTHERWISE
}

/** Masks are compared as the policies write them. */
function shown(obligations: Obligations): string {
  return JSON.stringify(obligations)
}

const NOT_ALLOWED = {
  code: 'SESSION_REVOKED',
  message: 'The policies no longer allow what was under way.',
} as const

const SHOWN_OTHERWISE = {
  code: 'POLICY_CHANGED',
  message: 'The policies now show something else of what was under way.',
} as const
