import { lineKind, member, numberIn, ROWS, sessionIn } from '../reading/raw-line.ts'
import type { RecordLine } from '../reading/reader.ts'
import { recordOr } from '../reading/reader.ts'
import type { Event } from '../search/hit.ts'

/** Counts what sessions did, from their lines in any order, without parsing most of them. */
export interface Tally {
  count(line: RecordLine): void
  closed(session: string): boolean
  of(session: string): Totals
}

export interface Totals {
  readonly operations: number
  readonly denied: number
  readonly held: number
  readonly rows: number
  /** The record of its end. */
  readonly closed?: Event
}

interface Running {
  operations: number
  denied: number
  held: number
  rows: number
  closed?: Event
}

const PREPARE = Buffer.from('"phase":"prepare"')
const DENY = member('verdict', 'deny')
const HOLD = member('verdict', 'hold')

export function createTally(): Tally {
  const sessions = new Map<string, Running>()

  function running(session: string): Running {
    let totals = sessions.get(session)
    if (totals === undefined) {
      totals = { operations: 0, denied: 0, held: 0, rows: 0 }
      sessions.set(session, totals)
    }
    return totals
  }

  return {
    count(line) {
      const { bytes } = line
      const session = sessionIn(bytes)
      if (session === undefined) return
      switch (lineKind(bytes)) {
        case 'operation.intent':
          // A prepared statement counts when it runs.
          if (!bytes.includes(PREPARE)) countIntent(running(session), bytes)
          return
        case 'operation.outcome':
          running(session).rows += numberIn(bytes, ROWS) ?? 0
          return
        case 'session.closed':
          running(session).closed = recordOr(line, () => ({}))
          return
        case 'session.opened':
        case 'note':
        case undefined:
          return
      }
    },
    closed: (session) => sessions.get(session)?.closed !== undefined,
    of: (session) => sessions.get(session) ?? { operations: 0, denied: 0, held: 0, rows: 0 },
  }
}

function countIntent(totals: Running, bytes: Buffer): void {
  totals.operations += 1
  if (bytes.includes(DENY)) totals.denied += 1
  if (bytes.includes(HOLD)) totals.held += 1
}
