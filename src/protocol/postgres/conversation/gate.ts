import { ChaperoneError } from '../../../core/errors.ts'
import type { HoldVerdict } from '../../../core/verdict.ts'
import type { ApprovalOutcome, Held } from '../../../approval/approvals.ts'
import type { Classified } from '../../../sql/classification.ts'
import type { Judgement } from '../../../session/governed.ts'
import { approvalDigest, asUnavailable } from '../../../session/hold.ts'
import type { Conversation } from './conversation.ts'
import { askPlan, estimatedRows, unplannable } from './estimate.ts'
import type { Question } from './expectation.ts'
import { approvalRefusal, holdNotice } from '../messages/refusal.ts'
import type { Run } from './run.ts'
import { startRun } from './run.ts'

/** A judged operation that wants to go to the target. */
export interface Candidate {
  readonly classified: Classified
  readonly judgement: Judgement
  readonly text: string
  readonly parameters?: readonly (string | null)[]
  /** The exact bytes that an approval is bound to. */
  readonly bytes: readonly (Buffer | string)[]
}

export type Permit =
  | { readonly type: 'go'; readonly run: Run }
  /** `skip`: the target has failed the batch already, and the client knows. */
  | { readonly type: 'refuse'; readonly response: Buffer; readonly skip?: boolean }
  | { readonly type: 'wait'; readonly ready: () => boolean }

/** One held operation; a session holds at most one, since its stream waits behind it. */
interface Hold {
  readonly operationId: string
  readonly digest: string
  /** Asked once the intent is written; people are asked once the planner has answered. */
  plan: Question | undefined
  held: Held | undefined
  outcome: ApprovalOutcome | ChaperoneError | undefined
  since_ms: number
}

/**
 * The last door before the target: writes the intent, and keeps what is held until people have
 * answered. A held operation comes back here unchanged when its hold is over, and the approval is
 * good for exactly the bytes that were asked for, once.
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

  /** The agent cancelled or went away. */
  withdraw(): void {
    const hold = this.#hold
    if (hold === undefined || hold.outcome !== undefined) return
    if (hold.held === undefined) this.#settle(hold, { type: 'withdrawn' })
    else hold.held.withdraw()
  }

  /** What is held never runs: the session ends, or the operation was refused meanwhile. */
  abandon(): void {
    const hold = this.#hold
    if (hold === undefined) return
    this.withdraw()
    this.#hold = undefined
    this.#refuse(hold, { type: 'withdrawn' })
  }

  permit(candidate: Candidate): Permit {
    const { verdict } = candidate.judgement
    if (this.#hold === undefined) this.#c.session.meter.operation(verdict.effect)
    if (verdict.effect === 'hold') return this.#held(candidate, verdict)
    return this.#go(candidate, this.#intent(candidate))
  }

  #held(candidate: Candidate, verdict: HoldVerdict): Permit {
    const digest = approvalDigest(this.#c.session, candidate.bytes)
    const hold = this.#hold ?? this.#ask(candidate, digest)
    if (isPlanned(hold)) this.#notify(hold, hold.plan, candidate, verdict)
    if (hold.outcome === undefined) {
      return { type: 'wait', ready: () => hold.outcome !== undefined || isPlanned(hold) }
    }
    this.#hold = undefined
    if (hold.outcome instanceof ChaperoneError || hold.outcome.type !== 'approved') {
      return this.#refuse(hold, hold.outcome)
    }
    if (hold.digest !== digest) {
      throw new ChaperoneError('INTERNAL', 'An approval met other bytes than it was given for.')
    }
    return this.#go(candidate, hold.operationId)
  }

  #go(candidate: Candidate, operationId: string): Permit {
    const { classified, judgement } = candidate
    const { operation, statements } = classified
    const now_ms = this.#c.now_ms()
    return { type: 'go', run: startRun({ operationId, operation, statements, judgement, now_ms }) }
  }

  #refuse(hold: Hold, outcome: ApprovalOutcome | ChaperoneError): Permit {
    const { code, response } = approvalRefusal(outcome)
    const at_ms = this.#c.now_ms()
    this.#c.session.trail.outcome(hold.operationId, {
      at_ms,
      result: code === 'APPROVAL_WITHDRAWN' ? 'withdrawn' : 'refused',
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
  #ask(candidate: Candidate, digest: string): Hold {
    const hold: Hold = {
      operationId: this.#intent(candidate),
      digest,
      plan: undefined,
      held: undefined,
      outcome: undefined,
      since_ms: this.#c.now_ms(),
    }
    this.#hold = hold
    this.#c.session.meter.holds(1)
    this.#c.session.busy(1)
    this.#c.parts.recorder.afterCommit({
      committed: () => {
        if (hold.outcome === undefined) {
          hold.plan = askPlan(this.#c, candidate.classified.operation, candidate)
        }
        this.#c.resume()
      },
      failed: (error) => this.#settle(hold, error),
    })
    return hold
  }

  #notify(hold: Hold, plan: Question, candidate: Candidate, verdict: HoldVerdict): void {
    if (plan.state === 'failed') {
      this.#settle(hold, failedPlan(plan))
      return
    }
    const { approvals } = this.#c.parts
    const { session } = this.#c
    const { classified, text, parameters } = candidate
    const rows = estimatedRows(plan)
    try {
      hold.held = approvals.ask({
        operationId: hold.operationId,
        sessionId: session.id,
        principal: session.principal,
        resource: session.resource,
        operation: classified.operation,
        text: classified.operation.textWithoutSecrets ?? text,
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

/** The planner has answered, and nobody has been asked yet. */
function isPlanned(hold: Hold): hold is Hold & { readonly plan: Question } {
  const { plan, held, outcome } = hold
  return plan !== undefined && plan.state !== 'asked' && held === undefined && outcome === undefined
}

function failedPlan({ sqlstate }: Question): ChaperoneError {
  const { code, message, hint } = unplannable(sqlstate)
  return new ChaperoneError(code, message, { hint })
}
