import { setImmediate } from 'node:timers/promises'
import type { ChaperoneError } from '../../core/errors.ts'
import { asChaperoneError } from '../../core/errors.ts'
import { lineSequence } from '../../record/lines/envelope.ts'
import { segmentTime_ms } from '../../record/segments/layout.ts'
import { checkEnvelope, damagedLine, UNREADABLE } from './damage.ts'
import { BATCH_BYTES, CLOCK_SLACK_MS, LATE_MAX_MS } from './limits.ts'
import type { Lines } from './line-ends.ts'
import { linesIn } from './line-ends.ts'
import type { Position } from './position.ts'
import { numberIn, TIME } from './raw-line.ts'
import type { SegmentBytes } from './segment-files.ts'
import { readSegment } from './segment-files.ts'

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
  /** How much was looked at for them. */
  readonly bytes: number
  /** Set once a damaged segment is read as far as it can be. */
  readonly damage?: ChaperoneError
}

export interface ReadOptions {
  readonly folder: string
  /** From `listSegments`, oldest first. */
  readonly segments: readonly string[]
  readonly newestFirst?: boolean
  /** Only records before this one; number 0 is before all of its segment. */
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
  if (from !== undefined && id < from.segment) return false
  if (before === undefined || id < before.segment) return true
  return id === before.segment && before.sequence > 0
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
  const lines = await linesIn(segment.parts)
  let damage = checkEnvelope(id, segment, lines)
  const records = recordNumbers(segment, lines)
  if (options.newestFirst === true) records.reverse()
  let batch: RecordLine[] = []
  let bytes = 0
  for (const index of records) {
    const line = lineAt(id, segment, lines, index)
    if (line === undefined) damage ??= damagedLine(segment.file, index + 1)
    else if (isWanted(line, options)) batch.push(line)
    bytes += lines.at(index).length
    if (bytes < BATCH_BYTES) continue
    yield { segment: id, lines: batch, bytes }
    batch = []
    bytes = 0
    await setImmediate()
  }
  yield { segment: id, lines: batch, bytes, ...(damage === undefined ? {} : { damage }) }
}

/** The indexes of the lines that are records: all but header and footer, where these are known. */
function recordNumbers({ sealed, brokenAtLine }: SegmentBytes, { count }: Lines): number[] {
  const all = Array.from({ length: count }, (_, index) => index)
  if (brokenAtLine !== undefined) return all
  return all.slice(1, sealed ? -1 : undefined)
}

function lineAt(
  segment: string,
  { file }: SegmentBytes,
  lines: Lines,
  index: number,
): RecordLine | undefined {
  const bytes = lines.at(index)
  const sequence = lineSequence(bytes)
  return sequence === undefined ? undefined : { segment, sequence, bytes, file, line: index + 1 }
}

function isWanted({ segment, sequence }: RecordLine, { before, from }: ReadOptions): boolean {
  if (segment === before?.segment && sequence >= before.sequence) return false
  return segment !== from?.segment || sequence >= from.sequence
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
function parseRecord({ bytes, file, line }: RecordLine): Readonly<Record<string, unknown>> {
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
