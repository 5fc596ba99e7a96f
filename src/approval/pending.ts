import type { SteadyClock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Recorder } from '../record/lines/trail.ts'
import { createAlarm } from './alarm.ts'
import type { ApprovalOutcome } from './approvals.ts'
import { committed } from './committed.ts'
import type { RefusedState } from './notes.ts'
import { closedNote, requestedNote } from './notes.ts'
import type { ApprovalNotifier } from './notify.ts'
import type { ApprovalStore } from './store.ts'
import type { CountedAnswer } from './terms.ts'
import { personKey, progressOf } from './terms.ts'
import type { KeptApproval } from './view.ts'
import { viewOf } from './view.ts'

/**
 * The requests that somebody waits for. Transitions, all of them final:
 *
 *     pending → approved | denied                     apply()
 *     pending → expired                               expireDue(), by the alarm or before any look
 *     pending → withdrawn | superseded                refuse()
 *     pending → revoked | shutdown                    refuse()
 *     pending → unavailable                           when the request could not be recorded
 *
 * A request that this process did not put here can never be approved by it.
 */
export interface PendingRequests {
  /** Keeps the request on disk, records it, and only then tells anybody. Throws STATE_UNAVAILABLE. */
  add(approval: KeptApproval): Promise<ApprovalOutcome>
  get(id: string): KeptApproval | undefined
  list(): readonly KeptApproval[]
  /** Counts a recorded answer. Undefined: the request was closed meanwhile. Throws STATE_UNAVAILABLE. */
  apply(id: string, answer: CountedAnswer): KeptApproval | undefined
  /** Takes effect even where it cannot be written down. Returns whether it was still pending. */
  refuse(id: string, state: SettledState): boolean
  expireDue(): void
}

type SettledState = Exclude<RefusedState, 'denied' | 'refused-by-restart'>

export interface PendingParts {
  readonly clock: SteadyClock
  readonly kept: ApprovalStore
  readonly recorder: Pick<Recorder, 'note' | 'afterCommit' | 'fault'>
  readonly notify: ApprovalNotifier
  readonly log: Log
}

interface Live {
  readonly approval: KeptApproval
  readonly resolve: (outcome: ApprovalOutcome) => void
  /** People heard of it, so they will hear of its end. */
  readonly announced: boolean
  /** The deadline by the steady clock. */
  readonly until_ms: number
}

export function createPending(parts: PendingParts): PendingRequests {
  const { clock, kept, recorder, notify, log } = parts
  const live = new Map<string, Live>()
  const alarm = createAlarm(clock, () => {
    expireDue()
    rearm()
  })

  function rearm(): void {
    const deadlines = [...live.values()].map(({ until_ms }) => until_ms)
    alarm.set(deadlines.length === 0 ? undefined : Math.min(...deadlines))
  }

  function add(approval: KeptApproval): Promise<ApprovalOutcome> {
    kept.insert(approval)
    const until_ms = clock.steady_ms() + approval.expiresAt_ms - approval.requestedAt_ms
    return new Promise((resolve) => {
      live.set(approval.id, { approval, resolve, announced: false, until_ms })
      rearm()
      recorder.note(requestedNote(approval))
      void committed(recorder).then(
        () => announce(approval.id),
        () => refuse(approval.id, 'unavailable'),
      )
    })
  }

  function announce(id: string): void {
    const one = live.get(id)
    if (one === undefined) return
    live.set(id, { ...one, announced: true })
    tell('requested', one.approval)
  }

  function apply(id: string, answer: CountedAnswer): KeptApproval | undefined {
    expireDue()
    const one = live.get(id)
    if (one === undefined) return undefined
    const at_ms = clock.now_ms()
    const next = withAnswer(one.approval, answer, at_ms)
    kept.answer(id, answer, next.state, at_ms)
    if (next.state === 'approved' || next.state === 'denied') {
      finish({ ...one, approval: next }, next.state)
    } else live.set(id, { ...one, approval: next })
    return next
  }

  function refuse(id: string, state: SettledState): boolean {
    const one = live.get(id)
    if (one === undefined) return false
    const at_ms = clock.now_ms()
    finish({ ...one, approval: { ...one.approval, state, settledAt_ms: at_ms } }, state)
    try {
      kept.settle(id, state, at_ms)
    } catch {
      // Still pending on disk; at the next start it becomes refused-by-restart.
      log.error('approval.settle-failed', { approval: id, state })
    }
    return true
  }

  function finish(
    { approval, resolve, announced }: Live,
    state: SettledState | 'approved' | 'denied',
  ): void {
    live.delete(approval.id)
    rearm()
    recorder.note(closedNote(approval, state, clock.now_ms()))
    resolve(outcomeOf(approval, state))
    if (announced) tell('settled', approval)
  }

  function tell(what: 'requested' | 'settled', approval: KeptApproval): void {
    try {
      notify[what](viewOf(approval))
    } catch {
      log.error('approval.notify-failed', { approval: approval.id, what })
    }
  }

  /**
   * By whichever clock comes first. A machine's time that is set back keeps nothing alive; where it
   * was set forward, or the machine slept, the time that people were shown is over, and asking again
   * is cheap.
   */
  function expireDue(): void {
    const now_ms = clock.now_ms()
    const steady_ms = clock.steady_ms()
    for (const { approval, until_ms } of live.values()) {
      const due = now_ms >= approval.expiresAt_ms || steady_ms >= until_ms
      if (due) refuse(approval.id, 'expired')
    }
  }

  return {
    add,
    get: (id) => live.get(id)?.approval,
    list: () => [...live.values()].map(({ approval }) => approval),
    apply,
    refuse,
    expireDue,
  }
}

function withAnswer(approval: KeptApproval, answer: CountedAnswer, at_ms: number): KeptApproval {
  const others = approval.answers.filter((one) => personKey(one) !== personKey(answer))
  const answers = [...others, answer]
  if (answer.answer === 'deny') {
    return { ...approval, answers, state: 'denied', settledAt_ms: at_ms }
  }
  const met = progressOf(approval.request.terms, answers).every((one) => one.met)
  return met
    ? { ...approval, answers, state: 'approved', settledAt_ms: at_ms }
    : { ...approval, answers }
}

function outcomeOf(
  { answers }: KeptApproval,
  state: SettledState | 'approved' | 'denied',
): ApprovalOutcome {
  return state === 'approved' || state === 'denied' ? { type: state, answers } : { type: state }
}
