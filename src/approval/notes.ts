import type { Code } from '../core/codes.ts'
import type { Human } from '../core/principal.ts'
import type { Note } from '../record/lines/trail.ts'
import { describeAsked } from './terms.ts'
import type { ApprovalState, KeptApproval } from './view.ts'

/** Every state that a pending request can come to, and the code that the agent meets. */
export const STATE_CODES = {
  denied: 'APPROVAL_DENIED',
  expired: 'APPROVAL_EXPIRED',
  withdrawn: 'APPROVAL_WITHDRAWN',
  superseded: 'APPROVAL_SUPERSEDED',
  revoked: 'SESSION_REVOKED',
  shutdown: 'SHUTTING_DOWN',
  unavailable: 'APPROVAL_UNAVAILABLE',
  'refused-by-restart': 'SHUTTING_DOWN',
} as const satisfies Record<Exclude<ApprovalState, 'pending' | 'approved'>, Code>

export type RefusedState = keyof typeof STATE_CODES

export function requestedNote(approval: KeptApproval): Note {
  const { terms, kind, digest } = approval.request
  const asked = describeAsked(terms)
  return {
    ...about(approval, approval.requestedAt_ms),
    type: 'approval-requested',
    message: `${kind} on ${approval.request.resource.name} waits for ${asked}.`,
    details: { asked, digest, expiresAt: new Date(approval.expiresAt_ms).toISOString() },
  }
}

export interface AnswerFacts {
  readonly at_ms: number
  readonly answer: 'approve' | 'deny'
  readonly reason?: string
  readonly interested: boolean
}

/** `code` is there when the answer was not accepted. */
export function answeredNote(
  approval: KeptApproval,
  human: Human,
  facts: AnswerFacts,
  code?: Code,
): Note {
  const { answer, reason, interested } = facts
  const what = code === undefined ? 'answered' : 'tried to answer'
  return {
    ...about(approval, facts.at_ms),
    type: 'approval-answered',
    message: `${human.name} ${what} the request: ${answer}.`,
    ...(code === undefined ? {} : { code }),
    person: human.objectId,
    details: {
      answer,
      personName: human.name,
      personTenant: human.tenant,
      interested,
      digest: approval.request.digest,
      ...(reason === undefined ? {} : { reason }),
    },
  }
}

export function closedNote(
  approval: KeptApproval,
  state: RefusedState | 'approved',
  at_ms: number,
): Note {
  return {
    ...about(approval, at_ms),
    type: 'approval-closed',
    message: `The request ended: ${state}.`,
    ...(state === 'approved' ? {} : { code: STATE_CODES[state] }),
    details: { state, digest: approval.request.digest },
  }
}

function about({ id, request }: KeptApproval, at_ms: number) {
  return {
    at_ms,
    approval: id,
    agent: request.agent.name,
    session: request.sessionId,
    operation: request.operationId,
  }
}
