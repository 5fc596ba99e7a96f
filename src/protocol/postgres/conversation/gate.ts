import type { Code } from '../../../core/codes.ts'
import { ChaperoneError } from '../../../core/errors.ts'
import type { Operation } from '../../../core/operation.ts'
import type { HoldVerdict } from '../../../core/verdict.ts'
import { STALE } from '../../../session/approval-words.ts'
import type { HoldRefusal } from '../../../session/hold.ts'
import { approvalDigest, Hold } from '../../../session/hold.ts'
import type { Begun } from '../../../session/operations.ts'
import { writeIntent, writeOutcome } from '../../../session/operations.ts'
import type { Run } from '../judging/run.ts'
import { startRun } from '../judging/run.ts'
import type { Candidate } from '../judging/shown.ts'
import { shownOf } from '../judging/shown.ts'
import type { Unsettled } from '../judging/unsettled.ts'
import { approvalRefusal, holdNotice } from '../messages/refusal.ts'
import type { Conversation } from './conversation.ts'
import { askPlan, estimatedRows, unplannable } from './estimate.ts'
import type { Question } from './expectation.ts'

export type Permit = { readonly type: 'go'; readonly run: Run } | Unsettled

/** One held operation; a session holds at most one, since its stream waits behind it. */
interface Waiting {
  readonly hold: Hold
  readonly operation: Operation
  readonly text: string
  readonly digest: string
  /** Asked once the intent is written; people are asked once the planner has answered. */
  plan: Question | undefined
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
  #waiting: Waiting | undefined

  constructor(conversation: Conversation) {
    this.#c = conversation
  }

  get holding(): boolean {
    return this.#waiting !== undefined && this.#waiting.hold.outcome === undefined
  }

  /** The agent cancelled. */
  withdraw(): void {
    this.#waiting?.hold.withdraw('withdrawn')
  }

  /** What is held does not run: the session ends, or it is decided otherwise by now. */
  abandon(why: 'withdrawn' | 'superseded'): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#waiting = undefined
    const { hold } = waiting
    this.#refuse(waiting, hold.refusal ?? { type: why })
    hold.withdraw(why)
    hold.settle({ type: why })
  }

  /** After a policy change. */
  judgeHeld(): void {
    if (this.#waiting === undefined) return
    const { hold, operation, text } = this.#waiting
    hold.meet(this.#c.session.judge(operation, text).verdict)
  }

  permit(candidate: Candidate): Permit {
    const { verdict } = candidate.judgement
    const before = this.#waiting
    before?.hold.meet(verdict)
    if (before !== undefined && !before.hold.superseded) return this.#held(candidate, before)
    this.abandon('superseded')
    const begun = this.#intent(candidate)
    if (verdict.effect !== 'hold') return this.#go(candidate, begun)
    this.#waiting = this.#begin(candidate, verdict, begun)
    return this.#held(candidate, this.#waiting)
  }

  #held(candidate: Candidate, waiting: Waiting): Permit {
    const { hold } = waiting
    if (isPlanned(waiting)) this.#ask(waiting, waiting.plan, candidate)
    if (hold.outcome === undefined) {
      return { type: 'wait', ready: () => hold.outcome !== undefined || isPlanned(waiting) }
    }
    this.#waiting = undefined
    if (hold.refusal !== undefined) return this.#refuse(waiting, hold.refusal)
    if (waiting.digest !== this.#digest(candidate)) return this.#refuse(waiting, stale())
    return this.#go(candidate, hold.begun)
  }

  #digest(candidate: Candidate): string {
    return approvalDigest(this.#c.session, [...candidate.bytes, shownOf(candidate).binds])
  }

  #go(candidate: Candidate, { operationId }: Begun): Permit {
    const { classified, judgement, text } = candidate
    const { operation, statements } = classified
    const now_ms = this.#c.now_ms()
    const scopes = this.#c.names.scopesOf(statements)
    const run = startRun({ operationId, operation, text, statements, judgement, scopes, now_ms })
    return { type: 'go', run }
  }

  /** Writes the outcome of what does not run. */
  #refuse({ hold, plan }: Waiting, outcome: HoldRefusal): Permit {
    const { code, response } = approvalRefusal(outcome)
    const result = WITHDRAWN.has(code) ? 'withdrawn' : 'refused'
    writeOutcome(this.#c.session, hold.begun, { result, error: code }, this.#c.now_ms())
    return { type: 'refuse', response, skip: plan?.state === 'failed' && this.#c.batchOpen }
  }

  #intent({ classified, judgement, text, parameters }: Candidate): Begun {
    const { operation } = classified
    const { verdict } = judgement
    const asked = { operation, text, verdict, ...(parameters === undefined ? {} : { parameters }) }
    return writeIntent(this.#c.session, asked, this.#c.now_ms())
  }

  /** People are asked only once the intent is written. */
  #begin(candidate: Candidate, verdict: HoldVerdict, begun: Begun): Waiting {
    const { classified, text } = candidate
    const { session, parts } = this.#c
    const hold = new Hold({ session, approvals: parts.approvals }, { begun, verdict }, () => {
      session.busy(-1)
      this.#c.resume()
    })
    const { operation } = classified
    const digest = this.#digest(candidate)
    const waiting: Waiting = { hold, operation, text, digest, plan: undefined }
    session.busy(1)
    parts.recorder.afterCommit({
      committed: () => {
        if (hold.outcome === undefined) waiting.plan = askPlan(this.#c, classified, candidate)
        this.#c.resume()
      },
      failed: (error) => hold.settle(error),
    })
    return waiting
  }

  #ask({ hold, digest }: Waiting, plan: Question, candidate: Candidate): void {
    if (plan.state === 'failed') {
      hold.settle(failedPlan(plan))
      return
    }
    const { parameters } = candidate
    const rows = estimatedRows(plan)
    const { binds: _, ...shown } = shownOf(candidate)
    const held = hold.ask({
      ...shown,
      ...(parameters === undefined ? {} : { parameters }),
      digest,
      ...(rows === undefined ? {} : { estimatedRows: rows }),
    })
    if (held !== undefined) this.#c.toClient(holdNotice(held))
  }
}

const WITHDRAWN: ReadonlySet<Code> = new Set(['APPROVAL_WITHDRAWN', 'APPROVAL_SUPERSEDED'])

/** The planner has answered, and nobody has been asked yet. */
function isPlanned(waiting: Waiting): waiting is Waiting & { readonly plan: Question } {
  const { plan, hold } = waiting
  if (plan === undefined || plan.state === 'asked') return false
  return !hold.isAsked && hold.outcome === undefined
}

function stale(): ChaperoneError {
  const { code, message, hint } = STALE
  return new ChaperoneError(code, message, { hint })
}

function failedPlan({ sqlstate }: Question): ChaperoneError {
  const { code, message, hint } = unplannable(sqlstate)
  return new ChaperoneError(code, message, { hint })
}
