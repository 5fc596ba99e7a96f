import type { Denial } from '../core/denial.ts'
import type { Operation } from '../core/operation.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Outcome } from '../record/lines/trail.ts'
import type { GovernedSession } from './governed.ts'

/**
 * What records say of an operation, whatever the protocol: an intent before anything of it goes to the
 * target, and one outcome. All times are wall clock, in milliseconds since 1970.
 */

/** What is asked for, as it was judged. */
export interface Asked {
  readonly operation: Operation
  /** As it may be recorded, but for what the operation knows better. */
  readonly text: string
  readonly verdict: Verdict
  readonly parameters?: readonly (string | null)[]
}

/** An operation whose intent is written and whose outcome is not. */
export interface Begun {
  readonly operationId: string
  readonly began_ms: number
}

export type Ending = Omit<Outcome, 'at_ms' | 'duration_ms'>

/** Writes the intent. The operation may go on once the recorder has committed it. */
export function writeIntent(session: GovernedSession, asked: Asked, at_ms: number): Begun {
  const { operation, text, verdict, parameters } = asked
  session.meter.operation(verdict.effect)
  const operationId = session.trail.intent({
    at_ms,
    phase: 'run',
    operation,
    text: operation.textWithoutSecrets ?? text,
    verdict,
    ...(parameters === undefined ? {} : { parameters }),
  })
  return { operationId, began_ms: at_ms }
}

/** Writes the outcome. Whoever calls it sees to it that it is called once. */
export function writeOutcome(
  { trail }: Pick<GovernedSession, 'trail'>,
  { operationId, began_ms }: Begun,
  ending: Ending,
  at_ms: number,
): void {
  // The machine's time may have been set back meanwhile.
  trail.outcome(operationId, { at_ms, duration_ms: Math.max(0, at_ms - began_ms), ...ending })
}

/** What was asked for and never runs. */
export interface Refused {
  readonly operation: Operation
  readonly text: string
  readonly denial: Denial
  /** Absent: it was refused before any rule was asked. */
  readonly verdict?: Verdict | undefined
}

/** Intent and outcome at once; it is counted as denied, whatever its verdict was. */
export function writeRefused(session: GovernedSession, refused: Refused, at_ms: number): void {
  const { operation, text, denial } = refused
  const verdict = refused.verdict ?? unasked(denial, session.policyVersion)
  session.meter.operation('deny')
  const operationId = session.trail.intent({
    at_ms,
    phase: 'run',
    operation,
    text: operation.textWithoutSecrets ?? text,
    verdict,
  })
  const begun = { operationId, began_ms: at_ms }
  writeOutcome(session, begun, { result: 'refused', error: denial.code }, at_ms)
}

/** What stands in records for a request that was refused before it was an operation. */
export function unread(denial: Denial): Operation {
  return {
    kind: denial.code,
    fingerprint: '',
    accesses: [],
    predicates: [],
    results: [],
    facts: { statements: 0, readOnly: false, hasWhere: false },
  }
}

function unasked(denial: Denial, policyVersion: string): Verdict {
  return { effect: 'deny', denial, policyVersion, reasons: [], keeps: 'moment' }
}
