import { ChaperoneError, invariant } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { ApprovalRequest } from './approvals.ts'
import {
  ASKS_PER_AGENT_MAX,
  EXPIRES_MS_MAX,
  PARAMETERS_CHARS_MAX,
  PENDING_MAX,
  PENDING_PER_AGENT_MAX,
  TEXT_CHARS_MAX,
} from './limits.ts'
import { termsOf } from './terms.ts'
import type { KeptApproval } from './view.ts'
import { keptRequest } from './view.ts'

export interface AskLimits {
  readonly pendingMax: number
  readonly pendingPerAgentMax: number
  /** Within ASKS_WINDOW_MS. */
  readonly asksPerAgentMax: number
}

export const ASK_LIMITS: AskLimits = {
  pendingMax: PENDING_MAX,
  pendingPerAgentMax: PENDING_PER_AGENT_MAX,
  asksPerAgentMax: ASKS_PER_AGENT_MAX,
}

/** The request as it will be kept. Throws APPROVAL_UNAVAILABLE when no person could judge it. */
export function newApproval(request: ApprovalRequest, now_ms: number): KeptApproval {
  const terms = termsOf(request.verdict)
  invariant(/^[0-9a-f]{64}$/.test(request.digest), 'a held operation has a SHA-256 digest')
  invariant(terms.length > 0, 'a hold says who must agree')
  if (!terms.every(hasApprovers)) {
    throw unavailable(
      'The rule that holds this names nobody who could approve it.',
      'Ask the policy author to name approvers.',
    )
  }
  if (request.text.length > TEXT_CHARS_MAX || parameterChars(request) > PARAMETERS_CHARS_MAX) {
    throw unavailable(
      'The operation is too long for a person to read and approve.',
      'Split it into smaller operations.',
    )
  }
  const life_ms = Math.min(EXPIRES_MS_MAX, ...terms.map((one) => one.expires_ms))
  return {
    id: newId(now_ms),
    state: 'pending',
    requestedAt_ms: now_ms,
    expiresAt_ms: now_ms + life_ms,
    request: keptRequest(request),
    answers: [],
  }
}

function hasApprovers({ approvers }: ReturnType<typeof termsOf>[number]): boolean {
  return approvers.groups.length + approvers.people.length > 0
}

function parameterChars({ parameters }: ApprovalRequest): number {
  return (parameters ?? []).reduce((sum, value) => sum + (value?.length ?? 0) + 1, 0)
}

/** Throws APPROVAL_UNAVAILABLE when too many requests wait already. */
export function checkRoom(
  pending: readonly KeptApproval[],
  agent: string,
  limits: AskLimits,
): void {
  if (pending.length >= limits.pendingMax) {
    throw unavailable('Too many requests wait for people already.', 'Try again later.')
  }
  const own = pending.filter(({ request }) => request.agent.name === agent).length
  if (own >= limits.pendingPerAgentMax) {
    throw unavailable(
      `Agent ${agent} has ${own} requests waiting already.`,
      'Wait for answers, or withdraw requests by cancelling them.',
    )
  }
}

/** Throws APPROVAL_UNAVAILABLE when the agent has asked for too much of late, answered or not. */
export function checkPace(asked: number, agent: string, limits: AskLimits): void {
  if (asked < limits.asksPerAgentMax) return
  throw unavailable(
    `Agent ${agent} asks for approvals too often.`,
    'Wait some minutes; ask for fewer and larger operations.',
  )
}

export function unavailable(message: string, hint: string, cause?: unknown): ChaperoneError {
  return new ChaperoneError('APPROVAL_UNAVAILABLE', message, { hint, cause })
}
