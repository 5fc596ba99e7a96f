import type { Clock } from '../../core/clock.ts'
import { newId } from '../../core/ids.ts'
import { recordHead, SEGMENT_FORMAT } from '../lines/envelope.ts'
import { WRITE_CHARS } from '../lines/limits.ts'
import type { RecordIo } from './io.ts'
import { segmentTime_ms } from './layout.ts'
import type { Mark, Segment } from './segment.ts'
import { openSegment } from './segment.ts'

/** Where the next record goes: the live segment, its rotation, and the sequence numbers. */
export interface Journal {
  /**
   * Writes all lines in order, or none and throws. Lines come without their head. A segment that was
   * taken away is replaced, and the lines go into the new one.
   */
  append(lines: readonly string[]): void
  /** Remembers this place for `rewind`. Throws while what a failure left cannot be cut off. */
  checkpoint(): void
  /** Takes back all appends since the checkpoint, after a sync that failed. */
  rewind(): void
  sync(done: (error: Error | null) => void): void
  /** Closes the live segment when it is full or old, and hands it over for sealing. */
  rotateIfDue(): void
  /** Closes the live segment; the next append opens another. */
  rotate(): void
}

interface Checkpoint {
  readonly segment: Segment
  readonly mark: Mark
  readonly sequence: number
}

export interface JournalOptions {
  readonly folder: string
  readonly io: RecordIo
  readonly clock: Clock
  readonly gatewayVersion: string
  readonly segmentBytesMax: number
  readonly segmentAge_ms: number
  /** The last segment that an earlier run wrote, and the sequence number that comes next. */
  readonly previous: string | null
  readonly nextSequence: number
  /** A segment was closed with records in it. */
  closed(segmentId: string): void
  /** A segment was deleted, renamed or replaced while it was written. */
  lost(segmentId: string, records: number): void
}

/** The segment at hand, and one fresh one when that was taken away. */
const PLACES_TRIED = 2

export function createJournal(options: JournalOptions): Journal {
  const { io, clock } = options
  const scratch = Buffer.allocUnsafe(WRITE_CHARS * 3)
  let segment: Segment | undefined
  let previous = options.previous
  let nextSequence = options.nextSequence
  let kept: Checkpoint | undefined
  /** The live segment's beginning: where a checkpoint lies that was made before it was opened. */
  let opened: Checkpoint | undefined
  /** What a failed write left and could not be cut off yet; nothing is written before it is. */
  let leftover: Mark | undefined
  /** The segment is to be closed as soon as it is repaired. */
  let leaving = false

  /** Cuts off what a failure left; throws while the disk refuses. No place is told before that. */
  function repair(): void {
    if (segment === undefined || leftover === undefined) return
    if (!segment.inPlace()) {
      lose(segment)
      return
    }
    segment.retractTo(leftover)
    leftover = undefined
    if (leaving) rotate()
  }

  function current(): Segment {
    repair()
    if (segment === undefined) {
      segment = open()
      opened = { segment, mark: segment.mark(), sequence: nextSequence }
    }
    return segment
  }

  function open(): Segment {
    const openedAt_ms = clock.now_ms()
    const id = laterId(openedAt_ms, previous)
    const fresh = openSegment(io, options.folder, {
      chaperone: 'segment',
      format: SEGMENT_FORMAT,
      segment: id,
      previous,
      firstSequence: nextSequence,
      openedAt_ms,
      gateway: options.gatewayVersion,
    })
    previous = id
    return fresh
  }

  function append(lines: readonly string[]): void {
    for (let attempt = 0; attempt < PLACES_TRIED; attempt++) {
      const target = current()
      const before = { segment: target, mark: target.mark(), sequence: nextSequence }
      try {
        writeLines(target, lines)
        if (target.inPlace()) return
      } catch (error) {
        rewindTo(before)
        throw error
      }
      rewindTo(before)
      lose(target)
    }
    throw new Error('the record segment is taken away as soon as it is made')
  }

  function lose(target: Segment): void {
    const { id, records } = target
    abandon(target)
    options.lost(id, records)
  }

  function writeLines(target: Segment, lines: readonly string[]): void {
    let text = ''
    let count = 0
    for (const line of lines) {
      text += recordHead(target.id, nextSequence) + line
      nextSequence += 1
      count += 1
      if (text.length < WRITE_CHARS) continue
      writeText(target, text, count)
      text = ''
      count = 0
    }
    if (count > 0) writeText(target, text, count)
  }

  function writeText(target: Segment, text: string, records: number): void {
    // A character of UTF-16 takes at most three bytes of UTF-8.
    if (text.length * 3 <= scratch.length) {
      target.append(scratch, scratch.write(text, 0, 'utf8'), records)
      return
    }
    const bytes = Buffer.from(text, 'utf8')
    target.append(bytes, bytes.length, records)
  }

  function rewindTo({ segment: target, mark, sequence }: Checkpoint): void {
    if (target !== segment) return
    nextSequence = sequence
    try {
      target.retractTo(mark)
    } catch {
      leftover = mark
    }
  }

  function abandon(target: Segment): void {
    segment = undefined
    kept = undefined
    leftover = undefined
    leaving = false
    try {
      target.close()
    } catch {
      // Nothing more can be done with it, and its number is not used again.
    }
  }

  function rotate(): void {
    if (segment === undefined) return
    if (leftover !== undefined) {
      leaving = true
      return
    }
    const { id } = segment
    abandon(segment)
    options.closed(id)
  }

  return {
    append,
    checkpoint() {
      repair()
      kept =
        segment === undefined
          ? undefined
          : { segment, mark: segment.mark(), sequence: nextSequence }
    },
    rewind() {
      const place = kept ?? opened
      kept = undefined
      if (place !== undefined) rewindTo(place)
    },
    sync(done) {
      if (segment === undefined) done(null)
      else segment.sync(done)
    },
    rotateIfDue() {
      if (segment === undefined || segment.records === 0) return
      // A clock that was set back far makes a segment as old as one that was set forward.
      const age_ms = Math.abs(clock.now_ms() - segment.openedAt_ms)
      if (segment.size >= options.segmentBytesMax || age_ms >= options.segmentAge_ms) rotate()
    },
    rotate,
  }
}

/** A new segment id that sorts after `previous` even when the clock was set back. */
function laterId(now_ms: number, previous: string | null): string {
  const id = newId(now_ms)
  if (previous === null || id > previous) return id
  return newId(segmentTime_ms(previous) + 1)
}
