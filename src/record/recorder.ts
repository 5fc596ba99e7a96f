import type { SteadyClock } from '../core/clock.ts'
import type { ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Entry } from './backlog.ts'
import { createBacklog } from './backlog.ts'
import type { RecordBudgetLimits, Untold } from './budget.ts'
import { createRecordBudgets, limitedNote } from './budget.ts'
import * as limits from './lines/limits.ts'
import type { CommitWaiter, Note, Recorder } from './lines/trail.ts'
import { createNotes } from './notes.ts'
import { watchSpace } from './segments/free-space.ts'
import type { RecordIo } from './segments/io.ts'
import { nodeIo } from './segments/io.ts'
import { createJournal } from './segments/journal.ts'
import { prepare } from './segments/prepare.ts'
import type { SealedSegment } from './segments/sealer.ts'
import { createSealer } from './segments/sealer.ts'
import { stuck, tooMuch, unavailable } from './segments/unavailable.ts'
import { trailsOf } from './trails.ts'

export interface RecorderOptions {
  readonly folder: string
  readonly clock: SteadyClock
  readonly log: Log
  readonly gatewayVersion: string
  /** `commit`: the disk has it before an operation goes on; `none`: the operating system has it. */
  readonly sync?: 'none' | 'commit'
  readonly segmentBytesMax?: number
  readonly segmentAge_ms?: number
  readonly freeBytesMin?: number
  readonly backlogCharsMax?: number
  /** What one agent may have recorded. */
  readonly perAgent?: RecordBudgetLimits
  /** Called once a segment is sealed; the tamper-evident log builds on it. */
  readonly sealed?: (segment: SealedSegment) => void
  /** For tests that let the disk fail. */
  readonly io?: RecordIo
  /** For metrics: how long a write took, sync included. */
  readonly written?: (seconds: number) => void
  readonly faulted?: (failing: boolean) => void
}

/**
 * Opens the records folder, finishes what an earlier run left, and starts recording. Throws
 * ChaperoneError RECORD_UNAVAILABLE when the folder cannot be used or another gateway writes there.
 */
