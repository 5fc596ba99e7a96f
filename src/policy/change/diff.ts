import { ChaperoneError } from '../../core/errors.ts'
import type { SubjectAtom } from '../algebra/scopes.ts'
import { atomsOf } from '../algebra/scopes.ts'
import type { Policy } from '../compile.ts'
import { LINES_MAX } from '../limits.ts'
import type { ObligationChange } from './diff-obligations.ts'
import { diffObligations } from './diff-obligations.ts'
import type { Line } from './lines.ts'
import { areContaining, isGrant, isNoNarrower, linesOf, mayMeet } from './lines.ts'

/** What a change of policies grants and takes away. All of it empty: nothing changes. */
export interface PolicyDiff {
  /** What no rule allowed or held before. */
  readonly granted: readonly LineChange[]
  readonly takenAway: readonly LineChange[]
  /** Denies and holds that no longer stand in the way of something that is allowed. */
  readonly loosened: readonly LineChange[]
  readonly tightened: readonly LineChange[]
  readonly obligations: readonly ObligationChange[]
}

export interface LineChange {
  readonly policy: string
  readonly rule: string
  readonly effect: 'allow' | 'hold' | 'deny'
  /** `agent etl-*`, `group …`, `role …` */
  readonly subject: string
  readonly action: string
  readonly object: string
  readonly when?: string
  /** Regular expressions of which one must be in the text. */
  readonly texts?: readonly string[]
  /** True when only conditions or texts differ, which are not compared. */
  readonly mayDiffer: boolean
}

/**
 * Compares by containment, and is careful: what cannot be told (conditions that are not the same
 * text, globs too tangled) counts as a difference. Throws REQUEST_INVALID where there is too much.
 */
export function diffPolicies(before: readonly Policy[], after: readonly Policy[]): PolicyDiff {
  const old = linesOf(before)
  const fresh = linesOf(after)
  checkSize(old)
  checkSize(fresh)
  return {
    granted: uncovered(fresh.filter(isGrant), old.filter(isGrant)),
    takenAway: uncovered(old.filter(isGrant), fresh.filter(isGrant)),
    loosened: gates(old, fresh),
    tightened: gates(fresh, old),
    obligations: diffObligations(old, fresh),
  }
}

function checkSize(lines: readonly Line[]): void {
  const count = lines.reduce((sum, { policy }) => sum + atomsOf(policy).length, 0)
  if (count <= LINES_MAX) return
  throw new ChaperoneError('REQUEST_INVALID', 'The policies are too large to compare.', {
    hint: `Subjects times actions times objects may be ${LINES_MAX} together; compare fewer files.`,
  })
}

/** The lines, for each subject, that the others do not contain. */
function uncovered(lines: readonly Line[], others: readonly Line[]): readonly LineChange[] {
  return lines.flatMap((line) => {
    const sure = others.filter(({ rule }) => isNoNarrower(rule, line.rule))
    return atomsOf(line.policy)
      .filter((subject) => !areContaining(sure, line, subject))
      .map((subject) => changeOf(line, subject, areContaining(others, line, subject)))
  })
}

/** Denies and holds of `lines` that do not stand in `others`, where these allow something there. */
function gates(lines: readonly Line[], others: readonly Line[]): readonly LineChange[] {
  const grants = others.filter(isGrant)
  return lines
    .filter(({ rule }) => rule.effect !== 'allow')
    .filter((line) => grants.some((grant) => mayMeet(line, grant)))
    .flatMap((line) => {
      const stronger = others.filter(
        ({ rule }) => rule.effect === 'deny' || rule.effect === line.rule.effect,
      )
      return uncovered([line], stronger)
    })
}

function changeOf(line: Line, subject: SubjectAtom, mayDiffer: boolean): LineChange {
  const { policy, rule, actionText, object } = line
  const texts = rule.document[rule.effect]?.text
  return {
    policy: policy.name,
    rule: rule.id,
    effect: rule.effect,
    subject: `${subject.type} ${subject.text}`,
    action: actionText,
    object: object.source,
    ...(rule.when === undefined ? {} : { when: rule.when.source.trim() }),
    ...(texts === undefined ? {} : { texts }),
    mayDiffer,
  }
}
