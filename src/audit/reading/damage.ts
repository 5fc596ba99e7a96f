import { ChaperoneError } from '../../core/errors.ts'
import { segmentFooter, segmentHeader } from '../../record/lines/envelope.ts'
import { textAt } from './fields.ts'
import type { Lines } from './line-ends.ts'
import type { SegmentBytes } from './segment-files.ts'

/** What is wrong with a segment's own first and last line; undefined where nothing is. */
export function checkEnvelope(
  id: string,
  segment: SegmentBytes,
  lines: Lines,
): ChaperoneError | undefined {
  const { file, brokenAtLine } = segment
  if (brokenAtLine !== undefined) return damagedFrom(file, brokenAtLine)
  // A gateway that has just begun a segment, or died at that.
  if (lines.count === 0 && !segment.sealed) return undefined
  const header = segmentHeader.safeParse(parsed(lines, 0))
  if (header.data?.segment !== id) return damagedLine(file, 1)
  if (!segment.sealed) return undefined
  const footer = segmentFooter.safeParse(parsed(lines, lines.count - 1))
  const whole = footer.data?.segment === id && footer.data.records === lines.count - 2
  return whole ? undefined : damagedFrom(file, lines.count)
}

function parsed(lines: Lines, index: number): unknown {
  try {
    return lines.count === 0 ? undefined : JSON.parse(lines.at(index).toString('utf8'))
  } catch {
    return undefined
  }
}

export const UNREADABLE = 'A record cannot be read.'

export function damagedLine(file: string, line: number): ChaperoneError {
  return new ChaperoneError('RECORD_CORRUPT', `${file} is damaged: line ${line} cannot be read.`, {
    place: { file, line },
    hint: HINT,
  })
}

function damagedFrom(file: string, line: number): ChaperoneError {
  return new ChaperoneError(
    'RECORD_CORRUPT',
    `${file} is damaged: records are missing from line ${line} on.`,
    { place: { file, line }, hint: HINT },
  )
}

const DAMAGED = 'records-damaged'

const HINT = 'Keep the file as it is, compare it with a copy, and find out who changed it.'

/** Takes the place of what cannot be read, so that no answer looks complete that is not. */
export function damageEvent(
  error: ChaperoneError,
  time_ms: number,
): Readonly<Record<string, unknown>> {
  return {
    time: time_ms,
    message: error.message,
    unmapped: {
      chaperone: { kind: DAMAGED, code: error.code, ...error.place, hint: error.hint },
    },
  }
}

export function isDamage(event: Readonly<Record<string, unknown>>): boolean {
  return textAt(event, 'unmapped', 'chaperone', 'kind') === DAMAGED
}
