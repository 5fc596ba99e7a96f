import type { Code } from '../core/codes.ts'
import type { GovernedSession } from '../session/governed.ts'

/** What one session has under way, and how to stop it. */
export interface Ongoing {
  /** Ends at once: says why where nothing was answered yet, else cuts the answer short. */
  end(code: Code, message: string): void
  /** After a policy change: false if the policies now refuse what is under way. */
  stillAllowed(): boolean
}

/** One token on one resource, until it was idle for too long. */
export interface HttpSession {
  readonly governed: GovernedSession
  readonly ongoing: Set<Ongoing>
  ended: boolean
}
