import { ChaperoneError } from '../../../core/errors.ts'
import type { ValueMasker } from './mask-value.ts'

/** One way of writing a COPY stream: where its units end, and how a unit is masked. */
export interface CopyFormat {
  /**
   * Where the unit ends that starts at `start`: a row, a header or a trailer. Undefined: not all of
   * it is there. Called again with the same start as more comes; what was looked at stays known.
   */
  unitEnd(bytes: Buffer, start: number): number | undefined
  /** The masked unit. Throws TARGET_PROTOCOL if it is not one with as many columns as announced. */
  mask(bytes: Buffer, start: number, end: number): Buffer
  /** True if the unit just masked is to be sent together with the next. */
  readonly isHeader: boolean
  /** Whether the stream may end here. */
  readonly isComplete: boolean
}

export interface CopyColumns {
  readonly maskers: readonly (ValueMasker | undefined)[]
  /** Told when a value was changed. */
  readonly changed: (column: number) => void
}

export function malformedCopy(): ChaperoneError {
  return new ChaperoneError('TARGET_PROTOCOL', 'A COPY stream of the target is malformed.')
}
