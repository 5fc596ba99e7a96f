import { asChaperoneError, ChaperoneError } from '../../core/errors.ts'

/** What those who wait are told when a write failed. */
export function unavailable(cause: unknown): ChaperoneError {
  return asChaperoneError(
    cause,
    'RECORD_UNAVAILABLE',
    `The record cannot be written (${errnoOf(cause)}), so the operation is refused.`,
    'Nothing reached the target. Try again once the gateway can write records.',
  )
}

export function tooMuch(): ChaperoneError {
  return new ChaperoneError('RECORD_UNAVAILABLE', 'Too much waits to be recorded.', {
    hint: 'Try again once the gateway has written its records.',
  })
}

/** The records may or may not reach the disk: whoever waits for them is refused. */
export function stuck(): ChaperoneError {
  return new ChaperoneError('RECORD_UNAVAILABLE', 'The disk of the records does not answer.', {
    hint: 'Try again once the gateway can write its records.',
  })
}

/** The system's name of what went wrong, never a path or a value. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.message : 'closed'
}
