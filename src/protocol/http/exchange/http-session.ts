import type { Code } from '../../../core/codes.ts'
import type { Operation } from '../../../core/operation.ts'
import type { GovernedSession } from '../../../session/governed.ts'
import type { Share } from '../../../session/shares.ts'
import type { Asker } from '../api.ts'
import type { HeaderList } from '../head.ts'
import { OPERATION_CHARS_MAX, OPERATIONS_CHARS_MAX } from '../limits.ts'

/** What one session has under way, and how to stop it. */
export interface Ongoing {
  /** Ends at once: says why where nothing was answered yet, else cuts the answer short. */
  end(code: Code, message: string): void
  /** After a policy change: what is held for people is judged anew. */
  judgeHeld(): void
  /** After a policy change: ends where the policies now refuse it, or show something else of it. */
  judgeAnew(): void
}

/** One token on one resource, until it was idle for too long. */
export interface HttpSession {
  readonly governed: GovernedSession
  readonly asker: Asker
  /** What every answer says of it. */
  readonly answerHeaders: HeaderList
  readonly ongoing: Set<Ongoing>
  readonly operations: KeptOperations
  /** Of the agent's memory, for one request. */
  openMemory(): Share
  ended: boolean
  end(code: Code, message: string): void
}

/** Operations that a session asked for before: verdicts and records are kept by the object. */
export interface KeptOperations {
  /** The one object for all equal operations; `text` says how long it is to look for it. */
  find(operation: Operation, text: string): Operation
  /** Keeps the one that was looked for last. What was refused is not kept: it is nobody's routine. */
  keep(operation: Operation): void
}

/** Operations are plain data, so that those whose JSON is the same are the same. */
export function createKeptOperations(): KeptOperations {
  const kept = new Map<string, Operation>()
  let chars = 0
  let last: { readonly key: string; readonly operation: Operation } | undefined
  return {
    find(operation, text) {
      last = undefined
      if (text.length > OPERATION_CHARS_MAX) return operation
      const key = JSON.stringify(operation)
      const known = kept.get(key)
      if (known !== undefined) return known
      if (key.length <= OPERATION_CHARS_MAX) last = { key, operation }
      return operation
    },
    keep(operation) {
      if (last?.operation !== operation) return
      const { key } = last
      last = undefined
      chars += key.length
      if (chars > OPERATIONS_CHARS_MAX) {
        kept.clear()
        chars = key.length
      }
      kept.set(key, operation)
    },
  }
}
