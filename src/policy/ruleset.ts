import type { ObjectPath } from '../core/object.ts'
import type { Access, Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import type { MaskRule, Verdict } from '../core/verdict.ts'

/** All policies that are in force, as one immutable value. */
export interface PolicySet {
  /** Content hash over all policy documents. */
  readonly version: string
  /** Selects and compiles what can apply to this principal on this resource: once a session. */
  rulesFor(principal: Principal, resource: Resource): Ruleset
  /** Whether any rule asks more of the part than of the whole that shows its rows. */
  tellsApart(part: ObjectPath, whole: ObjectPath): boolean
}

/** What one session is decided by. Its cost does not depend on policies meant for others. */
export interface Ruleset {
  readonly policyVersion: string
  /** False when no rule could allow or hold anything: the session is refused at the door. */
  readonly grantsAnything: boolean
  /** The shortest session life that a rule of an applying policy demands. */
  readonly maxSession_ms?: number
  /** Every mask that the agent is under, whichever of its rules take part in an operation. */
  readonly masks: readonly MaskRule[]
  /** Synchronous and total: a rule that fails inside denies. */
  decide(operation: Operation, context: DecisionContext): Verdict
  /** All column masks, and detectors of rules that speak of what is touched: what records leave out. */
  masksOn(accesses: readonly Access[]): readonly MaskRule[]
}

export interface DecisionContext {
  /** The exact text, for `deny: { text }` rules; what a cached shape cannot know. */
  readonly text: string
  readonly now_ms: number
  readonly session: SessionContext
}

/** What `when` conditions may ask of `session`. */
export interface SessionContext {
  readonly id: string
  readonly startedAt_ms: number
  readonly clientAddress: string
}
