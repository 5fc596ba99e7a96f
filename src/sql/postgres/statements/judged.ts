import type { ObjectPath } from '../../../core/object.ts'
import type { Output, Outputs } from '../../../core/operation.ts'
import type { CopyStream, Effect } from '../../classification.ts'
import type { Budget } from '../parse/budget.ts'
import type { Node } from '../parse/tree.ts'
import type { Analysis, Rows } from '../reading/analysis.ts'
import { outputOf, sourcesOf, UNKNOWN } from '../reading/sources.ts'

/** What came of one statement, beside what its record holds. */
export interface Judged {
  /** For people: `SELECT`, `CREATE TABLE`. */
  readonly kind: string
  readonly outputs: Outputs
  readonly effects: readonly Effect[]
  /** The planner plans it: its names are read when it is prepared or bound. */
  readonly isQuery?: true
  readonly copy?: CopyStream
  /** What it fetches from. */
  readonly cursor?: string
  /** It changes what these names mean and no others: it made, altered or dropped what they stand for. */
  readonly touches?: readonly ObjectPath[]
  readonly drops?: boolean
  /** It ends a transaction, and with it what was changed for its time (SET LOCAL, ON COMMIT DROP). */
  readonly commits?: boolean
  /** It sets what the client calls itself, which goes to the target under another name. */
  readonly renamesSetting?: true
  readonly showsApplicationName?: true
  /** Its text may hold a password or the like. */
  readonly secret?: boolean
}

/** What a handler of a statement may need of the statements around it. */
export interface StatementContext {
  /** The statement's own text. */
  readonly text: () => string
  /** Judges a statement inside this one, into the analysis's collector. */
  readonly judge: (a: Analysis, node: Node) => Judged
}

export function done(
  kind: string,
  effects: readonly Effect[] = [],
  outputs: Outputs = 'none',
): Judged {
  return { kind, outputs, effects }
}

export function outputsOf(budget: Budget, rows: Rows): Outputs {
  if (rows.open !== undefined) return 'unknown'
  for (const { sources } of rows.columns) budget.charge(1 + sources.length)
  return rows.columns.map(({ name, sources }) => outputOf(name, sources))
}

/** Writes down that rows go where they stay: each column to its own place, if the columns are known. */
export function copyOutputs(
  a: Analysis,
  outputs: Outputs,
  to: (output: Output, index: number) => ObjectPath,
  whole?: ObjectPath,
): void {
  if (outputs === 'unknown') a.collector.copy(UNKNOWN, whole ?? to({ name: '', sources: [] }, 0))
  else if (outputs !== 'none') {
    for (const [index, output] of outputs.entries()) {
      a.collector.copy(sourcesOf(output), to(output, index))
    }
  }
}

export const SESSION_CHANGED: readonly Effect[] = [{ type: 'catalog', reach: 'session' }]
/** Deferred triggers ran. */
export const PUT_OFF_RAN: readonly Effect[] = [{ type: 'code', later: true }, ...SESSION_CHANGED]
export const DATABASE_CHANGED: readonly Effect[] = [{ type: 'catalog', reach: 'database' }]
/** Code that is not inspected ran: it may have changed names, settings and the catalog. */
export const CODE_RAN: readonly Effect[] = [{ type: 'code', later: true }, ...DATABASE_CHANGED]
