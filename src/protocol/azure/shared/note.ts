import type { Json } from '../json.ts'
import type { ArmOperation } from '../operation-name.ts'
import type { ClientConditions } from './conditions.ts'
import type { GivenLink } from './links.ts'

/** What is remembered of a request until its answer comes. */
export interface AzureNote {
  /** Path and query at the target. */
  readonly target: string
  /** What the answer's fields lie in. */
  readonly object: readonly string[]
  /**
   * The answer is of several requests, or of another's, and these are what they asked for: masks
   * cannot tell by the object alone which fields they cover.
   */
  readonly mixed?: readonly (readonly string[])[]
  /** The answer lists things, each with its own id. */
  readonly list: boolean
  /** It only reads, so the rules that allowed it know what is to be masked. */
  readonly reads: boolean
  /** The answer's fields have whatever names a query gave them. */
  readonly renames?: boolean
  readonly followed?: GivenLink
  readonly operation?: ArmOperation
  readonly body?: Json
  /** Of the client's own. */
  readonly conditions?: ClientConditions
  /** The body as it goes on, where it had to be written again in strict form. */
  readonly rewritten?: Buffer
}
