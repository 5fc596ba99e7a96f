import { patternsIntersect } from '../algebra/patterns.ts'
import type { SubjectAtom } from '../algebra/scopes.ts'
import { atomsOf, mayApplyTogether, mayBeOne } from '../algebra/scopes.ts'
import type { Duty } from './duties.ts'
import { dutiesOf } from './duties.ts'
import type { Line } from './lines.ts'
import { areContaining, areCovering, isGrant, isNoNarrower, mayMeet } from './lines.ts'

/** A mask, limit or approval that is no longer the same on something that stays granted. */
export interface ObligationChange {
  readonly direction: 'weaker' | 'stronger'
  readonly policy: string
  readonly rule: string
  readonly what: string
}

export function diffObligations(
  old: readonly Line[],
  fresh: readonly Line[],
): readonly ObligationChange[] {
  return [...missing(old, fresh, 'weaker'), ...missing(fresh, old, 'stronger')]
}

/**
 * Duties that `before` has on something that it grants, and `after` grants without them: looked for
 * wherever a line with the duty meets a line that grants.
 */
function missing(
  before: readonly Line[],
  after: readonly Line[],
  direction: ObligationChange['direction'],
): readonly ObligationChange[] {
  const changes = new Map<string, ObligationChange>()
  const granted = before.filter(isGrant)
  const grants = after.filter(isGrant)
  const isMissing = (duty: Duty, line: Line): boolean => {
    const bearing = after.filter(({ rule }) => rule.effect === 'deny' || duty.isMetBy(rule))
    const sure = bearing.filter(({ rule }) => isNoNarrower(rule, line.rule))
    const open = atomsOf(line.policy).filter((atom) => !areContaining(sure, line, atom))
    if (open.length === 0) return false
    return grants
      .filter((grant) => isMeeting(duty, line, grant, granted))
      .some((grant) => open.some((atom) => isFree(duty, bearing, after, line, grant, atom)))
  }
  for (const line of before.filter(({ rule }) => rule.effect !== 'deny')) {
    const { policy, rule } = line
    for (const duty of dutiesOf(rule)) {
      const key = `${policy.name} ${duty.what}`
      if (changes.has(key) || !isMissing(duty, line)) continue
      changes.set(key, { direction, policy: policy.name, rule: rule.id, what: duty.what })
    }
  }
  return [...changes.values()]
}

/** True if there may be something that has the duty, was granted, and is granted by `grant`. */
function isMeeting({ columns }: Duty, line: Line, grant: Line, granted: readonly Line[]): boolean {
  if (!mayMeet(line, grant) || !mayApplyTogether(line.policy, grant.policy)) return false
  const objects = [line.object, grant.object]
  if (columns && !objects.every((object) => patternsIntersect(columns, object))) return false
  return isGrant(line) || granted.some((one) => mayMeet(one, line) && mayMeet(one, grant))
}

/** True if someone may do both what `line` and `grant` speak of, and nothing there has the duty. */
function isFree(
  duty: Duty,
  bearing: readonly Line[],
  after: readonly Line[],
  line: Line,
  grant: Line,
  subject: SubjectAtom,
): boolean {
  const both = [line, grant] as const
  return atomsOf(grant.policy)
    .filter((other) => mayBeOne(subject, other))
    .some((other) => {
      const subjects = [subject, other] as const
      const provided = after.filter(({ rule }) => duty.providedBy?.(rule) ?? true)
      if (duty.providedBy && !areCovering(provided, both, subjects)) return false
      return !areCovering(bearing, both, subjects)
    })
}
