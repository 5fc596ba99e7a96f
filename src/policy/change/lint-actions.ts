import { nearest } from '../../document/suggest.ts'
import type { Rule } from '../compile.ts'
import { matchesGlob, parseGlob } from '../pattern.ts'
import type { Warn, Warning } from './warnings.ts'

/** Names of actions of one kind of resource. */
export interface Vocabulary {
  readonly actions: readonly string[]
  /** Actions that get past other rules, or out of the target. */
  readonly powerful: readonly string[]
  /** Of what a policy wrote and no name matches: whether there may be such an action all the same. */
  readonly isForm?: (written: string) => boolean
  /** What to say of a word that is no action and looks like one of this kind. */
  readonly hint?: (written: string) => string | undefined
}

export function actionWarnings(
  rule: Rule,
  vocabularies: readonly Vocabulary[],
  warn: Warn,
): readonly Warning[] {
  const actions = vocabularies.flatMap((one) => one.actions)
  const powerful = new Set(vocabularies.flatMap((one) => one.powerful))
  const written = rule.document[rule.effect]?.actions ?? []
  return written.flatMap((source, index) => {
    const glob = parseGlob(source)
    const path = [rule.effect, 'actions', index]
    const matched = actions.filter((action) => matchesGlob(glob, action))
    if (matched.length === 0) {
      if (vocabularies.some(({ isForm }) => isForm?.(source) === true)) return []
      const message = `${source} is no action that there is${hintFor(source, vocabularies)}`
      return [warn('unknown-action', path, message)]
    }
    const strong = matched.filter((action) => powerful.has(action))
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

function hintFor(source: string, vocabularies: readonly Vocabulary[]): string {
  for (const { hint } of vocabularies) {
    const said = hint?.(source)
    if (said !== undefined) return `; ${said}`
  }
  const meant = nearest(
    source,
    vocabularies.flatMap((one) => one.actions),
  )
  return meant === undefined ? '' : `; did you mean ${meant}?`
}
