import type { Line } from './lines.ts'
import { areContaining, isGrant, isNoNarrower } from './lines.ts'
import type { Pattern } from './pattern.ts'
import { parsePattern } from './pattern.ts'
import { patternsContain, patternsIntersect } from './pattern-algebra.ts'
import type { MaskDocument } from './schema.ts'
import type { SubjectAtom } from './scope-algebra.ts'
import { atomsOf } from './scope-algebra.ts'

/** A mask, limit or approval that is no longer the same on something that stays granted. */
export interface ObligationChange {
  readonly direction: 'weaker' | 'stronger'
  readonly policy: string
  readonly rule: string
  readonly what: string
}

interface Duties {
  readonly columns: readonly { readonly pattern: Pattern; readonly how: string }[]
  readonly detectors: ReadonlySet<string>
  readonly limits: ReadonlyMap<string, number>
  /** What happens at the row limit, where that is an error. */
  readonly atLimit: ReadonlySet<string>
  readonly approvals: ReadonlySet<string>
}

export function diffObligations(old: readonly Line[], fresh: readonly Line[]) {
  const changes = new Map<string, ObligationChange>()
  const compare = (lines: readonly Line[], others: readonly Line[]) => {
    for (const line of lines.filter(isGrant)) {
      for (const subject of atomsOf(line.policy)) {
        if (!areContaining(others.filter(isGrant), line, subject)) continue
        const before = dutiesOf(old, line, subject)
        const after = dutiesOf(fresh, line, subject)
        const note = (direction: ObligationChange['direction']) => (what: string) => {
          const change = { direction, policy: line.policy.name, rule: line.rule.id, what }
          changes.set(`${direction} ${line.policy.name} ${what}`, change)
        }
        missing(before, after, line).forEach(note('weaker'))
        missing(after, before, line).forEach(note('stronger'))
      }
    }
  }
  compare(fresh, old)
  compare(old, fresh)
  return [...changes.values()]
}

/** What surely must be done to whatever the line lets through. */
function dutiesOf(lines: readonly Line[], line: Line, subject: SubjectAtom): Duties {
  const sure = lines.filter(
    (one) =>
      one.rule.effect !== 'deny' &&
      isNoNarrower(one.rule, line.rule) &&
      areContaining([one], line, subject),
  )
  const rules = [...new Set(sure.map(({ rule }) => rule))]
  const masks = rules.flatMap(({ document }) => document.mask ?? [])
  return {
    columns: masks.flatMap(columnDuties),
    detectors: new Set(masks.flatMap(detectorDuties)),
    limits: new Map(
      (['maxRows', 'maxSession'] as const).flatMap((name) => {
        const values = rules.flatMap(({ document }) => document[name] ?? [])
        return values.length === 0 ? [] : [[name, Math.min(...values)] as const]
      }),
    ),
    atLimit: new Set(
      rules.flatMap(({ document }) =>
        document.maxRows !== undefined && document.onMaxRows !== 'notice'
          ? ['onMaxRows error']
          : [],
      ),
    ),
    approvals: new Set(
      rules.flatMap(({ approval }) => (approval === undefined ? [] : [JSON.stringify(approval)])),
    ),
  }
}

function columnDuties(mask: MaskDocument): Duties['columns'] {
  if (!('columns' in mask)) return []
  const how = `${JSON.stringify(mask.with)}${mask.predicates === 'deny' ? ', not in conditions' : ''}`
  return mask.columns.map((source) => ({ pattern: parsePattern(source) as Pattern, how }))
}

function detectorDuties(mask: MaskDocument): readonly string[] {
  if (!('detect' in mask)) return []
  return mask.detect.map((name) => `${name} with ${JSON.stringify(mask.with)}`)
}

/** What `before` demands and `after` does not. */
function missing(before: Duties, after: Duties, { object }: Line): readonly string[] {
  const columns = before.columns
    .filter(({ pattern }) => patternsIntersect(pattern, object))
    .filter(({ pattern, how }) => {
      const alike = after.columns.filter((one) => one.how === how)
      return !patternsContain(
        alike.map((one) => one.pattern),
        pattern,
      )
    })
    .map(({ pattern, how }) => `mask of ${pattern.source} with ${how}`)
  const detectors = [...before.detectors]
    .filter((one) => !after.detectors.has(one))
    .map((one) => `mask of ${one}`)
  const limits = [...before.limits]
    .filter(([name, value]) => (after.limits.get(name) ?? Infinity) > value)
    .map(([name, value]) => `${name} ${value}`)
  const approvals = [...before.approvals]
    .filter((one) => !after.approvals.has(one) && after.approvals.size > 0)
    .map((one) => `approval ${one}`)
  const atLimit = [...before.atLimit].filter(
    (one) => !after.atLimit.has(one) && after.limits.has('maxRows'),
  )
  return [...columns, ...detectors, ...limits, ...atLimit, ...approvals]
}
