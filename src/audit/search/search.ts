import type { Clock } from '../../core/clock.ts'
import { segmentTime_ms } from '../../record/segments/layout.ts'
import type { Ahead } from '../reading/ahead.ts'
import { createAhead } from '../reading/ahead.ts'
import { damageEvent, isDamage } from '../reading/damage.ts'
import { awaitsOutcome, createJoiner } from '../reading/joiner.ts'
import { SCAN_BYTES_MAX } from '../reading/limits.ts'
import type { Page } from '../reading/page.ts'
import type { Position } from '../reading/position.ts'
import { formatPosition, parsePosition } from '../reading/position.ts'
import { lineKind, operationIn } from '../reading/raw-line.ts'
import type { RecordLine, TimeRange } from '../reading/reader.ts'
import { readRecords, recordOr, segmentsWithin, timeOf } from '../reading/reader.ts'
import { listSegments } from '../reading/segment-files.ts'
import type { Event } from './hit.ts'
import { hitOf, joined } from './hit.ts'
import type { Term } from './language.ts'
import { parseSearch } from './language.ts'
import { matches } from './matcher.ts'
import { prefilter } from './prefilter.ts'

/** Finds records; what scans today may ask an index tomorrow. */
export interface Search {
  /**
   * Newest first. An operation is one event with its outcome and approval; damaged records stand in
   * the page as events of the kind `records-damaged`. A page may end early: `next` tells if there
   * is more. Rejects with SEARCH_SYNTAX, and REQUEST_INVALID for a bad cursor.
   */
  search(query: SearchQuery): Promise<Page<Event>>
}

export interface SearchQuery {
  readonly text: string
  readonly after?: string
  readonly limit: number
}

/** A search that reads the records themselves. */
export function createScanningSearch(
  folder: string,
  clock: Clock,
  scanBytesMax = SCAN_BYTES_MAX,
): Search {
  return {
    async search({ text, after, limit }) {
      const terms = parseSearch(text, clock.now_ms())
      const cursor = after === undefined ? undefined : parsePosition(after)
      const all = await listSegments(folder)
      const segments = segmentsWithin(all, rangeOf(terms))
      const start = cursor ?? startOf(segments, all)
      return scan(
        { folder, segments, terms, limit, scanBytesMax },
        start,
        aheadOf(folder, all, start),
      )
    },
  }
}

function rangeOf(terms: readonly Term[]): TimeRange {
  const times = (type: 'after' | 'before') =>
    terms.flatMap((term) => (term.type === type ? [term.at_ms] : []))
  return {
    from_ms: Math.max(-Infinity, ...times('after')),
    to_ms: Math.min(Infinity, ...times('before')),
  }
}

/** Undefined where the reading starts at the newest record of all. */
function startOf(segments: readonly string[], all: readonly string[]): Position | undefined {
  const newest = segments.at(-1)
  if (newest === undefined || newest === all.at(-1)) return undefined
  return { segment: newest, sequence: Number.MAX_SAFE_INTEGER }
}

function aheadOf(
  folder: string,
  all: readonly string[],
  start: Position | undefined,
): Ahead | undefined {
  return start === undefined ? undefined : createAhead(folder, all, start)
}

interface Scan {
  readonly folder: string
  readonly segments: readonly string[]
  readonly terms: readonly Term[]
  readonly limit: number
  readonly scanBytesMax: number
}

async function scan(
  { folder, segments, terms, limit, scanBytesMax }: Scan,
  before: Position | undefined,
  ahead: Ahead | undefined,
): Promise<Page<Event>> {
  const filter = prefilter(terms)
  const joiner = createJoiner()
  const items: Event[] = []
  let segment: string | undefined
  let bytes = 0
  const options = {
    folder,
    segments,
    newestFirst: true,
    ...(before === undefined ? {} : { before }),
  }

  async function look(line: RecordLine): Promise<Event | undefined> {
    const kind = lineKind(line.bytes)
    if (joiner.keep(line, kind)) return undefined
    const intent = kind === 'operation.intent'
    const near = intent ? joiner.take(operationIn(line.bytes)) : []
    if (!filter.first(line.bytes)) return undefined
    const waits = intent && ahead !== undefined && awaitsOutcome(line, near)
    const related = waits ? [...near, ...(await ahead.of(line))] : near
    if (!filter.all([line.bytes, ...related.map((each) => each.bytes)])) return undefined
    const [event, ...parts] = [line, ...related].map(readable)
    if (event === undefined || isDamage(event)) return event
    if (!matches(terms, hitOf(event, parts))) return undefined
    return intent ? joined(event, parts) : event
  }

  for await (const batch of readRecords(options)) {
    if (batch.segment !== segment) joiner.detach()
    segment = batch.segment
    for (const line of batch.lines) {
      const item = await look(line)
      if (item === undefined) continue
      items.push(item)
      if (items.length >= limit) return { items, next: formatPosition(line) }
    }
    if (batch.damage !== undefined) {
      // The last thing that is told of a segment, so a page that ends here goes on before it.
      items.push(damageEvent(batch.damage, segmentTime_ms(segment)))
      if (items.length >= limit) return { items, next: formatPosition({ segment, sequence: 0 }) }
    }
    bytes += batch.bytes
    const last = batch.lines.at(-1)
    if (bytes >= scanBytesMax && last !== undefined) return { items, next: formatPosition(last) }
  }
  return { items }
}

function readable(line: RecordLine): Event {
  return recordOr(line, (error) => damageEvent(error, timeOf(line)))
}
