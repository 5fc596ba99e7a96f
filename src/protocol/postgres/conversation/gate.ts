import type { Unsettled } from '../judging/unsettled.ts'
import type { Candidate } from '../judging/shown.ts'
import type { Code } from '../../../core/codes.ts'
import { ChaperoneError } from '../../../core/errors.ts'
import type { Operation } from '../../../core/operation.ts'
import type { HoldVerdict, Verdict } from '../../../core/verdict.ts'
import type { ApprovalOutcome, Held } from '../../../approval/approvals.ts'
import { approvalDigest, asUnavailable, STALE, stands } from '../../../session/hold.ts'
import type { Conversation } from './conversation.ts'
import { askPlan, estimatedRows, unplannable } from './estimate.ts'
import type { Question } from './expectation.ts'
import { approvalRefusal, holdNotice } from '../messages/refusal.ts'
import { shownOf } from '../judging/shown.ts'
import type { Run } from '../judging/run.ts'
import { startRun } from '../judging/run.ts'

export type Permit = { readonly type: 'go'; readonly run: Run } | Unsettled

/**
 * One held operation; a session holds at most one, since its stream waits behind it. Its intent is
 * written, and it ends in one outcome: that of its run, or why it did not run.
 */
interface Hold {
  readonly operationId: string
  readonly operation: Operation
  readonly text: string
  readonly digest: string
  /** People are asked under it. */
  readonly verdict: HoldVerdict
  /** Asked once the intent is written; people are asked once the planner has answered. */
  plan: Question | undefined
  held: Held | undefined
  outcome: ApprovalOutcome | ChaperoneError | undefined
  readonly since_ms: number
}

/**
 * The last door before the target: writes the intent, and keeps what is held until people have
 * answered. A held operation comes back here unchanged when its hold is over, and the approval is
 * good for exactly the bytes that were asked for, once, while the policies ask the same people. Where
 * they decide otherwise, the hold is over, and the operation is judged and recorded as if it had come
 * now; what people refused stays refused.
 */
export class Gate {
  readonly #c: Conversation
  #hold: Hold | undefined

  constructor(conversation: Conversation) {
    this.#c = conversation
  }

  get holding(): boolean {
    return this.#hold !== undefined && this.#hold.outcome === undefined
  }

  /** The agent cancelled. */
  withdraw(why: 'withdrawn' | 'superseded' = 'withdrawn'): void {
    const hold = this.#hold
    if (hold === undefined || hold.outcome !== undefined) return
    if (hold.held === undefined) this.#settle(hold, { type: why })
    else hold.held.withdraw(why)
  }

  /** What is held does not run: the session ends, or it is decided otherwise by now. */
  abandon(why: 'withdrawn' | 'superseded'): void {
    const hold = this.#hold
    if (hold === undefined) return
    this.#hold = undefined
    hold.held?.withdraw(why)
    this.#refuse(hold, refusalOf(hold) ?? { type: why })
    this.#settle(hold, { type: why })
  }

  /** After a policy change. */
  judgeHeld(): void {
    if (this.#hold === undefined) return
    const { operation, text } = this.#hold
    this.#meet(this.#c.session.judge(operation, text).verdict)
  }

  permit(candidate: Candidate): Permit {
    const { verdict } = candidate.judgement
    this.#meet(verdict)
    const before = this.#hold
    if (before !== undefined && !cameTo(before, 'superseded')) return this.#held(candidate, before)
    this.abandon('superseded')
    this.#c.session.meter.operation(verdict.effect)
    const operationId = this.#intent(candidate)
    if (verdict.effect !== 'hold') return this.#go(candidate, operationId)
    this.#hold = this.#begin(candidate, verdict, operationId)
    return this.#held(candidate, this.#hold)
  }

  /** A hold ends with the decision that it stood on; what people refused before stays refused. */
  #meet(verdict: Verdict): void {
    const hold = this.#hold
    if (hold === undefined || stands(hold.verdict, verdict)) return
    if (cameTo(hold, 'approved')) hold.outcome = { type: 'superseded' }
    else this.withdraw('superseded')
  }

  #held(candidate: Candidate, hold: Hold): Permit {
    if (isPlanned(hold)) this.#notify(hold, hold.plan, candidate)
    if (hold.outcome === undefined) {
      return { type: 'wait', ready: () => hold.outcome !== undefined || isPlanned(hold) }
    }
    this.#hold = undefined
    const refusal = refusalOf(hold)
    if (refusal !== undefined) return this.#refuse(hold, refusal)
    if (hold.digest !== this.#digest(candidate)) return this.#refuse(hold, stale())
    return this.#go(candidate, hold.operationId)
  }

  #digest(candidate: Candidate): string {
    return approvalDigest(this.#c.session, [...candidate.bytes, shownOf(candidate).binds])
  }

