import type { Code } from '../core/codes.ts'
import type { Human, Principal } from '../core/principal.ts'
import type { ResourceType } from '../core/resource.ts'
import type { Claimed } from './claimed.ts'

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

/** For records and metrics. What they throw refuses the attempt: what cannot be recorded is. */
export interface GatekeeperHooks {
  refused?(refusal: SignInRefusal): void
  /** One more than is told each by itself. */
  refusedUntold?(code: Code): void
  ticketUsed?(use: TicketUse): void
}

export interface SignInRefusal extends Attempt {
  readonly code: Code
  readonly door: 'agent' | 'human'
  readonly at_ms: number
  /** What the credential said of itself. Nothing of it was proven. */
  readonly claimed: Claimed
  /** So many of this address were refused before it and not told. */
  readonly untold?: number
}

export interface TicketUse extends Attempt {
  readonly agent: string
  readonly ticketId: string
  readonly uses: number
  readonly at_ms: number
}
