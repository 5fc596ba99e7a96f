import { setImmediate } from 'node:timers/promises'
import type { ChaperoneError } from '../core/errors.ts'
import { asChaperoneError } from '../core/errors.ts'
import { lineSequence } from '../record/envelope.ts'
import { segmentTime_ms } from '../record/layout.ts'
import { checkEnvelope, damagedLine, UNREADABLE } from './damage.ts'
import { BATCH_BYTES, CLOCK_SLACK_MS, LATE_MAX_MS } from './limits.ts'
import type { Position } from './position.ts'
import { numberIn, TIME } from './raw-line.ts'
import { readSegment } from './segment-files.ts'
import type { SegmentBytes } from './segment-files.ts'

/** One record, not parsed yet. */
export interface RecordLine {
  readonly segment: string
  readonly sequence: number
  readonly bytes: Buffer
  readonly file: string
  /** Counts from 1. */
  readonly line: number
}

/** Records of one segment, in the order that was asked for. */
export interface Batch {
  readonly segment: string
  readonly lines: readonly RecordLine[]
  readonly bytes: number
  /** Set once a damaged segment is read as far as it can be. */
  readonly damage?: ChaperoneError
}

export interface ReadOptions {
  readonly folder: string
  /** From `listSegments`, oldest first. */
  readonly segments: readonly string[]
  readonly newestFirst?: boolean
  /** Only records before this one. */
  readonly before?: Position
  /** Only this record and those after it. */
  readonly from?: Position
}

/**
 * Reads records in batches. At most one segment is in memory. Damage does not end the reading: what
 * is whole is handed over, and then what is wrong, as a RECORD_CORRUPT with file and line. A last
 * line without an end is no damage where the segment is live.
 */
export async function* readRecords(options: ReadOptions): AsyncGenerator<Batch> {
  const chosen = options.segments.filter((id) => isWithin(id, options))
  if (options.newestFirst === true) chosen.reverse()
  for (const id of chosen) yield* readOne(id, options)
}

function isWithin(id: string, { before, from }: ReadOptions): boolean {
  return (
    (before === undefined || id <= before.segment) && (from === undefined || id >= from.segment)
  )
}

async function* readOne(id: string, options: ReadOptions): AsyncGenerator<Batch> {
  let segment: SegmentBytes | undefined
  try {
    segment = await readSegment(options.folder, id)
  } catch (error) {
    const damage = asChaperoneError(error, 'RECORD_CORRUPT', 'A record segment cannot be read.')
    yield { segment: id, lines: [], bytes: 0, damage }
  }
  if (segment === undefined) return
  const found = linesOf(id, segment)
  const wanted = found.lines.filter((line) => isWanted(line, options))
  if (options.newestFirst === true) wanted.reverse()
  yield* inBatches(id, wanted)
  const { damage } = found
  if (damage !== undefined) yield { segment: id, lines: [], bytes: 0, damage }
}

function isWanted({ segment, sequence }: RecordLine, { before, from }: ReadOptions): boolean {
  if (before !== undefined && segment === before.segment && sequence >= before.sequence)
    return false
  return from === undefined || segment !== from.segment || sequence >= from.sequence
}

function linesOf(
  id: string,
  segment: SegmentBytes,
): { lines: RecordLine[]; damage?: ChaperoneError } {
  const all = splitLines(segment.bytes)
  let damage = checkEnvelope(id, segment, all)
  const lines: RecordLine[] = []
  const broken = segment.brokenAtLine !== undefined
  const start = broken ? 0 : 1
  const end = broken || !segment.sealed ? all.length : all.length - 1
  for (let index = start; index < end; index++) {
    const bytes = all[index]!
    const sequence = lineSequence(bytes)
    if (sequence === undefined) {
      damage ??= damagedLine(segment.file, index + 1)
    } else {
      lines.push({ segment: id, sequence, bytes, file: segment.file, line: index + 1 })
    }
  }
  return damage === undefined ? { lines } : { lines, damage }
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
    lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  return lines
}

async function* inBatches(segment: string, lines: readonly RecordLine[]): AsyncGenerator<Batch> {
  let start = 0
  let bytes = 0
  for (let index = 0; index < lines.length; index++) {
    bytes += lines[index]!.bytes.length
    if (bytes < BATCH_BYTES && index < lines.length - 1) continue
    yield { segment, lines: lines.slice(start, index + 1), bytes }
    start = index + 1
    bytes = 0
    await setImmediate()
  }
}

/** Parses a record, or gives what `damaged` makes of it. */
export function recordOr<T>(
  line: RecordLine,
  damaged: (error: ChaperoneError) => T,
): Readonly<Record<string, unknown>> | T {
  try {
    return parseRecord(line)
  } catch (error) {
    return damaged(asChaperoneError(error, 'RECORD_CORRUPT', UNREADABLE))
  }
}

/** When it happened, without parsing; 0 where that is not told. */
export function timeOf({ bytes }: RecordLine): number {
  return numberIn(bytes, TIME) ?? 0
}

/** Parses a record. Throws ChaperoneError RECORD_CORRUPT. */
export function parseRecord({ bytes, file, line }: RecordLine): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told below, without the text: it may be anything.
  }
  throw damagedLine(file, line)
}

export interface TimeRange {
  readonly from_ms?: number
  /** Not included. */
  readonly to_ms?: number
}

/** The segments that may hold records of this time; some slack on both sides, never too few. */
export function segmentsWithin(segments: readonly string[], range: TimeRange): readonly string[] {
  const { from_ms = Number.NEGATIVE_INFINITY, to_ms = Number.POSITIVE_INFINITY } = range
  return segments.filter((id, index) => {
    const next = segments[index + 1]
    const ended_ms = next === undefined ? Infinity : segmentTime_ms(next) + CLOCK_SLACK_MS
    return ended_ms >= from_ms && segmentTime_ms(id) - LATE_MAX_MS < to_ms
  })
}
