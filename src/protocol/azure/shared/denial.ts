import type { Code } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'

/** A request that is refused before any policy looks at it. */
export function refusal(message: string, hint: string, code: Code = 'REQUEST_UNSUPPORTED'): Denial {
  return { code, message, hint }
}

export function isDenial(value: object): value is Denial {
  return 'code' in value
}
