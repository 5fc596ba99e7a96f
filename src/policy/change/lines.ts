import { globsContain, globsIntersect } from '../algebra/globs.ts'
import { patternsContain, patternsIntersect } from '../algebra/patterns.ts'
import type { SubjectAtom } from '../algebra/scopes.ts'
import { appliesWherever, isFor } from '../algebra/scopes.ts'
import type { Policy, Rule } from '../compile.ts'
import type { Glob, Pattern } from '../pattern.ts'
import { parseGlob, parsePattern } from '../pattern.ts'

/** One action on one object pattern, by one rule. */
export interface Line {
  readonly policy: Policy
  readonly rule: Rule
  readonly action: Glob
  readonly actionText: string
  readonly object: Pattern
}

const EVERYTHING = parsePattern('**') as Pattern

export function linesOf(policies: readonly Policy[]): readonly Line[] {
  return policies.flatMap((policy) => policy.rules.flatMap((rule) => ruleLines(policy, rule)))
}

export function ruleLines(policy: Policy, rule: Rule): readonly Line[] {
  const actions = rule.document[rule.effect]?.actions ?? ['*']
  const objects = rule.objects ?? [EVERYTHING]
  return actions.flatMap((actionText) =>
    objects.map((object) => ({ policy, rule, action: parseGlob(actionText), actionText, object })),
  )
}

/** A hold without actions holds, and grants nothing. */
export function isGrant({ rule }: Line): boolean {
  return rule.effect !== 'deny' && rule.actions !== undefined
}

/** True if `lines` together speak of all that `line` speaks of, for that subject. */
export function areContaining(lines: readonly Line[], line: Line, subject: SubjectAtom): boolean {
  const near = lines.filter(
    ({ policy }) => isFor(policy, subject) && appliesWherever(policy, line.policy),
  )
  const sameAction = near.filter(({ action }) => globsContain([action], line.action))
  if (patternsContain(objectsOf(sameAction), line.object)) return true
  const sameObject = near.filter(({ object }) => patternsContain([object], line.object))
  return globsContain(
    sameObject.map(({ action }) => action),
    line.action,
  )
}

function objectsOf(lines: readonly Line[]): readonly Pattern[] {
  return lines.map(({ object }) => object)
}

/**
 * True if `lines` together surely take part in all that both of two lines speak of, for whoever is
 * both subjects.
 */
export function areCovering(
  lines: readonly Line[],
  both: readonly [Line, Line],
  subjects: readonly [SubjectAtom, SubjectAtom],
): boolean {
  const near = lines.filter(
    ({ policy, rule }) =>
      subjects.some((subject) => isFor(policy, subject)) &&
      both.some((one) => appliesWherever(policy, one.policy)) &&
      both.some((one) => isNoNarrower(rule, one.rule)),
  )
  const sameAction = near.filter(({ action }) =>
    both.some((one) => globsContain([action], one.action)),
  )
  if (both.some((one) => patternsContain(objectsOf(sameAction), one.object))) return true
  const sameObject = near.filter(({ object }) =>
    both.some((one) => patternsContain([object], one.object)),
  )
  const actions = sameObject.map(({ action }) => action)
  return both.some((one) => globsContain(actions, one.action))
}

/** True if there may be something that both speak of, whoever asks. */
export function mayMeet(one: Line, other: Line): boolean {
  return globsIntersect(one.action, other.action) && patternsIntersect(one.object, other.object)
}

/** True if `outer` takes part wherever `inner` does, as far as texts and conditions go. */
export function isNoNarrower(outer: Rule, inner: Rule): boolean {
  const condition = outer.when === undefined || outer.when.source === inner.when?.source
  const texts = inner.document[inner.effect]?.text ?? []
  const theirs = outer.document[outer.effect]?.text
  return condition && (theirs === undefined || (texts.length > 0 && isWithin(texts, theirs)))
}

function isWithin(texts: readonly string[], outer: readonly string[]): boolean {
  return texts.every((text) => outer.includes(text))
}
