import type { Denial } from '../core/denial.ts'
import type { Operation } from '../core/operation.ts'
import type { Verdict } from '../core/verdict.ts'

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

export function refusedVerdict(denial: Denial, policyVersion: string): Verdict {
  return { effect: 'deny', denial, policyVersion, reasons: [], keeps: 'moment' }
}
