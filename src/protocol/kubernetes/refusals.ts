import type { Denial } from '../../core/denial.ts'

/** What cannot be judged is refused; `what` completes "The request …". */
export function unsupported(what: string, hint: string = HINT): Denial {
  return { code: 'REQUEST_UNSUPPORTED', message: `The request ${what}.`, hint }
}

const HINT = 'Send it as kubectl or a client library would; docs/kubernetes.md says what is served.'
