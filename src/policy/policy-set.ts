import type { Access, Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import type { Verdict } from '../core/verdict.ts'
import { tellsApart } from './apart.ts'
import type { Candidates } from './candidates.ts'
import { candidatesFor } from './candidates.ts'
import type { Policy } from './compile.ts'
import type { Subject } from './condition.ts'
import { grant, settle } from './decide.ts'
import type { ParsedPolicies } from './document.ts'
import {
  ACCESSES_CHARS_MAX,
  ACCESSES_KEPT,
  RULESETS_KEPT,
  TEXT_CHARS_KEPT,
  TEXTS_KEPT,
} from './limits.ts'
import type { TextMemory } from './memory.ts'
import { createTextMemory } from './memory.ts'
import { matchesGlob } from './pattern.ts'
import type { RuleIndex } from './rule-index.ts'
import { indexRules } from './rule-index.ts'
import type { DecisionContext, PolicySet, Ruleset } from './ruleset.ts'

/** Puts policies in force. Rulesets of principals that come again are shared, with what they know. */
export function createPolicySet({ policies, version }: ParsedPolicies): PolicySet {
  const kept = new Map<string, Ruleset>()
  const texts = createTextMemory(TEXTS_KEPT, TEXT_CHARS_KEPT)
  let rulesets = 0
  return {
    version,
    tellsApart: tellsApart(policies),
    rulesFor(principal, resource) {
      const key = JSON.stringify([
        principal.agent,
        principal.groups,
        principal.roles,
        resource.name,
        resource.type,
        resource.labels,
      ])
      const known = kept.get(key)
      if (known !== undefined) return known
      const applying = policies.filter((policy) => applies(policy, principal, resource))
      const ruleset = createRuleset(applying, version, { principal, resource }, texts, ++rulesets)
      if (kept.size >= RULESETS_KEPT) kept.clear()
      kept.set(key, ruleset)
      return ruleset
    },
  }
}

/** Any of its subjects, and all that it says of resources. */
function applies(policy: Policy, principal: Principal, resource: Resource): boolean {
  return whyNot(policy, principal, resource) === undefined
}

/** What keeps a policy from applying; undefined when it applies. */
export type NotApplying = 'subjects' | 'resource names' | 'resource types' | 'resource labels'

export function whyNot(
  policy: Policy,
  principal: Principal,
  resource: Resource,
): NotApplying | undefined {
  const { agents, groups, roles } = policy.subjects
  const { names, types, labels } = policy.resources
  const subject =
    agents.some((glob) => matchesGlob(glob, principal.agent.name)) ||
    principal.groups.some((group) => groups.has(group)) ||
    principal.roles.some((role) => roles.has(role))
  if (!subject) return 'subjects'
  if (names?.some((glob) => matchesGlob(glob, resource.name)) === false) return 'resource names'
  if (types?.includes(resource.type) === false) return 'resource types'
  const labelled = labels.every(([name, value]) => resource.labels[name] === value)
  return labelled ? undefined : 'resource labels'
}

function createRuleset(
  policies: readonly Policy[],
  policyVersion: string,
  subject: Subject,
  texts: TextMemory,
  number: number,
): Ruleset {
  const rules = policies.flatMap((policy) => policy.rules)
  const index = indexRules(rules)
  const asked = new WeakMap<Operation, Asked>()
  const candidates = candidatesByAccesses(index, subject.resource)
  const lives = rules.flatMap((rule) =>
    rule.when === undefined ? (rule.obligations.maxSession_ms ?? []) : [],
  )

  function askedOf(operation: Operation): Asked {
    const known = asked.get(operation)
    if (known !== undefined) return known
    const fresh = {
      candidates: candidates(operation.accesses),
      granted: undefined,
      verdict: undefined,
    }
    asked.set(operation, fresh)
    return fresh
  }

  function decide(one: Asked, operation: Operation, context: DecisionContext): Verdict {
    const granted = grant(one.candidates, operation, subject, context, policyVersion)
    if (one.verdict === undefined || one.granted !== granted) {
      one.granted = granted
      one.verdict = settle(operation, granted)
    }
    return one.verdict
  }

  return {
    policyVersion,
    grantsAnything: rules.some(({ effect }) => effect !== 'deny'),
    masks: rules.flatMap(({ obligations }) => obligations.masks),
    ...(lives.length === 0 ? {} : { maxSession_ms: Math.min(...lives) }),
    decide(operation, context: DecisionContext) {
      const one = askedOf(operation)
      if (one.candidates.settled) return one.verdict ?? decide(one, operation, context)
      return texts.remember(number, operation, context.text, () => decide(one, operation, context))
    },
    masksOn: (accesses) => [...index.columnMasks, ...index.detectMasks(accesses)],
  }
}

/** What is known of an operation that was asked about before, and what it was told last. */
interface Asked {
  readonly candidates: Candidates
  granted: Verdict | undefined
  verdict: Verdict | undefined
}

/** Statements that were never seen mostly do what others did: the same on the same columns. */
function candidatesByAccesses(
  index: RuleIndex,
  resource: Resource,
): (accesses: readonly Access[]) => Candidates {
  const known = new Map<string, Candidates>()
  return (accesses) => {
    const key = JSON.stringify(accesses)
    const found = known.get(key)
    if (found !== undefined) return found
    const fresh = candidatesFor(index, accesses, resource)
    if (key.length > ACCESSES_CHARS_MAX) return fresh
    if (known.size >= ACCESSES_KEPT) known.clear()
    known.set(key, fresh)
    return fresh
  }
}
