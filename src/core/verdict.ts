import type { Denial } from './denial.ts'
import type { ObjectPath } from './object.ts'

/** The decision on one operation. */
export type Verdict = AllowVerdict | HoldVerdict | DenyVerdict

interface VerdictBase {
  /** Content hash of the policy set that decided. */
  readonly policyVersion: string
  /** Every rule that took part, in the order of the policies. */
  readonly reasons: readonly Reason[]
  /**
   * How long the verdict keeps for an equal operation of the same session: for the same `shape`,
   * for the same exact `text`, or for this `moment` only.
   */
  readonly keeps: 'shape' | 'text' | 'moment'
}

export interface AllowVerdict extends VerdictBase {
  readonly effect: 'allow'
  readonly obligations: Obligations
}

export interface HoldVerdict extends VerdictBase {
  readonly effect: 'hold'
  readonly obligations: Obligations
  /** One for each holding rule; all of them must be met. */
  readonly approval: readonly ApprovalTerms[]
}

export interface DenyVerdict extends VerdictBase {
  readonly effect: 'deny'
  readonly denial: Denial
}

export interface Reason {
  readonly policy: string
  readonly rule: string
  readonly effect: 'allow' | 'hold' | 'deny'
}

/** What must be done to the answer of an allowed operation. */
export interface Obligations {
  readonly masks: readonly MaskRule[]
  /**
   * Column masks of every rule that the agent is under, also where it took no part: what the target
   * says in its own words may show what the statement does not name.
   */
  readonly wordMasks?: readonly ColumnMask[]
  /** Detect masks of every rule that speaks of what is touched, whatever the action: for the same. */
  readonly wordDetects?: readonly DetectMask[]
  readonly maxRows?: number
  /** The rule that set `maxRows`. */
  readonly limitedBy?: { readonly policy: string; readonly rule: string }
  /** What the agent sees when `maxRows` is reached: an error, or the cut rows and a notice. */
  readonly onMaxRows: 'error' | 'notice'
  /** Longest a session may live under this rule. */
  readonly maxSession_ms?: number
}

export const NO_OBLIGATIONS: Obligations = { masks: [], onMaxRows: 'error' }

/** Either names columns or names detectors; `columns` patterns are compiled by the policy. */
export type MaskRule = ColumnMask | DetectMask

export interface ColumnMask {
  readonly type: 'columns'
  /** As the policy writes them. */
  readonly columns?: readonly string[]
  /** True if the rule covers this column. A column path is an object path plus the column's name. */
  readonly covers: (column: ObjectPath) => boolean
  /** True if it may cover the object or something inside it: what an unread form could hold. */
  readonly touches?: (object: ObjectPath) => boolean
  /** True if it covers the column or, by name, something inside what the path stands for. */
  readonly touchesInside?: (path: ObjectPath) => boolean
  /** True if it may cover a column whose path ends in this, whatever it lies in. */
  readonly reaches?: (end: ObjectPath) => boolean
  readonly with: MaskerSpec
  /** `deny`: an operation whose conditions read a covered column is refused. */
  readonly predicates: 'allow' | 'deny'
  readonly policy: string
  readonly rule: string
}

export interface DetectMask {
  readonly type: 'detect'
  readonly detectors: readonly DetectorName[]
  readonly with: MaskerSpec
  readonly policy: string
  readonly rule: string
}

export const MASKER_NAMES = [
  'redact',
  'partial',
  'email',
  'hash',
  'null',
  'number',
  'date',
] as const

export type MaskerName = (typeof MASKER_NAMES)[number]

export interface MaskerSpec {
  readonly name: MaskerName
  /** `partial`: how many characters stay readable at each end. */
  readonly keepStart?: number
  readonly keepEnd?: number
}

export const DETECTOR_NAMES = [
  'payment-card',
  'iban',
  'us-ssn',
  'email',
  'phone',
  'ip-address',
  'jwt',
  'azure-key',
  'azure-connection-string',
  'private-key',
] as const

export type DetectorName = (typeof DETECTOR_NAMES)[number]

/** Who must agree to a held operation, and how. All holding rules' terms apply; the strictest wins. */
export interface ApprovalTerms {
  readonly approvers: { readonly groups: readonly string[]; readonly people: readonly string[] }
  /** Distinct people needed. */
  readonly count: number
  readonly expires_ms: number
  readonly reasonRequired: boolean
}
