import type { ApprovalTerms } from '../../core/verdict.ts'
import { patternsContain } from '../algebra/patterns.ts'
import type { Rule } from '../compile.ts'
import type { Pattern } from '../pattern.ts'
import { parsePattern } from '../pattern.ts'
import type { MaskDocument } from '../schema.ts'

/** One thing that a rule demands of what it takes part in. */
export interface Duty {
  /** As people read it. */
  readonly what: string
  /** Of a mask: where its columns lie. */
  readonly columns?: Pattern
  /** True if the other rule demands at least as much. */
  readonly isMetBy: (other: Rule) => boolean
  /** The duty says how something is done; where that is not done at all, another change tells so. */
  readonly providedBy?: (other: Rule) => boolean
}

export function dutiesOf(rule: Rule): readonly Duty[] {
  const masks = rule.document.mask ?? []
  return [
    ...masks.flatMap(maskDuties),
    ...limitDuties(rule),
    ...(rule.approval === undefined ? [] : [approvalDuty(rule.approval)]),
  ]
}

function maskDuties(mask: MaskDocument): readonly Duty[] {
  const masker = JSON.stringify(mask.with)
  if ('detect' in mask) {
    return mask.detect.map((name) => ({
      what: `mask of ${name} with ${masker}`,
      isMetBy: ({ document }) =>
        (document.mask ?? []).some(
          (one) =>
            'detect' in one && one.detect.includes(name) && JSON.stringify(one.with) === masker,
        ),
    }))
  }
  const strict = mask.predicates === 'deny'
  return mask.columns.map((source) => {
    const columns = patternOf(source)
    return {
      what: `mask of ${source} with ${masker}${strict ? ', not in conditions' : ''}`,
      columns,
      isMetBy: (other) => patternsContain(alikeColumns(other, masker, strict), columns),
    }
  })
}

function alikeColumns({ document }: Rule, masker: string, strict: boolean): readonly Pattern[] {
  return (document.mask ?? []).flatMap((one) => {
    if (!('columns' in one) || JSON.stringify(one.with) !== masker) return []
    return strict && one.predicates !== 'deny' ? [] : one.columns.map(patternOf)
  })
}

function patternOf(source: string): Pattern {
  return parsePattern(source) as Pattern
}

function limitDuties({ document }: Rule): readonly Duty[] {
  const { maxRows, onMaxRows } = document
  const limits = (['maxRows', 'maxSession'] as const).flatMap((name) => {
    const value = document[name]
    if (value === undefined) return []
    const isMetBy = (other: Rule) => (other.document[name] ?? Infinity) <= value
    return [{ what: `${name} ${value}`, isMetBy }]
  })
  if (maxRows === undefined || onMaxRows === 'notice') return limits
  const atLimit: Duty = {
    what: 'onMaxRows error',
    isMetBy: (other) =>
      other.document.maxRows !== undefined && other.document.onMaxRows !== 'notice',
    providedBy: (other) => other.document.maxRows !== undefined,
  }
  return [...limits, atLimit]
}

/** A hold that is gone, or is an allow now, is a gate that is gone. */
function approvalDuty(terms: ApprovalTerms): Duty {
  return {
    what: `approval ${JSON.stringify(terms)}`,
    isMetBy: ({ approval }) => approval !== undefined && isAsStrict(approval, terms),
    providedBy: ({ effect }) => effect !== 'allow',
  }
}

function isAsStrict(one: ApprovalTerms, than: ApprovalTerms): boolean {
  const { groups, people } = than.approvers
  return (
    one.count >= than.count &&
    one.expires_ms <= than.expires_ms &&
    (one.reasonRequired || !than.reasonRequired) &&
    one.approvers.groups.every((group) => groups.includes(group)) &&
    one.approvers.people.every((person) => people.includes(person))
  )
}
