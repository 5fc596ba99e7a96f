import type { Code } from '../core/codes.ts'
import { ChaperoneError } from '../core/errors.ts'

/** Ends a classification; `classify` turns it into a Refused. Messages hold names, never literals. */
export function refuse(code: Code, message: string, hint: string): never {
  throw new ChaperoneError(code, message, { hint })
}

export function refuseKind(kind: string): never {
  return refuse(
    'SQL_UNSUPPORTED',
    `The statement uses ${kind}, which cannot be judged.`,
    'Write the statement without it.',
  )
}
