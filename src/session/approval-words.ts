import type { ApprovalOutcome } from '../approval/approvals.ts'
import type { Denial } from '../core/denial.ts'
import { ChaperoneError } from '../core/errors.ts'

/** What the agent is told when a hold did not end in approval. */
export function approvalDenial(outcome: ApprovalOutcome | ChaperoneError): Denial {
  if (outcome instanceof ChaperoneError) {
    const { code, message, hint } = outcome
    return { code, message, hint: hint ?? 'Try again later.' }
  }
  switch (outcome.type) {
    case 'denied': {
      const last = outcome.answers.at(-1)
      return {
        code: 'APPROVAL_DENIED',
        message: `${last?.name ?? 'An approver'} refused the operation.`,
        ...(last?.reason === undefined ? {} : { ruleMessage: last.reason }),
        hint: 'Ask the approver what would be acceptable; sending it again asks again.',
      }
    }
    case 'expired':
      return {
        code: 'APPROVAL_EXPIRED',
        message: 'Nobody answered in time, so the operation was not run.',
        hint: 'Send it again when an approver is there.',
      }
    case 'withdrawn':
      return {
        code: 'APPROVAL_WITHDRAWN',
        message: 'The operation was withdrawn before anybody answered.',
        hint: 'Send it again to ask again.',
      }
    case 'superseded':
      return {
        code: 'APPROVAL_SUPERSEDED',
        message: 'The policies have changed while people were asked.',
        hint: 'Send it again: it is judged by the policies as they are now.',
      }
    default:
      return {
        code: 'APPROVAL_UNAVAILABLE',
        message: 'The request for approval ended without an answer.',
        hint: 'Send it again to ask again.',
      }
  }
}

/** What people agreed to is no longer what would happen. */
export const STALE: Denial = {
  code: 'APPROVAL_STALE',
  message: 'What was approved would change something else by now, so it was not done.',
  hint: 'Send it again: people will see what it would change now.',
}

/** Why nobody could be asked. */
export function asUnavailable(error: unknown): ChaperoneError {
  if (error instanceof ChaperoneError) return error
  return new ChaperoneError('APPROVAL_UNAVAILABLE', 'Nobody could be asked.', { cause: error })
}
