import type { Place } from '../../core/errors.ts'

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
  | 'unmasked-notifications'

export type Warn = (kind: WarningKind, path: readonly PropertyKey[], message: string) => Warning
