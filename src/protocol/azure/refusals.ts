import type { Code } from '../../core/codes.ts'
import type { Denial } from '../../core/denial.ts'

/** What cannot be judged is refused; `what` completes "The request …". */
export function unsupported(what: string, hint: string = HINT): Denial {
  return denial('REQUEST_UNSUPPORTED', `The request ${what}.`, hint)
}

export function denial(code: Code, message: string, hint: string): Denial {
  return { code, message, hint }
}

const HINT = 'Send it as the Azure CLI or an SDK of Azure would; docs/azure.md says what is served.'

export function notGiven(): ReturnType<typeof denial> {
  return denial(
    'LINK_UNKNOWN',
    'This link was not given to this session.',
    'Begin again: what is polled or paged belongs to the session that asked first.',
  )
}
