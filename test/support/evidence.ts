import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecords } from '../../src/audit/reading/reader.ts'
import { listSegments } from '../../src/audit/reading/segment-files.ts'
import type { Bench } from '../world/postgres.ts'

/** One record, as far as tests of completeness look at it. */
export interface Evidence {
  readonly sequence: number
  readonly time_ms: number
  readonly kind: string
  readonly session?: string
  readonly operation?: string
  readonly phase?: string
  readonly verdict?: string
  readonly result?: string
  readonly code?: string
  readonly text?: string
  /** Of a note. */
  readonly type?: string
  readonly details?: Readonly<Record<string, unknown>>
}

interface RawRecord {
  readonly time: number
  readonly query_info?: { readonly query_string?: string }
  readonly unmapped: { readonly chaperone: Omit<Evidence, 'sequence' | 'time_ms' | 'text'> }
}

/** Reads a records folder whole, oldest first. A damaged segment fails the test. */
export async function readEvidence(folder: string): Promise<Evidence[]> {
  const found: Evidence[] = []
  const segments = await listSegments(folder)
  for await (const batch of readRecords({ folder, segments })) {
    if (batch.damage !== undefined) throw batch.damage
    for (const { bytes, sequence } of batch.lines) {
      const record = JSON.parse(bytes.toString('utf8')) as RawRecord
      const text = record.query_info?.query_string
      found.push({
        ...record.unmapped.chaperone,
        sequence,
        time_ms: record.time,
        ...(text === undefined ? {} : { text }),
      })
    }
  }
  return found
}

/** Numbers go on without a gap and without one twice, over segments and restarts. */
export function assertUnbroken(evidence: readonly Evidence[]): void {
  const broken = evidence.findIndex(({ sequence }, index) => sequence !== index + 1)
  const near = evidence.slice(Math.max(0, broken - 1), broken + 1).map(({ sequence }) => sequence)
  assert.equal(broken, -1, `the sequence breaks after ${near.join(' → ')}`)
}

/** A statement that the target's own log shows for a session of the gateway. */
export interface LoggedStatement {
  readonly session: string
  readonly text: string
}

const STATEMENT =
  /application=chaperone:(\S+) LOG: {2}(?:statement|execute (?:<unnamed>|[^:]*)): (.*)$/

/** Without what the gateway itself asks the catalog and the planner, and with texts of one line alone. */
export function loggedStatements(logFile: string): LoggedStatement[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => !line.includes('execute chaperone '))
    .flatMap((line) => {
      const [, session, text] = STATEMENT.exec(line) ?? []
      return session === undefined || text === undefined ? [] : [{ session, text }]
    })
}

/** What the target's log shows more often than the records do. */
export function unrecorded(
  logged: readonly LoggedStatement[],
  evidence: readonly Evidence[],
): LoggedStatement[] {
  const left = new Map<string, number>()
  for (const { kind, phase, session, text } of evidence) {
    if (kind !== 'operation.intent' || phase !== 'run') continue
    const key = `${session} ${text}`
    left.set(key, (left.get(key) ?? 0) + 1)
  }
  return logged.filter(({ session, text }) => {
    const key = `${session} ${text}`
    const count = left.get(key) ?? 0
    left.set(key, count - 1)
    return count === 0
  })
}

export function recordsOf(bench: Pick<Bench, 'folder'>): Promise<Evidence[]> {
  return readEvidence(join(bench.folder, 'records'))
}
