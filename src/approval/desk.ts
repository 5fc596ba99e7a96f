import type { SteadyClock } from '../core/clock.ts'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Human } from '../core/principal.ts'
import type { Recorder } from '../record/lines/trail.ts'
import type { Store } from '../store/sqlite.ts'
import type { GivenAnswer } from './answering.ts'
import { alreadyClosed, checkRole, countAnswer, notFound, saidAlready } from './answering.ts'
import type { ApprovalRequest, Approvals, Held } from './approvals.ts'
import type { AskLimits } from './asking.ts'
import { ASK_LIMITS, checkPace, checkRoom, newApproval, unavailable } from './asking.ts'
import { committed } from './committed.ts'
import { ASKS_WINDOW_MS, HISTORY_MS } from './limits.ts'
import type { ApprovalPage, ListQuery } from './listing.ts'
import { listApprovals, maySee } from './listing.ts'
import { answeredNote } from './notes.ts'
import type { ApprovalNotifier } from './notify.ts'
import { createPending } from './pending.ts'
import { recoverApprovals } from './recovery.ts'
import { openApprovalStore } from './store.ts'
import type { CountedAnswer } from './terms.ts'
import { describeAsked, isInterested } from './terms.ts'
import type { ApprovalView, KeptApproval } from './view.ts'
import { viewOf } from './view.ts'

/** The people's side of approvals. Every method throws STATE_UNAVAILABLE where the store fails. */
export interface ApprovalDesk {
  /** Newest first. With `viewer`, only what that person may see. */
  list(query?: ListQuery): ApprovalPage
  /** Throws APPROVAL_NOT_FOUND, also for what `viewer` may not see. */
  show(id: string, viewer?: Human): ApprovalView
  /**
   * Takes effect when its record is written. `digest`, where given, is that of what the person looked
   * at; an answer to anything else is APPROVAL_NOT_ALLOWED. Rejects with HUMAN_ROLE_MISSING, APPROVAL_NOT_FOUND,
   * APPROVAL_CLOSED, APPROVAL_NOT_ALLOWED, APPROVAL_REASON_MISSING, REQUEST_INVALID or
   * RECORD_UNAVAILABLE; then nothing has changed.
   */
  answer(
    id: string,
    human: Human,
    answer: 'approve' | 'deny',
    reason?: string,
    digest?: string,
  ): Promise<ApprovalView>
}

/** The gateway's side: start, stop, revocation. */
export interface ApprovalControl {
  /**
   * Before any door opens: what a former run left pending is refused, with a record. Returns how
   * many; rejects when the record cannot be written.
   */
  recover(): Promise<number>
  /** Refuses all that wait, and all that is asked from now on. Returns how many. */
  closeAll(why: 'shutdown'): number
  /** Refuses what one agent waits for. Returns how many. */
  revokeAgent(name: string): number
}

export type ApprovalService = Approvals & ApprovalDesk & ApprovalControl

export interface ApprovalParts {
  readonly store: Store
  readonly clock: SteadyClock
  readonly recorder: Pick<Recorder, 'note' | 'afterCommit' | 'fault'>
  readonly notify: ApprovalNotifier
  readonly log: Log
  readonly limits?: Partial<AskLimits>
}

export function createApprovals(parts: ApprovalParts): ApprovalService {
  const { clock, recorder, notify, log } = parts
  const limits = { ...ASK_LIMITS, ...parts.limits }
  const kept = openApprovalStore(parts.store)
  const pending = createPending({ clock, kept, recorder, notify, log })
  let stopped = false

  function ask(request: ApprovalRequest): Held {
    if (stopped) throw unavailable('The gateway is stopping.', 'Try again when it is back.')
    if (recorder.fault !== undefined) {
      throw unavailable('Requests cannot be recorded right now.', 'Try again later.')
    }
    pending.expireDue()
    const { name } = request.principal.agent
    const now_ms = clock.now_ms()
    checkRoom(pending.list(), name, limits)
    checkPace(
      orUnavailable(() => kept.countSince(name, now_ms - ASKS_WINDOW_MS)),
      name,
      limits,
    )
    const approval = newApproval(request, now_ms)
    return {
      id: approval.id,
      expiresAt_ms: approval.expiresAt_ms,
      asked: describeAsked(approval.request.terms),
      settled: orUnavailable(() => pending.add(approval)),
      withdraw: (why = 'withdrawn') => void pending.refuse(approval.id, why),
    }
  }

  /** What may still be decided. Throws APPROVAL_NOT_FOUND or APPROVAL_CLOSED. */
  function open(id: string): KeptApproval {
    pending.expireDue()
    const approval = pending.get(id)
    if (approval !== undefined) return approval
    const former = kept.find(id)
    if (former === undefined) throw notFound()
    throw alreadyClosed(former.state === 'pending' ? 'refused-by-restart' : former.state)
  }

  async function answer(id: string, given: GivenAnswer): Promise<ApprovalView> {
    checkRole(given.human)
    const approval = open(id)
    const counted = count(approval, given)
    if (saidAlready(approval, counted)) return viewOf(approval)
    recorder.note(answeredNote(approval, given.human, counted))
    await committed(recorder, { ofPerson: true })
    try {
      return viewOf(applied(id, counted))
    } catch (error) {
      const { code } = asChaperoneError(error, 'INTERNAL', 'The answer could not be counted.')
      recorder.note(answeredNote(approval, given.human, counted, code))
      throw error
    }
  }

  /** The record took a moment: the request may have closed meanwhile. */
  function applied(id: string, counted: CountedAnswer): KeptApproval {
    const next = pending.apply(id, counted)
    if (next === undefined) throw alreadyClosed(kept.find(id)?.state ?? 'closed')
    return next
  }

  function count(approval: KeptApproval, given: GivenAnswer): CountedAnswer {
    const at_ms = clock.now_ms()
    try {
      return countAnswer(approval, given, at_ms)
    } catch (error) {
      if (error instanceof ChaperoneError && error.code === 'APPROVAL_NOT_ALLOWED') {
        const interested = isInterested(approval.request, given.human)
        const facts = { at_ms, answer: given.answer, interested }
        recorder.note(answeredNote(approval, given.human, facts, error.code))
      }
      throw error
    }
  }

  return {
    ask,
    list(query = {}) {
      pending.expireDue()
      return listApprovals(kept, query)
    },
    show(id, viewer) {
      pending.expireDue()
      const approval = pending.get(id) ?? kept.find(id)
      if (approval === undefined || !maySee(approval, viewer)) throw notFound()
      return viewOf(approval, kept.history(approval, approval.requestedAt_ms - HISTORY_MS))
    },
    answer: (id, human, what, reason, digest) =>
      answer(id, {
        human,
        answer: what,
        ...(reason === undefined ? {} : { reason }),
        ...(digest === undefined ? {} : { digest }),
      }),
    recover: () => recoverApprovals({ clock, kept, recorder, notify }, pending),
    closeAll(why) {
      stopped = true
      return refuseAll((one) => pending.refuse(one.id, why))
    },
    revokeAgent: (name) =>
      refuseAll((one) => one.request.agent.name === name && pending.refuse(one.id, 'revoked')),
  }

  function refuseAll(refuse: (approval: KeptApproval) => boolean): number {
    return pending.list().filter(refuse).length
  }
}

/** The agent meets one code, whatever it is that fails. */
function orUnavailable<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unavailable('Requests cannot be kept right now.', 'Try again later.', error)
  }
}
