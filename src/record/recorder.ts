import type { Clock } from '../core/clock.ts'
import type { ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Batch } from './batch.ts'
import { Collector, unavailable } from './batch.ts'
import { openFreeSpace } from './free-space.ts'
import type { RecordIo } from './io.ts'
import { nodeIo } from './io.ts'
import { createJournal } from './journal.ts'
import { RETRY_MAX_MS, RETRY_MIN_MS, SEGMENT_AGE_MAX_MS, SEGMENT_BYTES_MAX } from './limits.ts'
import { lockFolder } from './lock.ts'
import { noteLine } from './note-line.ts'
import { recover } from './recover.ts'
import { createSealer } from './sealer.ts'
import type { Recorder } from './trail.ts'
import { trailsOf } from './trails.ts'

export interface RecorderOptions {
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  readonly gatewayVersion: string
  /** `commit`: on the disk, not only in the file, before an operation goes on. */
  readonly sync: 'none' | 'commit'
  /** Operations are refused while the disk has less. */
  readonly freeBytesMin: number
  readonly segmentBytesMax?: number
  /** For tests: a file system that fails. */
  readonly io?: RecordIo
  /** For metrics. */
  readonly written?: (seconds: number) => void
  readonly faulted?: (failing: boolean) => void
}

/**
 * Opens a records folder for writing: recovers and seals what an earlier run left. Throws
 * RECORD_UNAVAILABLE when the folder cannot be used or another gateway uses it.
 */
export function openRecorder(options: RecorderOptions): Recorder {
  const { folder, clock, log, gatewayVersion } = options
  const leftovers = recoverFolder(folder)
  const unlock = lockFolder(folder)
  const io = options.io ?? nodeIo({ syncFolders: options.sync === 'commit' })
  const sealer = createSealer(folder, log, ({ id }) => log.debug('records.sealed', { segment: id }))
  for (const id of leftovers.unsealed) sealer.seal(id)
  const journal = createJournal({
    folder,
    io,
    clock,
    gatewayVersion,
    segmentBytesMax: options.segmentBytesMax ?? SEGMENT_BYTES_MAX,
    segmentAge_ms: SEGMENT_AGE_MAX_MS,
    previous: leftovers.previous,
    nextSequence: leftovers.nextSequence,
    closed: (id) => sealer.seal(id),
    lost: (id, records) => log.error('records.taken-away', { segment: id, records }),
  })
  const freeSpace = openFreeSpace(io, folder, clock, options.freeBytesMin)
  const collector = new Collector()
  let scheduled = false
  let syncing = false
  let closed = false
  let fault: ChaperoneError | undefined
  let faultSince_ms = 0
  let retry_ms = RETRY_MIN_MS
  let retry: NodeJS.Timeout | undefined

  function schedule(): void {
    if (scheduled || syncing) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      flush()
    })
  }

  function flush(): void {
    if (syncing || collector.isEmpty) return
    const batch = collector.take()
    const started = performance.now()
    try {
      freeSpace.check(batch.lines)
      journal.append(batch.lines.map(({ line }) => line))
    } catch (error) {
      failed(batch, error)
      return
    }
    if (options.sync === 'none') {
      written(batch, started)
      return
    }
    syncing = true
    journal.sync((error) => {
      syncing = false
      if (error === null) written(batch, started)
      else {
        journal.retract()
        failed(batch, error)
      }
      if (!collector.isEmpty) schedule()
    })
  }

  function written(batch: Batch, started: number): void {
    options.written?.((performance.now() - started) / 1000)
    if (fault !== undefined) recovered()
    for (const waiter of batch.waiters) waiter.committed()
    journal.rotateIfDue()
  }

  function failed(batch: Batch, cause: unknown): void {
    const error = unavailable(cause)
    if (fault === undefined) {
      faultSince_ms = clock.now_ms()
      log.error('records.unavailable', { error: String(cause) })
      options.faulted?.(true)
    }
    fault = error
    collector.putBack(batch.lines)
    for (const waiter of batch.waiters) waiter.failed(error)
    clearTimeout(retry)
    retry = setTimeout(flush, retry_ms)
    retry_ms = Math.min(retry_ms * 2, RETRY_MAX_MS)
  }

  function recovered(): void {
    fault = undefined
    retry_ms = RETRY_MIN_MS
    const lasted_ms = clock.now_ms() - faultSince_ms
    log.info('records.available', { lasted_ms, lost: collector.lost })
    options.faulted?.(false)
    const message = 'Records could not be written for a while; operations were refused.'
    const details = { lasted_ms, lost: collector.lost }
    collector.lost = 0
    note({ at_ms: clock.now_ms(), type: 'records-interrupted', message, details })
  }

  function note(facts: Parameters<Recorder['note']>[0]): void {
    append(noteLine(facts, gatewayVersion))
  }

  function append(line: string, intent?: string): void {
    collector.add(line, intent)
    schedule()
  }

  return {
    openTrail: trailsOf({ clock, gatewayVersion, append }),
    note,
    afterCommit(waiter) {
      collector.wait(waiter)
      schedule()
    },
    get fault() {
      return fault
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(retry)
      await new Promise<void>((resolve) => {
        collector.wait({ committed: resolve, failed: () => resolve() })
        schedule()
      })
      clearTimeout(retry)
      journal.rotate()
      await sealer.close()
      unlock()
    },
  }
}

function recoverFolder(folder: string): ReturnType<typeof recover> {
  try {
    return recover(folder)
  } catch (cause) {
    throw unavailable(cause)
  }
}
