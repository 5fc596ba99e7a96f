import type { Human, Principal } from '../core/principal.ts'
import type { ResourceType } from '../core/resource.ts'

/** Tells who is calling. Rejects with a ChaperoneError whose code says what is wrong. */
export interface Gatekeeper {
  /** A provider's token, a gateway token, or a ticket: `credential` is whatever the tool had room for. */
  agent(credential: string, attempt: Attempt): Promise<Principal>
  human(token: string, attempt: Attempt): Promise<Human>
}

/** Where the attempt came from, for rate limits and records. */
export interface Attempt {
  readonly clientAddress: string
  /** The resource asked for, where the protocol names it before the credential. */
  readonly resource?: string
  /** Its type: a token that was asked for storage opens nothing else. */
  readonly resourceType?: ResourceType
}
