import type { Operation } from '../../../core/operation.ts'
import type { Outcome } from '../../../record/lines/trail.ts'
import type { GovernedSession, Judgement } from '../../../session/governed.ts'
import { writeOutcome } from '../../../session/operations.ts'
import type { CopyStream, Statement } from '../../../sql/classification.ts'
import type { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'

/**
 * One operation that the target is asked to run: a Query message, or a portal from its Bind on.
 * It is written down when it starts and once more when it is over.
 */
export interface Run {
  readonly operationId: string
  readonly operation: Operation
  /** By which it was judged. */
  readonly text: string
  readonly statements: readonly Statement[]
  /** Catalogs by which its names were resolved, beside the one that is in force. */
  scopes: readonly CatalogScope[]
  /** Made anew when policies change before its portal is read on. */
  judgement: Judgement
  readonly startedAt_ms: number
  /** Which of the statements is being answered now. */
  index: number
  rows: number
  /** Rows that statements without an answer changed, as their command tags say. */
  affected: number
  bytes: number
  limitReached: boolean
  /** The client has had the error that the row limit ends its answer with. */
  cut: boolean
  masked: readonly string[] | undefined
  /** Set by the first error of the target; the outcome tells it. */
  error: string | undefined
  over: boolean
}

export interface RunRequest {
  readonly operationId: string
  readonly operation: Operation
  readonly text: string
  readonly statements: readonly Statement[]
  readonly judgement: Judgement
  readonly scopes: readonly CatalogScope[]
  readonly now_ms: number
}

export function startRun(request: RunRequest): Run {
  return {
    operationId: request.operationId,
    operation: request.operation,
    text: request.text,
    statements: request.statements,
    scopes: request.scopes,
    judgement: request.judgement,
    startedAt_ms: request.now_ms,
    index: 0,
    rows: 0,
    affected: 0,
    bytes: 0,
    limitReached: false,
    cut: false,
    masked: undefined,
    error: undefined,
    over: false,
  }
}

/** Writes the outcome, once. */
export function endRun(
  run: Run,
  session: Pick<GovernedSession, 'trail'>,
  now_ms: number,
  result: Outcome['result'],
  error?: string,
): void {
  if (run.over) return
  run.over = true
  const { operationId, startedAt_ms: began_ms, rows, affected, bytes, masked } = run
  const ending = {
    result,
    rows: rows + affected,
    bytes,
    ...(error === undefined ? {} : { error }),
    ...(masked === undefined ? {} : { masked }),
  }
  writeOutcome(session, { operationId, began_ms }, ending, now_ms)
}

/** The stream of rows of the statement that is being answered, if it is a COPY. */
export function copyOf({ statements, index }: Run): CopyStream | undefined {
  return statements[index]?.copy
}

/** True where the target may run code that makes and closes what has a name. */
export function runsCode({ statements }: Pick<Run, 'statements'>): boolean {
  return statements.some(({ effects }) => effects.some(({ type }) => type === 'code'))
}

/** True where it may end the open transaction. */
export function endsTransaction({ accesses }: Operation): boolean {
  return accesses.some(({ action }) => action.startsWith('sql.transaction'))
}

/** The row limit that its verdict sets, if any. */
export function rowLimit(run: Run): number | undefined {
  const { verdict } = run.judgement
  return verdict.effect === 'deny' ? undefined : verdict.obligations.maxRows
}
