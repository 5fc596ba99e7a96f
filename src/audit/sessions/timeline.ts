import { isTimedId, segmentTime_ms } from '../../record/segments/layout.ts'
import { damageEvent } from '../reading/damage.ts'
import {
  AFTER_CLOSE_MS,
  LATE_MAX_MS,
  TIMELINE_BYTES_MAX,
  TIMELINE_RECORDS_MAX,
} from '../reading/limits.ts'
import { lineKind, member, operationIn } from '../reading/raw-line.ts'
import type { RecordLine } from '../reading/reader.ts'
import { readRecords, recordOr, timeOf } from '../reading/reader.ts'
import { listSegments } from '../reading/segment-files.ts'
import type { Event } from '../search/hit.ts'
import type { RecordedSession } from './sessions.ts'
import { sessionOf } from './sessions.ts'
import { createTally } from './tally.ts'

export interface SessionTimeline {
  readonly session: RecordedSession
  /** In the order in which they were recorded. */
  readonly events: readonly Event[]
}

const GATEWAY_STARTED = member('type', 'gateway-started')

/**
 * All records of one session, or of one `operation` in it; undefined when there is none. Records that
 * are damaged, or more than a timeline holds, leave an event in their place that says so.
 */
export async function readTimeline(
  folder: string,
  id: string,
  operation?: string,
): Promise<SessionTimeline | undefined> {
  if (!isTimedId(id)) return undefined
  const segments = segmentsOf(await listSegments(folder), segmentTime_ms(id))
  const needle = member('session', id)
  const latest_ms = segmentTime_ms(id) + LATE_MAX_MS
  const tally = createTally()
  const events: Event[] = []
  let opened: Event | undefined
  let until_ms = Number.POSITIVE_INFINITY
  let bytes = 0
  let cut = 0

  function take(line: RecordLine): void {
    tally.count(line)
    const kind = lineKind(line.bytes)
    if (kind === 'session.closed') until_ms = timeOf(line) + AFTER_CLOSE_MS
    const isOfSession = kind === 'session.opened' || kind === 'session.closed'
    const isMeant = operation === undefined || operationIn(line.bytes) === operation
    if (!isOfSession && !isMeant) return
    bytes += line.bytes.length
    const full = events.length >= TIMELINE_RECORDS_MAX || bytes > TIMELINE_BYTES_MAX
    if (full && kind !== 'session.closed') {
      cut += 1
      return
    }
    const event = recordOr(line, (error) => damageEvent(error, timeOf(line)))
    if (kind === 'session.opened') opened ??= event
    events.push(event)
  }

  reading: for await (const batch of readRecords({ folder, segments })) {
    if (opened === undefined && segmentTime_ms(batch.segment) > latest_ms) break
    for (const line of batch.lines) {
      if (line.bytes.includes(needle)) take(line)
      else if (isOver(line, until_ms)) break reading
      else if (opened !== undefined && line.bytes.includes(GATEWAY_STARTED)) break reading
    }
    if (batch.damage !== undefined) {
      events.push(damageEvent(batch.damage, segmentTime_ms(batch.segment)))
    }
  }
  if (opened === undefined) return undefined
  if (cut > 0) events.push(cutEvent(cut, id))
  return { session: sessionOf(opened, tally), events }
}

function isOver(line: RecordLine, until_ms: number): boolean {
  return until_ms !== Number.POSITIVE_INFINITY && timeOf(line) > until_ms
}

/** From the last segment that was open when the session began. */
function segmentsOf(segments: readonly string[], started_ms: number): readonly string[] {
  const after = segments.findIndex((segment) => segmentTime_ms(segment) > started_ms)
  const first = after === -1 ? segments.length - 1 : after - 1
  return segments.slice(Math.max(0, first))
}

function cutEvent(count: number, id: string): Event {
  const message = `${count} more records are left out here; search for session:${id} to see all.`
  return { message, unmapped: { chaperone: { kind: 'timeline-cut', records: count } } }
}
