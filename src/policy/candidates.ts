import type { Access } from '../core/operation.ts'
import type { Resource } from '../core/resource.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Rule } from './compile.ts'
import {
  coveredParts,
  coversObject,
  coversSomePart,
  matchesAction,
  touchesObject,
} from './compile.ts'
import type { RuleIndex } from './rule-index.ts'

/** What can be told of an operation from what it accesses; conditions and texts come later. */
export interface Candidates {
  /** The list that `rules` speak of; operations with an equal one share these candidates. */
  readonly accesses: readonly Access[]
  readonly rules: readonly Candidate[]
  /** Every rule of the policies that apply, for hints and for what definitions would show. */
  readonly index: RuleIndex
  /** True when a verdict is the same for every text at every time. */
  readonly settled: boolean
  /** What `grant` says, by which of the rules took part. */
  readonly verdicts: Map<string, Verdict>
}

/** A rule that speaks of something in the operation. */
export interface Candidate {
  readonly rule: Rule
  /** Accesses it allows whole. */
  readonly whole: ReadonlySet<Access>
  /** Accesses of which it allows some parts. */
  readonly partial: ReadonlyMap<Access, readonly string[]>
}

export function candidatesFor(
  index: RuleIndex,
  accesses: readonly Access[],
  resource: Resource,
): Candidates {
  const relevant = index.relevant(accesses)
  const candidates = relevant.flatMap((rule) => candidateOf(rule, accesses, resource) ?? [])
  const settled = candidates.every(
    ({ rule }) => rule.texts.length === 0 && (rule.when?.keeps ?? 'shape') === 'shape',
  )
  return { accesses, rules: candidates, index, settled, verdicts: new Map() }
}

/**
 * An allow that speaks only of a part of what is touched takes part too: it grants no more than that
 * part, and its masks and limits count.
 */
export function candidateOf(
  rule: Rule,
  accesses: readonly Access[],
  resource: Resource,
): Candidate | undefined {
  const whole = new Set<Access>()
  const partial = new Map<Access, readonly string[]>()
  let touched = rule.actions === undefined && rule.objects === undefined
  for (const access of accesses) {
    if (!matchesAction(rule, access.action)) continue
    if (coversObject(rule, access, resource) || coversSomePart(rule, access)) whole.add(access)
    else {
      const parts = coveredParts(rule, access, resource)
      if (parts.length > 0) partial.set(access, parts)
    }
    touched ||= touchesObject(rule, access)
  }
  touched ||= rule.effect !== 'deny' && whole.size + partial.size > 0
  return touched ? { rule, whole, partial } : undefined
}
