import { ChaperoneError } from '../core/errors.ts'
import type { Human } from '../core/principal.ts'
import { REASON_CHARS_MAX } from './limits.ts'
import type { CountedAnswer } from './terms.ts'
import { isInterested, personKey, speaksFor } from './terms.ts'
import type { KeptApproval } from './view.ts'

export interface GivenAnswer {
  readonly human: Human
  readonly answer: 'approve' | 'deny'
  readonly reason?: string
  readonly digest?: string
}

/** Throws HUMAN_ROLE_MISSING unless the person is an approver (administrators are, too). */
export function checkRole(human: Human): void {
  if (human.roles.includes('approver') || human.roles.includes('admin')) return
  throw new ChaperoneError('HUMAN_ROLE_MISSING', 'Deciding requests takes the role approver.', {
    hint: 'Ask an administrator for the role.',
  })
}

/**
 * The answer as it counts. Throws APPROVAL_NOT_ALLOWED when no rule's approvers include the person or
 * the person is the agent itself, APPROVAL_REASON_MISSING, and REQUEST_INVALID for a reason too long.
 */
export function countAnswer(
  { request }: KeptApproval,
  { human, answer, reason, digest }: GivenAnswer,
  at_ms: number,
): CountedAnswer {
  const { objectId, tenant, name } = human
  if (objectId === request.agent.objectId) throw notAllowed('An agent never decides a request.')
  const terms = speaksFor(request.terms, human)
  if (terms.length === 0) throw notAllowed('The rules that hold this ask other people.')
  if (digest !== undefined && digest !== request.digest) {
    throw notAllowed('The answer is about other bytes than those that wait.')
  }
  const said = reason?.trim() ?? ''
  if (said.length > REASON_CHARS_MAX) {
    throw new ChaperoneError(
      'REQUEST_INVALID',
      `The reason is over ${REASON_CHARS_MAX} characters.`,
      {
        hint: 'Shorten it.',
        place: { field: 'reason' },
      },
    )
  }
  if (said === '' && request.terms.some((one) => one.reasonRequired)) {
    throw new ChaperoneError(
      'APPROVAL_REASON_MISSING',
      'The rule wants a reason with the answer.',
      {
        hint: 'Answer again, with a reason.',
        place: { field: 'reason' },
      },
    )
  }
  return {
    tenant,
    objectId,
    name,
    at_ms,
    answer,
    ...(said === '' ? {} : { reason: said }),
    speaksFor: terms,
    interested: isInterested(request, human),
  }
}

/** True if this person has said the same already: an answer counts once. */
export function saidAlready({ answers }: KeptApproval, answer: CountedAnswer): boolean {
  return answers.some((one) => personKey(one) === personKey(answer) && one.answer === answer.answer)
}

function notAllowed(message: string): ChaperoneError {
  return new ChaperoneError('APPROVAL_NOT_ALLOWED', message, {
    hint: 'The request says who was asked.',
  })
}

export function notFound(): ChaperoneError {
  return new ChaperoneError('APPROVAL_NOT_FOUND', 'There is no such approval request.', {
    hint: 'List the requests that wait, and use an id from there.',
  })
}

export function alreadyClosed(state: string): ChaperoneError {
  return new ChaperoneError('APPROVAL_CLOSED', `The request is closed: ${state}.`, {
    hint: 'Nothing is left to decide; the agent has to ask again.',
  })
}
