import { globsContain } from '../algebra/globs.ts'
import { patternsIntersect } from '../algebra/patterns.ts'
import { appliesWherever, atomsOf, isFor } from '../algebra/scopes.ts'
import type { Policy, Rule } from '../compile.ts'
import { matchesGlob, parseGlob, parsePattern } from '../pattern.ts'
import type { Line } from './lines.ts'
import { areContaining, isNoNarrower, linesOf, mayMeet, ruleLines } from './lines.ts'
import type { Vocabulary } from './lint-actions.ts'
import { actionWarnings } from './lint-actions.ts'
import type { Warn, Warning } from './warnings.ts'

export function lintPolicies(
  policies: readonly Policy[],
  vocabularies: readonly Vocabulary[],
): readonly Warning[] {
  const lines = linesOf(policies)
  return policies.flatMap((policy) =>
    policy.rules.flatMap((rule) => {
      const warn: Warn = (kind, path, message) => ({
        kind,
        message,
        policy: policy.name,
        rule: rule.id,
        place: policy.placeOf(['rules', policy.document.rules.indexOf(rule.document), ...path]),
      })
      return [
        ...actionWarnings(rule, vocabularies, warn),
        ...objectWarnings(rule, warn),
        ...shadowWarnings(policy, rule, lines, warn),
        ...maskWarnings(policy, rule, warn),
      ]
    }),
  )
}

/** How rows are read, and by what anything may come back. */
const READS = 'sql.select'
const OF_UNKNOWN_ORIGIN = [
  { action: 'sql.execute', kind: 'unmasked-functions', what: 'what functions return' },
  { action: 'sql.listen', kind: 'unmasked-notifications', what: 'what notifications bring' },
] as const

function objectWarnings(rule: Rule, warn: Warn): readonly Warning[] {
  const { effect, actions, objects } = rule
  if (effect === 'allow') {
    if (objects !== undefined) return []
    const message = 'it allows its actions on every object, also outside of schemas'
    return [warn('any-object', ['allow'], message)]
  }
  if (actions !== undefined) return []
  return (objects ?? []).flatMap(({ source, segments }, index) => {
    const last = segments.length - 1
    const star = segments.indexOf('any-number')
    if (star < 0 || star === last) return []
    const message = `${source} may lie inside whatever tells no columns, functions too: name actions`
    return [warn('wide-deny', [effect, 'objects', index], message)]
  })
}

function shadowWarnings(
  policy: Policy,
  rule: Rule,
  lines: readonly Line[],
  warn: Warn,
): readonly Warning[] {
  if (rule.effect === 'deny') return []
  const own = ruleLines(policy, rule)
  const denies = lines.filter((one) => one.rule.effect === 'deny' && isNoNarrower(one.rule, rule))
  const denied = own.every((line) =>
    atomsOf(policy).every((subject) => areContaining(denies, line, subject)),
  )
  if (denied) {
    const by = denies.filter((one) => own.some((line) => mayMeet(line, one)))
    const names = new Set(by.map((one) => `${one.policy.name}/${one.rule.id}`))
    const message = `all that it speaks of is denied by ${[...names].join(', ')}`
    return [warn('never-takes-part', [rule.effect], message)]
  }
  const always = rule.when === undefined && rule.texts.length === 0
  return rule.effect === 'allow' || always ? [] : passedBy(policy, own, lines, warn)
}

/** A hold that does not always take part, beside an allow of the same. */
function passedBy(
  policy: Policy,
  own: readonly Line[],
  lines: readonly Line[],
  warn: Warn,
): readonly Warning[] {
  const allow = lines.find(
    (one) =>
      one.rule.effect === 'allow' &&
      appliesWherever(one.policy, policy) &&
      atomsOf(policy).every((subject) => isFor(one.policy, subject)) &&
      own.some((line) => mayMeet(line, one)),
  )
  if (allow === undefined) return []
  const name = `${allow.policy.name}/${allow.rule.id}`
  const message = `where it does not take part, ${name} allows without asking`
  return [warn('hold-passed-by', ['hold'], message)]
}

function maskWarnings(policy: Policy, rule: Rule, warn: Warn): readonly Warning[] {
  const masks = rule.document.mask ?? []
  const speaksOf = (action: string) =>
    rule.actions?.some((glob) => matchesGlob(glob, action)) ?? true
  const others = (rule.document[rule.effect]?.actions ?? []).some((one) => !one.startsWith('sql.'))
  // There a column mask masks everything, whatever its columns are.
  const unknown = OF_UNKNOWN_ORIGIN.some(({ action }) => speaksOf(action))
  const warnings = masks.flatMap((mask, index) => {
    if (!('columns' in mask) || unknown) return []
    const path = ['mask', index]
    if (!speaksOf(READS) && !others) {
      const message = `the rule does not speak of ${READS}, by which columns are read`
      return [warn('idle-mask', path, message)]
    }
    return mask.columns.flatMap((source, column) => {
      const pattern = parsePattern(source)
      if (typeof pattern === 'string') return []
      if (rule.objects?.some((object) => patternsIntersect(object, pattern)) ?? true) return []
      const message = `no object of the rule has a column ${source}`
      return [warn('idle-mask', [...path, 'columns', column], message)]
    })
  })
  return masks.length === 0 ? [...warnings, ...unmaskedWarnings(policy, rule, warn)] : warnings
}

/** Masks of other rules do not reach what comes back by this one. */
function unmaskedWarnings(policy: Policy, rule: Rule, warn: Warn): readonly Warning[] {
  const masked = policy.rules.some(({ document }) => document.mask?.some((one) => 'columns' in one))
  if (rule.effect !== 'allow' || !masked) return []
  return OF_UNKNOWN_ORIGIN.filter(({ action }) =>
    globsContain(rule.actions ?? [], parseGlob(action)),
  ).map(({ kind, what }) => {
    const message = `${what} is not masked by other rules; add their masks to this one`
    return warn(kind, ['allow'], message)
  })
}