export function openRecorder(options: RecorderOptions): Recorder {
  const { folder, clock, log, gatewayVersion } = options
  const syncs = options.sync === 'commit'
  const io = options.io ?? nodeIo({ syncFolders: syncs })
  const { leftovers, unlock } = prepare(folder)
  const backlog = createBacklog(options.backlogCharsMax ?? limits.BACKLOG_BYTES_MAX)
  const sealer = createSealer(folder, log, options.sealed ?? (() => {}))
  const space = watchSpace(io, clock, folder, options.freeBytesMin ?? limits.FREE_BYTES_MIN)
  const budgets = createRecordBudgets(options.perAgent ?? limits.PER_AGENT, clock, limited)
  const openTrail = trailsOf(clock, gatewayVersion, push, (agent) => budgets.of(agent))
  const notes = createNotes(gatewayVersion, push, budgets)
  const journal = createJournal({
    folder,
    io,
    clock,
    gatewayVersion,
    ...leftovers,
    segmentBytesMax: options.segmentBytesMax ?? limits.SEGMENT_BYTES_MAX,
    segmentAge_ms: options.segmentAge_ms ?? limits.SEGMENT_AGE_MAX_MS,
    closed: (id) => sealer.seal(id),
    lost: segmentLost,
  })
  const rotation = setInterval(rotateWhenIdle, limits.ROTATE_CHECK_MS)
  rotation.unref()
  const rest = setInterval(() => budgets.tellRest(limits.LIMITED_NOTE_MS), limits.LIMITED_NOTE_MS)
  rest.unref()
  for (const id of leftovers.unsealed) sealer.seal(id)

  let waiters: CommitWaiter[] = []
  let scheduled = false
  let syncing = false
  /** The disk has not answered a sync within its bound, and has not answered since. */
  let hangs = false
  let afterSync = () => {}
  let closing: Promise<void> | undefined
  let ended = false
  let fault: ChaperoneError | undefined
  /** Too little room is left for agents: what people decide is written all the same. */
  let short: ChaperoneError | undefined
  let faultSince_ms = 0
  let attempted_ms = 0
  let pause_ms = limits.RETRY_MIN_MS
  let retry: NodeJS.Timeout | undefined
  let soon: NodeJS.Timeout | undefined

  function push(entry: Entry): void {
    if (ended) return
    space.claim(entry.line.length)
    backlog.push(entry)
    soon ??= setTimeout(flushUnwaited, limits.UNWAITED_MS)
  }

  /** What nobody waits for, outcomes above all, mostly shares a write with the next intent. */
  function flushUnwaited(): void {
    soon = undefined
    if (!backlog.empty) flush()
  }

  function schedule(): void {
    if (scheduled || (syncing && !hangs)) return
    scheduled = true
    setImmediate(flush)
  }

  function flush(): void {
    scheduled = false
    if (hangs && fault !== undefined) refuse(takeWaiters(), fault)
    if (syncing || ended) return
    const waited_ms = Math.abs(clock.now_ms() - attempted_ms)
    if (fault !== undefined && waited_ms < limits.RETRY_MIN_MS) refuseAgents(fault)
    else attempt()
  }

  /** Writes all that waits, in order; only then are the waiters told. */
  function attempt(): void {
    const due = takeWaiters()
    const started = performance.now()
    try {
      journal.rotateIfDue()
      journal.checkpoint()
      checkRoom(due)
      writeAll()
    } catch (error) {
      fail(due, error)
      return
    }
    if (syncs) syncThenCommit(due, started)
    else commit(due, started)
  }

  function writeAll(): void {
    backlog.drain(limits.WRITE_CHARS, (lines) => journal.append(lines))
  }

  /**
   * Nearly full: new operations are refused while those that run may still be finished and people
   * may still decide, so the waiters of agents hear of it before the rest is written. Throws where
   * nobody is left who waits.
   */
  function checkRoom(due: CommitWaiter[]): void {
    const overflow = backlog.takeOverflow()
    const problem = overflow ? tooMuch() : space.problem()
    short = problem
    if (problem === undefined) return
    began(problem)
    const kept = due.filter(({ ofPerson }) => ofPerson === true && space.enoughForPeople)
    refuse(
      due.splice(0).filter((waiter) => !kept.includes(waiter)),
      problem,
    )
    due.push(...kept)
    if (kept.length > 0) return
    writeAll()
    throw problem
  }

  function syncThenCommit(due: readonly CommitWaiter[], started: number): void {
    syncing = true
    let waiting = due
    const late = setTimeout(() => {
      hangs = true
      const error = began(stuck())
      // Their lines are in the file already, and their outcomes will say that they did not run.
      for (const waiter of waiting) tell(() => waiter.failed(error))
      waiting = []
      refuse(takeWaiters(), error)
      afterSync()
    }, limits.SYNC_MS_MAX)
    late.unref()
    journal.sync((error) => {
      clearTimeout(late)
      syncing = false
      hangs = false
      if (ended) return
      if (error === null) commit(waiting, started)
      else failSync(waiting, error)
      afterSync()
      if (!backlog.empty || waiters.length > 0) schedule()
    })
  }

  /** After a failed sync nobody knows what the disk has: it is cut off, and written anew elsewhere. */
  function failSync(due: readonly CommitWaiter[], error: Error): void {
    journal.rewind()
    journal.rotate()
    backlog.putBack()
    fail([...due, ...takeWaiters()], error)
  }

  function commit(due: readonly CommitWaiter[], started: number): void {
    options.written?.((performance.now() - started) / 1000)
    if (fault !== undefined && short === undefined) recovered()
    for (const waiter of due) tell(() => waiter.committed())
    if (short !== undefined) fail([], short)
  }

  function fail(due: readonly CommitWaiter[], error: unknown): void {
    attempted_ms = clock.now_ms()
    refuse(due, began(error))
    clearTimeout(retry)
    if (closing !== undefined) return
    retry = setTimeout(retryNow, pause_ms)
    pause_ms = Math.min(pause_ms * 2, limits.RETRY_MAX_MS)
  }

  /** The outage begins, or goes on. */
  function began(error: unknown): ChaperoneError {
    if (fault !== undefined) return fault
    fault = unavailable(error)
    faultSince_ms = performance.now()
    log.error('records.unavailable', { why: fault.message })
    options.faulted?.(true)
    return fault
  }

  function retryNow(): void {
    if (!syncing && !ended) attempt()
  }

  function refuse(due: readonly CommitWaiter[], error: ChaperoneError): void {
    backlog.leaveOutAllowed()
    for (const waiter of due) tell(() => waiter.failed(error))
  }

  /** People wait for the next attempt, which comes by itself. */
  function refuseAgents(error: ChaperoneError): void {
    const due = takeWaiters()
    waiters = due.filter(({ ofPerson }) => ofPerson)
    refuse(
      due.filter(({ ofPerson }) => ofPerson !== true),
      error,
    )
  }

  function takeWaiters(): CommitWaiter[] {
    const due = waiters
    waiters = []
    return due
  }

  function recovered(): void {
    const { refused, lost } = backlog.takeCounts()
    const seconds = Math.round((performance.now() - faultSince_ms) / 1000)
    fault = undefined
    pause_ms = limits.RETRY_MIN_MS
    clearTimeout(retry)
    options.faulted?.(false)
    log.info('records.available', { refused, lost, seconds })
    interrupted('Records could not be written for a while.', { refused, lost, seconds })
  }

  function segmentLost(segment: string, records: number): void {
    log.error('records.taken-away', { segment, records })
    interrupted('A record segment was taken away while it was written.', { segment, records })
  }

  function interrupted(message: string, details: NonNullable<Note['details']>): void {
    notes.note({ at_ms: clock.now_ms(), type: 'records-interrupted', message, details })
  }

  function limited(untold: Untold): void {
    log.warn('records.limited', { agent: untold.agent, refused: untold.refused })
    notes.note(limitedNote(untold, clock.now_ms()))
  }

  /** A waiter that throws must not keep the others waiting. */
  function tell(waiter: () => void): void {
    try {
      waiter()
    } catch (error) {
      log.error('records.waiter', { why: error instanceof Error ? error.message : 'unknown' })
    }
  }

  function rotateWhenIdle(): void {
    if (!syncing && !ended) journal.rotateIfDue()
  }

  function afterCommit(waiter: CommitWaiter): void {
    if (ended) {
      const error = fault ?? unavailable(undefined)
      setImmediate(() => tell(() => waiter.failed(error)))
      return
    }
    backlog.cover()
    waiters.push(waiter)
    schedule()
  }

  /** After an outage one attempt is due even without lines: it cuts off what a failed write left. */
  function unsettled(): boolean {
    return !backlog.empty || waiters.length > 0 || fault !== undefined
  }

  function synced(): Promise<void> {
    return new Promise((resolve) => {
      afterSync = resolve
      if (!syncing || hangs) resolve()
    })
  }

  async function close(): Promise<void> {
    clearInterval(rotation)
    clearInterval(rest)
    budgets.tellRest(0)
    clearTimeout(retry)
    clearTimeout(soon)
    await synced()
    while (unsettled()) {
      if (hangs) break
      attempt()
      await synced()
      if (fault !== undefined) break
    }
    ended = true
    if (!backlog.empty) log.error('records.unwritten', { why: fault?.message })
    if (hangs) return unlock()
    journal.rotate()
    await sealer.close()
    unlock()
  }

  return {
    openTrail,
    ...notes,
    afterCommit,
    get fault() {
      return fault
    },
    close: () => (closing ??= close()),
  }
}
