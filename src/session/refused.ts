import type { Denial } from '../core/denial.ts'
import type { Operation } from '../core/operation.ts'
import type { Verdict } from '../core/verdict.ts'
import type { GovernedSession } from './governed.ts'

/** What was asked for and never runs. */
export interface Refused {
  readonly operation: Operation
  /** As it may be recorded, but for what the operation knows better. */
  readonly text: string
  readonly denial: Denial
  /** Absent: it was refused before any rule was asked. */
  readonly verdict?: Verdict | undefined
}

/** Intent and outcome at once. */
export function recordRefused(session: GovernedSession, refused: Refused, at_ms: number): void {
  const { operation, text, denial, verdict } = refused
  session.meter.operation('deny')
  const operationId = session.trail.intent({
    at_ms,
    phase: 'run',
    operation,
    text: operation.textWithoutSecrets ?? text,
    verdict: verdict ?? unasked(denial, session.policyVersion),
  })
  session.trail.outcome(operationId, {
    at_ms,
    result: 'refused',
    duration_ms: 0,
    error: denial.code,
  })
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
