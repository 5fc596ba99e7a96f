import type { Code } from '../core/codes.ts'
import type { Operation } from '../core/operation.ts'
import type { GovernedSession } from '../session/governed.ts'
import type { Asker } from './api.ts'
import type { HeaderList } from './head.ts'
import { OPERATIONS_MAX } from './limits.ts'

/** What one session has under way, and how to stop it. */
export interface Ongoing {
  /** Ends at once: says why where nothing was answered yet, else cuts the answer short. */
  end(code: Code, message: string): void
  /** After a policy change: what is held for people is judged anew. */
  judgeHeld(): void
  /** After a policy change: false if the policies now refuse what is under way. */
  stillAllowed(): boolean
}

/** One token on one resource, until it was idle for too long. */
export interface HttpSession {
  readonly governed: GovernedSession
  readonly asker: Asker
  /** What every answer says of it. */
  readonly answerHeaders: HeaderList
  readonly ongoing: Set<Ongoing>
  /** The one object for all equal operations: verdicts and records are kept by it. */
  readonly operations: (operation: Operation) => Operation
  ended: boolean
  end(code: Code, message: string): void
}

/** Operations are plain data, so that those whose JSON is the same are the same. */
export function createOperationKeeper(): HttpSession['operations'] {
  const kept = new Map<string, Operation>()
  return (operation) => {
    const key = JSON.stringify(operation)
    const known = kept.get(key)
    if (known !== undefined) return known
    if (kept.size >= OPERATIONS_MAX) kept.clear()
    kept.set(key, operation)
    return operation
  }
}
