import type { Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import type { HoldVerdict } from '../core/verdict.ts'

/** The session's side of approvals: ask, wait, withdraw. People answer through ApprovalDesk. */
export interface Approvals {
  /** Throws ChaperoneError APPROVAL_UNAVAILABLE when the request cannot be kept. */
  ask(request: ApprovalRequest): Held
}

/** What is asked for. An approval is good for these bytes, this session, this target, once. */
export interface ApprovalRequest {
  readonly operationId: string
  readonly sessionId: string
  readonly principal: Principal
  readonly resource: Resource
  readonly operation: Operation
  /** As people may see it: without secrets. */
  readonly text: string
  readonly parameters?: readonly (string | null)[]
  /** SHA-256, hex, over the exact bytes that will be forwarded. */
  readonly digest: string
  readonly verdict: HoldVerdict
  /** What the target's planner says it would touch, where that could be asked safely. */
  readonly estimatedRows?: number
}

export interface Held {
  readonly id: string
  readonly expiresAt_ms: number
  /** Who was asked, in words: `2 of group dba`. */
  readonly asked: string
  /** Never rejects. */
  readonly settled: Promise<ApprovalOutcome>
  /** The agent cancelled or went away, or the policies decide otherwise by now: `superseded`. */
  withdraw(why?: 'withdrawn' | 'superseded'): void
}

export type ApprovalOutcome =
  | { readonly type: 'approved'; readonly answers: readonly Answer[] }
  | { readonly type: 'denied'; readonly answers: readonly Answer[] }
  /** `unavailable`: the request could not be recorded, so nobody was asked. */
  | {
      readonly type: 'expired' | 'withdrawn' | 'superseded' | 'revoked' | 'shutdown' | 'unavailable'
    }

export interface Answer {
  readonly tenant: string
  readonly objectId: string
  readonly name: string
  readonly at_ms: number
  readonly answer: 'approve' | 'deny'
  readonly reason?: string
}
