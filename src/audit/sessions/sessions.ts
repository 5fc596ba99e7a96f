import type { ChaperoneError } from '../../core/errors.ts'
import { given, numberAt, textAt } from '../reading/fields.ts'
import { SCAN_BYTES_MAX } from '../reading/limits.ts'
import type { Page } from '../reading/page.ts'
import type { Position } from '../reading/position.ts'
import { formatPosition, parsePosition } from '../reading/position.ts'
import { lineKind, member, sessionIn } from '../reading/raw-line.ts'
import type { RecordLine } from '../reading/reader.ts'
import { readRecords, recordOr } from '../reading/reader.ts'
import { listSegments } from '../reading/segment-files.ts'
import type { Event } from '../search/hit.ts'
import type { Tally } from './tally.ts'
import { createTally } from './tally.ts'

export interface RecordedSession {
  readonly id: string
  readonly agent: string
  readonly resource: string
  readonly protocol: string
  readonly clientAddress: string
  readonly startedAt_ms: number
  readonly endedAt_ms?: number
  /** Why it ended, where it did not simply close. */
  readonly code?: string
  readonly counts: SessionCounts
}

export interface SessionCounts {
  readonly operations: number
  readonly denied: number
  readonly held: number
  /** Of all answers together. */
  readonly rows: number
}

export interface SessionQuery {
  readonly agent?: string
  readonly resource?: string
  readonly after?: string
  readonly limit: number
}

export interface ListOptions {
  readonly folder: string
  /** Hears of segments that could not be read whole; the list goes on without them. */
  readonly damaged: (error: ChaperoneError) => void
}

/** Recorded sessions, newest first. Rejects with REQUEST_INVALID for a bad cursor. */
export async function listSessions(
  { folder, damaged }: ListOptions,
  { agent, resource, after, limit }: SessionQuery,
): Promise<Page<RecordedSession>> {
  const before = after === undefined ? undefined : parsePosition(after)
  const segments = await listSegments(folder)
  const tally = createTally()
  const opened: RecordLine[] = []
  const needles = [
    ...(agent === undefined ? [] : [member('agent', agent)]),
    ...(resource === undefined ? [] : [member('resource', resource)]),
  ]
  let bytes = 0
  let next: Position | undefined
  const options = {
    folder,
    segments,
    newestFirst: true,
    ...(before === undefined ? {} : { before }),
  }
  reading: for await (const batch of readRecords(options)) {
    for (const line of batch.lines) {
      if (!needles.every((needle) => line.bytes.includes(needle))) continue
      tally.count(line)
      if (lineKind(line.bytes) !== 'session.opened') continue
      opened.push({ ...line, bytes: Buffer.from(line.bytes) })
      next = line
      if (opened.length >= limit) break reading
    }
    if (batch.damage !== undefined) damaged(batch.damage)
    bytes += batch.bytes
    next = batch.lines.at(-1) ?? next
    if (bytes >= SCAN_BYTES_MAX) break
    next = undefined
  }
  if (before !== undefined) await countAhead(tally, opened, folder, segments, before)
  const items = opened.flatMap((line) => {
    const event = recordOr(line, damaged)
    return event === undefined ? [] : [sessionOf(event, tally)]
  })
  return { items, ...given('next', next === undefined ? undefined : formatPosition(next)) }
}

const GATEWAY_STARTED = member('type', 'gateway-started')

/** Sessions that were open where this page starts go on behind it. */
async function countAhead(
  tally: Tally,
  opened: readonly RecordLine[],
  folder: string,
  segments: readonly string[],
  from: Position,
): Promise<void> {
  const ids = opened.map(({ bytes }) => sessionIn(bytes) ?? '')
  const open = new Set(ids.filter((id) => !tally.closed(id)))
  if (open.size === 0) return
  for await (const batch of readRecords({ folder, segments, from })) {
    for (const line of batch.lines) {
      const id = sessionIn(line.bytes)
      if (id === undefined && line.bytes.includes(GATEWAY_STARTED)) return
      if (id === undefined || !open.has(id)) continue
      tally.count(line)
      if (tally.closed(id)) open.delete(id)
    }
    if (open.size === 0) return
  }
}

/** A session from its `session.opened` record and what was counted of it. */
export function sessionOf(opened: Event, tally: Tally): RecordedSession {
  const own = (name: string) => textAt(opened, 'unmapped', 'chaperone', name)
  const id = own('session') ?? ''
  const { closed, ...counts } = tally.of(id)
  return {
    id,
    agent: own('agent') ?? '',
    resource: own('resource') ?? '',
    protocol: own('protocol') ?? '',
    clientAddress: own('clientAddress') ?? '',
    startedAt_ms:
      numberAt(opened, 'unmapped', 'chaperone', 'startedAt_ms') ?? numberAt(opened, 'time') ?? 0,
    ...given('endedAt_ms', numberAt(closed, 'time')),
    ...given('code', textAt(closed, 'unmapped', 'chaperone', 'code')),
    counts,
  }
}
