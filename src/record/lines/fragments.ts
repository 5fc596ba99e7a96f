import { formatObject } from '../../core/object.ts'
import type { Access, Copy, Operation } from '../../core/operation.ts'
import type { Verdict } from '../../core/verdict.ts'
import { operationActivity } from './ocsf.ts'

/** The parts of an operation's lines that depend on its shape alone; each ends with a comma. */
export interface OperationFragment {
  /** `activity_id` and `type_uid`. */
  readonly activity: string
  readonly kind: string
  /** What it is and what it acts on, inside `unmapped.chaperone`. */
  readonly own: string
}

/** The parts of an intent's line that depend on its verdict alone; each ends with a comma. */
export interface VerdictFragment {
  readonly classification: string
  readonly own: string
}

/** Prebuilt JSON for one class of operations. Operations are immutable, so identity is enough. */
export function operationFragments(class_uid: number): (operation: Operation) => OperationFragment {
  const known = new WeakMap<Operation, OperationFragment>()
  return (operation) => {
    let fragment = known.get(operation)
    if (fragment === undefined) {
      fragment = buildOperation(class_uid, operation)
      known.set(operation, fragment)
    }
    return fragment
  }
}

function buildOperation(class_uid: number, operation: Operation): OperationFragment {
  const activity_id = operationActivity(class_uid, operation)
  const { kind, fingerprint, accesses, predicates, copies = [], facts } = operation
  const own = {
    statement: kind,
    fingerprint,
    accesses: accesses.map(describeAccess),
    predicates: predicates.length === 0 ? undefined : predicates.map(formatObject),
    copies: copies.length === 0 ? undefined : copies.map(describeCopy),
    facts,
  }
  return {
    activity:
      `"activity_id":${activity_id},"type_uid":${class_uid * 100 + activity_id},` +
      (activity_id === OTHER ? inner({ activity_name: kind }) : ''),
    kind: JSON.stringify(kind),
    own: inner(own),
  }
}

/** OCSF's number for an activity that it has no number for. */
const OTHER = 99

function describeAccess({ action, object, parts, grant }: Access): object {
  const implied = grant === 'implied' ? true : undefined
  return { action, object: formatObject(object), parts, implied }
}

function describeCopy({ from, to }: Copy): object {
  return { from: from === 'unknown' ? null : formatObject(from), to: formatObject(to) }
}

export function verdictFragments(): (verdict: Verdict) => VerdictFragment {
  const known = new WeakMap<Verdict, VerdictFragment>()
  return (verdict) => {
    let fragment = known.get(verdict)
    if (fragment === undefined) {
      fragment = {
        classification: inner(classifyVerdict(verdict)),
        own: inner(describeVerdict(verdict)),
      }
      known.set(verdict, fragment)
    }
    return fragment
  }
}

const ALLOWED = { action_id: 1, disposition_id: 1 }
const HELD = { action_id: 99, action: 'Held', disposition_id: 99, disposition: 'Held' }
const DENIED = { action_id: 2, disposition_id: 2 }

/** OCSF's `security_control` profile: what the gateway did with it. */
function classifyVerdict(verdict: Verdict): object {
  if (verdict.effect === 'allow') return { severity_id: 1, status_id: 0, ...ALLOWED }
  if (verdict.effect === 'hold') return { severity_id: 2, status_id: 0, ...HELD }
  return { severity_id: 3, status_id: 2, status_code: verdict.denial.code, ...DENIED }
}

function describeVerdict(verdict: Verdict): object {
  const base = {
    verdict: verdict.effect,
    policyVersion: verdict.policyVersion,
    reasons: verdict.reasons.map(({ policy, rule, effect }) => ({ policy, rule, effect })),
  }
  if (verdict.effect === 'deny') {
    const { code, message, policy, rule } = verdict.denial
    return { ...base, denial: { code, message, policy, rule } }
  }
  const { masks, maxRows } = verdict.obligations
  const obligations = {
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(masks.length === 0 ? {} : { maskRules: masks.map((m) => `${m.policy}/${m.rule}`) }),
  }
  return verdict.effect === 'hold'
    ? { ...base, ...obligations, approval: verdict.approval }
    : { ...base, ...obligations }
}

/** The members of an object that are not undefined as JSON, without its braces, with a comma behind. */
export function inner(object: object): string {
  const json = JSON.stringify(object)
  return json === '{}' ? '' : `${json.slice(1, -1)},`
}
