import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'

/** One text with everything in it: most tools show nothing but the message. */
export function refusalText(refusal: Denial | ChaperoneError): string {
  const parts = [refusal.message]
  if ('rule' in refusal && refusal.rule !== undefined) {
    parts.push(`Rule: ${refusal.policy ?? ''}/${refusal.rule}.`)
  }
  if ('ruleMessage' in refusal && refusal.ruleMessage !== undefined) parts.push(refusal.ruleMessage)
  if (refusal.hint !== undefined) parts.push(refusal.hint)
  return `${parts.join(' ')} (${refusal.code})`
}
