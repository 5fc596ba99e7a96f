import type { Code } from './codes.ts'

/** Where in the input something is wrong. Lines and columns count from 1. */
export interface Place {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** A path into the document: `rules[2].mask[0].with`. */
  readonly field?: string
}

export interface ErrorDetails {
  /** The way out, as an instruction. */
  readonly hint?: string
  readonly place?: Place
  readonly cause?: unknown
}

/**
 * The one error class. `message` says what is wrong without secrets or masked values, `hint` says
 * what to do about it, and `code` is what programs branch on.
 */
export class ChaperoneError extends Error {
  override readonly name = 'ChaperoneError'
  readonly code: Code
  readonly hint: string | undefined
  readonly place: Place | undefined

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.place = details.place
  }
}

/** Turns anything caught into a ChaperoneError; what was not ours becomes `fallback`. */
export function asChaperoneError(
  error: unknown,
  fallback: Code,
  message: string,
  hint?: string,
): ChaperoneError {
  if (error instanceof ChaperoneError) return error
  return new ChaperoneError(fallback, message, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** Fails closed on a broken invariant: a programmer's error, never a peer's. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new ChaperoneError('INTERNAL', `Broken invariant: ${what}.`)
}
