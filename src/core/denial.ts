import type { Code } from './codes.ts'

/**
 * A refusal that an agent can act on. It is a value, not an exception: the protocol's `refusal.ts`
 * puts it in the protocol's own error form. The same fields, as JSON, go to records and the API.
 */
export interface Denial {
  readonly code: Code
  /** One sentence: what was refused. */
  readonly message: string
  /** The rule that refused, where one did. */
  readonly policy?: string
  readonly rule?: string
  /** The policy author's own words. */
  readonly ruleMessage?: string
  /** What would be allowed, and how to ask. */
  readonly hint: string
}
