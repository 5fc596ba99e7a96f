import type { Place } from '../core/errors.ts'
import { nearest } from '../document/suggest.ts'
import type { Policy, Rule } from './compile.ts'
import { globsContain } from './glob-algebra.ts'
import type { Line } from './lines.ts'
import { areContaining, isNoNarrower, linesOf, mayMeet, ruleLines } from './lines.ts'
import type { Glob } from './pattern.ts'
import { matchesGlob, parseGlob, parsePattern } from './pattern.ts'
import { patternsIntersect } from './pattern-algebra.ts'
import { appliesWherever, atomsOf, isFor } from './scope-algebra.ts'

/** Something that is valid, and probably not what its author meant. */
export interface Warning {
  readonly kind: WarningKind
  readonly message: string
  readonly policy: string
  readonly rule: string
  readonly place: Place
}

export type WarningKind =
  | 'wide-action'
  | 'any-object'
  | 'unknown-action'
  | 'exact-deny'
  | 'wide-deny'
  | 'never-takes-part'
  | 'hold-passed-by'
  | 'idle-mask'
  | 'unmasked-functions'

/** Names of actions of one kind of resource. */
export interface Vocabulary {
  /** What all of its names begin with: `sql.` */
  readonly prefix: string
  readonly actions: readonly string[]
  /** Actions that get past other rules, or out of the target. */
  readonly powerful: readonly string[]
}

export function lintPolicies(
  policies: readonly Policy[],
  vocabulary: Vocabulary,
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
        ...actionWarnings(rule, vocabulary, warn),
        ...objectWarnings(rule, warn),
        ...shadowWarnings(policy, rule, lines, warn),
        ...maskWarnings(policy, rule, vocabulary, warn),
      ]
    }),
  )
}

type Warn = (kind: WarningKind, path: readonly PropertyKey[], message: string) => Warning

function actionWarnings(rule: Rule, vocabulary: Vocabulary, warn: Warn): readonly Warning[] {
  const { prefix, actions, powerful } = vocabulary
  const written = rule.document[rule.effect]?.actions ?? []
  return written.flatMap((source, index) => {
    const glob = parseGlob(source)
    const path = [rule.effect, 'actions', index]
    const matched = actions.filter((action) => matchesGlob(glob, action))
    if (matched.length === 0) {
      if (!isOfVocabulary(source, prefix)) return []
      const meant = nearest(source, actions)
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`
      return [warn('unknown-action', path, `${source} is no action that there is${hint}`)]
    }
    const strong = matched.filter((action) => powerful.includes(action))
    if (rule.effect === 'allow' && source.includes('*') && strong.length > 0) {
      return [warn('wide-action', path, `${source} also allows ${strong.join(', ')}`)]
    }
    const longer = actions.filter((action) => action.startsWith(`${source}.`))
    if (rule.effect === 'deny' && longer.length > 0) {
      const missed = longer.filter(
        (action) => !rule.actions?.some((one) => matchesGlob(one, action)),
      )
      if (missed.length > 0) {
        return [warn('exact-deny', path, `${source} does not deny ${missed.join(', ')}`)]
      }
    }
    return []
  })
}

/** `sql.selct`, `SQL.select` and `sq.select` are meant to be SQL; `k8s.get` is not. */
function isOfVocabulary(source: string, prefix: string): boolean {
  const family = (text: string) => text.slice(0, text.indexOf('.') + 1)
  return nearest(family(source), [prefix]) === prefix || family(source) === ''
}

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

function maskWarnings(
  policy: Policy,
  rule: Rule,
  { prefix }: Vocabulary,
  warn: Warn,
): readonly Warning[] {
  const masks = rule.document.mask ?? []
  const reads = (glob: Glob) => matchesGlob(glob, `${prefix}select`)
  const others = (rule.document[rule.effect]?.actions ?? []).some((one) => !one.startsWith(prefix))
  const warnings = masks.flatMap((mask, index) => {
    if (!('columns' in mask)) return []
    const path = ['mask', index]
    if (rule.actions?.some(reads) === false && !others) {
      const message = `the rule does not speak of ${prefix}select, by which columns are read`
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
  const calls =
    rule.effect === 'allow' && globsContain(rule.actions ?? [], parseGlob(`${prefix}execute`))
  const masked = policy.rules.some(({ document }) => document.mask?.some((one) => 'columns' in one))
  if (calls && masked && masks.length === 0) {
    const message = `what functions return is not masked by other rules; add their masks to this one`
    warnings.push(warn('unmasked-functions', ['allow'], message))
  }
  return warnings
}
