import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Resource } from '../../core/resource.ts'
import type { Verdict } from '../../core/verdict.ts'
import { candidateOf, candidatesFor } from '../candidates.ts'
import type { Policy, Rule } from '../compile.ts'
import { matchesAction } from '../compile.ts'
import type { Subject } from '../condition.ts'
import { decide, gate } from '../decide.ts'
import type { ParsedPolicies } from '../document.ts'
import type { NotApplying } from '../policy-set.ts'
import { whyNot } from '../policy-set.ts'
import { indexRules } from '../rule-index.ts'
import type { DecisionContext } from '../ruleset.ts'

/** Why a verdict is what it is: every rule that could have taken part, and whether it did. */
export interface Explanation {
  readonly verdict: Verdict
  readonly policies: readonly PolicyExplanation[]
}

export interface PolicyExplanation {
  readonly policy: string
  readonly file: string
  /** Absent when the policy applies. */
  readonly whyNot?: NotApplying
  /** None where the policy does not apply. */
  readonly rules: readonly RuleExplanation[]
}

export interface RuleExplanation {
  readonly rule: string
  readonly effect: Rule['effect']
  /** `yes`: took part. Else what kept it out; `failed`: its condition could not be worked out. */
  readonly part: 'yes' | 'action' | 'object' | 'text' | 'condition' | 'failed'
  /** The condition that kept it out. */
  readonly when?: string
}

export function explain(
  { policies, version }: ParsedPolicies,
  principal: Principal,
  resource: Resource,
  operation: Operation,
  context: DecisionContext,
): Explanation {
  const subject = { principal, resource }
  const explained = policies.map((policy): PolicyExplanation => {
    const reason = whyNot(policy, principal, resource)
    const { name, file } = policy
    if (reason !== undefined) return { policy: name, file, whyNot: reason, rules: [] }
    const rules = policy.rules.map((rule) => explainRule(rule, operation, subject, context))
    return { policy: name, file, rules }
  })
  const applying = policies.filter((_, index) => explained[index]!.whyNot === undefined)
  const rules = applying.flatMap((policy: Policy) => policy.rules)
  const candidates = candidatesFor(indexRules(rules), operation.accesses, resource)
  return {
    verdict: decide(candidates, operation, subject, context, version),
    policies: explained,
  }
}

function explainRule(
  rule: Rule,
  operation: Operation,
  subject: Subject,
  context: DecisionContext,
): RuleExplanation {
  const { id, effect, when } = rule
  const base = { rule: id, effect }
  if (candidateOf(rule, operation.accesses, subject.resource) === undefined) {
    const acts = operation.accesses.some(({ action }) => matchesAction(rule, action))
    return { ...base, part: acts ? 'object' : 'action' }
  }
  const outcome = gate(rule, operation, subject, context)
  if (outcome === 'in') return { ...base, part: 'yes' }
  if (outcome === 'text' || when === undefined) return { ...base, part: 'text' }
  return { ...base, part: outcome, when: when.source.trim() }
}