  #go(candidate: Candidate, operationId: string): Permit {
    const { classified, judgement } = candidate
    const { operation, statements } = classified
    const now_ms = this.#c.now_ms()
    const scopes = this.#c.names.scopesOf(statements)
    const run = startRun({ operationId, operation, statements, judgement, scopes, now_ms })
    return { type: 'go', run }
  }

  /** Writes the outcome of what does not run. */
  #refuse(hold: Hold, outcome: Refusal): Permit {
    const { code, response } = approvalRefusal(outcome)
    const at_ms = this.#c.now_ms()
    this.#c.session.trail.outcome(hold.operationId, {
      at_ms,
      result: WITHDRAWN.has(code) ? 'withdrawn' : 'refused',
      duration_ms: Math.max(0, at_ms - hold.since_ms),
      error: code,
    })
    const skip = hold.plan?.state === 'failed' && this.#c.batchOpen
    return { type: 'refuse', response, skip }
  }

  #intent(candidate: Candidate): string {
    const { classified, judgement, text, parameters } = candidate
    return this.#c.session.trail.intent({
      at_ms: this.#c.now_ms(),
      phase: 'run',
      operation: classified.operation,
      text: classified.operation.textWithoutSecrets ?? text,
      verdict: judgement.verdict,
      ...(parameters === undefined ? {} : { parameters }),
    })
  }

  /** People are asked only once the intent is written. */
  #begin(candidate: Candidate, verdict: HoldVerdict, operationId: string): Hold {
    const { classified, text } = candidate
    const hold: Hold = {
      operationId,
      operation: classified.operation,
      text,
      digest: this.#digest(candidate),
      verdict,
      plan: undefined,
      held: undefined,
      outcome: undefined,
      since_ms: this.#c.now_ms(),
    }
    this.#c.session.meter.holds(1)
    this.#c.session.busy(1)
    this.#c.parts.recorder.afterCommit({
      committed: () => {
        if (hold.outcome === undefined) {
          hold.plan = askPlan(this.#c, candidate.classified, candidate)
        }
        this.#c.resume()
      },
      failed: (error) => this.#settle(hold, error),
    })
    return hold
  }

  #notify(hold: Hold, plan: Question, candidate: Candidate): void {
    if (plan.state === 'failed') {
      this.#settle(hold, failedPlan(plan))
      return
    }
    const { approvals } = this.#c.parts
    const { session } = this.#c
    const { parameters } = candidate
    const { verdict } = hold
    const rows = estimatedRows(plan)
    const { binds: _, ...shown } = shownOf(candidate)
    try {
      hold.held = approvals.ask({
        operationId: hold.operationId,
        sessionId: session.id,
        principal: session.principal,
        resource: session.resource,
        ...shown,
        ...(parameters === undefined ? {} : { parameters }),
        digest: hold.digest,
        verdict,
        ...(rows === undefined ? {} : { estimatedRows: rows }),
      })
    } catch (error) {
      this.#settle(hold, asUnavailable(error))
      return
    }
    this.#c.toClient(holdNotice(hold.held))
    void hold.held.settled.then((outcome) => this.#settle(hold, outcome))
  }

  #settle(hold: Hold, outcome: ApprovalOutcome | ChaperoneError): void {
    if (hold.outcome === undefined) {
      hold.outcome = outcome
      this.#c.session.meter.holds(-1)
      this.#c.session.busy(-1)
    }
    this.#c.resume()
  }
}

type Refusal = Exclude<ApprovalOutcome, { readonly type: 'approved' }> | ChaperoneError

/** What it came to, other than approval. */
function refusalOf({ outcome }: Hold): Refusal | undefined {
  if (outcome === undefined || outcome instanceof ChaperoneError) return outcome
  return outcome.type === 'approved' ? undefined : outcome
}

function cameTo({ outcome }: Hold, type: ApprovalOutcome['type']): boolean {
  return outcome !== undefined && !(outcome instanceof ChaperoneError) && outcome.type === type
}

const WITHDRAWN: ReadonlySet<Code> = new Set(['APPROVAL_WITHDRAWN', 'APPROVAL_SUPERSEDED'])

/** The planner has answered, and nobody has been asked yet. */
function isPlanned(hold: Hold): hold is Hold & { readonly plan: Question } {
  const { plan, held, outcome } = hold
  return plan !== undefined && plan.state !== 'asked' && held === undefined && outcome === undefined
}

function stale(): ChaperoneError {
  const { code, message, hint } = STALE
  return new ChaperoneError(code, message, { hint })
}

function failedPlan({ sqlstate }: Question): ChaperoneError {
  const { code, message, hint } = unplannable(sqlstate)
  return new ChaperoneError(code, message, { hint })
}
