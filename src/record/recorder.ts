import type { Clock } from '../core/clock.ts'
import type { ChaperoneError } from '../core/errors.ts'
import { asChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { makeFolder, nodeIo } from './io.ts'
import type { RecordIo } from './io.ts'
import { createJournal } from './journal.ts'
import * as limits from './limits.ts'
import { lockFolder } from './lock.ts'
import { noteLine } from './note-line.ts'
import { createBacklog, createQueue } from './batch.ts'
import type { Batch, LiveOperation } from './batch.ts'
import { recover } from './recover.ts'
import { createSealer } from './sealer.ts'
import type { SealedSegment } from './sealer.ts'
import { watchSpace } from './free-space.ts'
import { trailsOf } from './trails.ts'
import type { CommitWaiter, Note, Recorder } from './trail.ts'

export interface RecorderOptions {
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  readonly gatewayVersion: string
  /** `commit`: the disk has it before an operation goes on; `none`: the operating system has it. */
  readonly sync?: 'none' | 'commit'
  readonly segmentBytesMax?: number
  readonly segmentAge_ms?: number
  readonly freeBytesMin?: number
  readonly backlogCharsMax?: number
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
  const queue = createQueue()
  const backlog = createBacklog(options.backlogCharsMax ?? limits.BACKLOG_BYTES_MAX)
  const sealer = createSealer(folder, log, options.sealed ?? (() => {}))
  const space = watchSpace(io, clock, folder, options.freeBytesMin ?? limits.FREE_BYTES_MIN)
  const openTrail = trailsOf(clock, gatewayVersion, push)
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
  for (const id of leftovers.unsealed) sealer.seal(id)

  let scheduled = false
  let syncing = false
  let afterSync = () => {}
  let closing: Promise<void> | undefined
  let ended = false
  let fault: ChaperoneError | undefined
  let faultSince_ms = 0
  let attempted_ms = 0
  let pause_ms = limits.RETRY_MIN_MS
  let retry: NodeJS.Timeout | undefined

  function push(line: string, intent: LiveOperation | undefined): void {
    if (ended) {
      if (intent !== undefined) intent.dropped = true
      return
    }
    queue.push(line, intent)
    schedule()
  }

  function schedule(): void {
    if (scheduled || syncing) return
    scheduled = true
    setImmediate(flush)
  }

  function flush(): void {
    scheduled = false
    if (syncing || ended) return
    const waited_ms = Math.abs(clock.now_ms() - attempted_ms)
    if (fault !== undefined && waited_ms < limits.RETRY_MIN_MS) refuse(queue.take(), fault)
    else attempt()
  }

  /** Writes all that waits: first what an outage left, then the batch, whole or not at all. */
  function attempt(): void {
    if (queue.empty && backlog.empty && fault === undefined) return
    const batch = queue.take()
    const started = performance.now()
    try {
      journal.rotateIfDue()
      claim(batch)
      drain()
      if (batch.lines.length > 0) journal.append(batch.lines)
    } catch (error) {
      fail(batch, error)
      return
    }
    if (syncs) syncThenCommit(batch, started)
    else commit(batch, started)
  }

  /** Too little space refuses new operations, while those that run may still be finished. */
  function claim(batch: Batch): void {
    let chars = 0
    for (const line of batch.lines) chars += line.length
    try {
      space.claim(chars)
    } catch (error) {
      drain()
      throw error
    }
  }

  function drain(): void {
    backlog.drain(limits.WRITE_CHARS, (lines) => journal.append(lines))
  }

  function syncThenCommit(batch: Batch, started: number): void {
    syncing = true
    journal.sync((error) => {
      syncing = false
      if (error === null) commit(batch, started)
      else failSync(batch, error)
      afterSync()
      if (!queue.empty) schedule()
    })
  }

  /** After a failed sync nobody knows what the disk has: the batch is cut off, the file left behind. */
  function failSync(batch: Batch, error: Error): void {
    if (batch.lines.length > 0) journal.retract()
    journal.rotate()
    fail(batch, error)
  }

  function commit(batch: Batch, started: number): void {
    options.written?.((performance.now() - started) / 1000)
    if (fault !== undefined) recovered()
    for (const waiter of batch.waiters) tell(() => waiter.committed())
  }

  function fail(batch: Batch, error: unknown): void {
    attempted_ms = clock.now_ms()
    if (fault === undefined) {
      fault = unavailable(error)
      faultSince_ms = attempted_ms
      log.error('records.unavailable', { why: fault.message })
      options.faulted?.(true)
    }
    refuse(batch, fault)
    clearTimeout(retry)
    if (ended || closing !== undefined) return
    retry = setTimeout(retryNow, pause_ms)
    pause_ms = Math.min(pause_ms * 2, limits.RETRY_MAX_MS)
  }

  function retryNow(): void {
    if (!syncing && !ended) attempt()
  }

  function refuse(batch: Batch, error: ChaperoneError): void {
    backlog.keep(batch)
    for (const waiter of batch.waiters) tell(() => waiter.failed(error))
  }

  function recovered(): void {
    const { refused, dropped } = backlog.takeCounts()
    const seconds = Math.round((clock.now_ms() - faultSince_ms) / 1000)
    fault = undefined
    pause_ms = limits.RETRY_MIN_MS
    clearTimeout(retry)
    options.faulted?.(false)
    log.info('records.available', { refused, dropped, seconds })
    interrupted('Records could not be written for a while.', { refused, dropped, seconds })
  }

  function segmentLost(segment: string, records: number): void {
    log.error('records.taken-away', { segment, records })
    interrupted('A record segment was taken away while it was written.', { segment, records })
  }

  function interrupted(message: string, details: NonNullable<Note['details']>): void {
    note({ at_ms: clock.now_ms(), type: 'records-interrupted', message, details })
  }

  function note(note: Note): void {
    push(noteLine(note, gatewayVersion), undefined)
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
    queue.wait(waiter)
    schedule()
  }

  function synced(): Promise<void> {
    return new Promise((resolve) => {
      afterSync = resolve
      if (!syncing) resolve()
    })
  }

  async function close(): Promise<void> {
    clearInterval(rotation)
    clearTimeout(retry)
    await synced()
    while (!queue.empty || !backlog.empty) {
      attempt()
      await synced()
      if (fault !== undefined) break
    }
    ended = true
    if (!backlog.empty) log.error('records.unwritten', { why: fault?.message })
    journal.rotate()
    await sealer.close()
    unlock()
  }

  return {
    openTrail,
    note,
    afterCommit,
    get fault() {
      return fault
    },
    close: () => (closing ??= close()),
  }
}

function prepare(folder: string) {
  let unlock: (() => void) | undefined
  try {
    makeFolder(folder)
    unlock = lockFolder(folder)
    return { leftovers: recover(folder), unlock }
  } catch (error) {
    unlock?.()
    throw asChaperoneError(
      error,
      'RECORD_UNAVAILABLE',
      `The records folder ${folder} cannot be used (${errnoOf(error)}).`,
      'The gateway needs a folder that it can create, read and write.',
    )
  }
}

function unavailable(cause: unknown): ChaperoneError {
  return asChaperoneError(
    cause,
    'RECORD_UNAVAILABLE',
    `The record cannot be written (${errnoOf(cause)}), so the operation is refused.`,
    'Nothing reached the target. Try again once the gateway can write records.',
  )
}

function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.message : 'closed'
}
