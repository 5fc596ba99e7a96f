import type { Clock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { Principal } from '../core/principal.ts'
import type { Attempt } from './gatekeeper.ts'
import type { FullGatekeeper } from './gatekeeper-of.ts'
import type { GatewayTokens } from './gateway-tokens.ts'
import {
  GATEWAY_TOKEN_LIFETIME_MAX_MS,
  ISSUED_LIFETIME_MIN_MS,
  TICKET_LIFETIME_MAX_MS,
} from './limits.ts'
import type { Tickets } from './tickets.ts'

/** The gateway's own security token service: a provider's token in, the gateway's own out. */
export interface TokenService {
  /**
   * Rejects as the gatekeeper does, and with RESOURCE_UNKNOWN or REQUEST_INVALID. Only a provider's
   * token is exchanged: what the gateway issued can be neither renewed nor unbound here.
   */
  exchange(subjectToken: string, wanted: Wanted): Promise<Issued>
}

export interface Wanted extends Attempt {
  readonly type: 'ticket' | 'access_token'
  /** Asked for by name (`resource` of the attempt): the result is good for it alone. */
  readonly resource?: string
  /** What the client asked for; repeated in the token, and decides nothing. */
  readonly scope?: string
  readonly lifetime_ms?: number
}

export interface Issued {
  readonly token: string
  readonly type: Wanted['type']
  readonly expiresAt_ms: number
  readonly agent: string
}

export interface TokenServiceOptions {
  readonly gatekeeper: Pick<FullGatekeeper, 'providerToken'>
  readonly tickets: Tickets
  readonly gatewayTokens: GatewayTokens
  readonly clock: Clock
  /** How long what is issued lives, where the client asks for no less. */
  readonly ticketLifetime_ms?: number
  readonly tokenLifetime_ms?: number
  /** Whether there is such a resource. */
  readonly knowsResource?: (name: string) => boolean
  /** For records; what it throws keeps the credential from being handed out. */
  readonly issued?: (facts: Issuance) => void
}

export interface Issuance extends Attempt {
  readonly type: Wanted['type']
  readonly principal: Principal
  readonly expiresAt_ms: number
  readonly at_ms: number
}

export function createTokenService(options: TokenServiceOptions): TokenService {
  const { gatekeeper, tickets, gatewayTokens, clock } = options
  return {
    async exchange(subjectToken, wanted) {
      const { type, resource, clientAddress } = wanted
      checkWanted(wanted, options)
      const bound = resource === undefined ? {} : { resource }
      const principal = await gatekeeper.providerToken(subjectToken, { clientAddress, ...bound })
      const expiresAt_ms = expiryOf(principal, wanted, options)
      options.issued?.({
        type,
        principal,
        expiresAt_ms,
        clientAddress,
        ...bound,
        at_ms: clock.now_ms(),
      })
      const scope = wanted.scope === undefined ? {} : { scope: wanted.scope }
      const grant = { principal, expiresAt_ms, ...bound }
      const token =
        type === 'ticket' ? tickets.issue(grant) : await gatewayTokens.issue({ ...grant, ...scope })
      return { token, type, expiresAt_ms, agent: principal.agent.name }
    },
  }
}

function checkWanted({ resource, scope, lifetime_ms }: Wanted, options: TokenServiceOptions): void {
  if (resource !== undefined && options.knowsResource?.(resource) === false) {
    throw new ChaperoneError('RESOURCE_UNKNOWN', 'There is no such resource.', {
      hint: 'Name a resource of the gateway, or none.',
    })
  }
  const lifetimeOk = lifetime_ms === undefined || lifetime_ms >= ISSUED_LIFETIME_MIN_MS
  if (!lifetimeOk || (scope !== undefined && !/^[\u0021-\u007e ]{1,512}$/.test(scope))) {
    throw new ChaperoneError('REQUEST_INVALID', 'The scope or lifetime asked for is not valid.')
  }
}

/** Never later than the provider's token, the agent's registration, or the kind's own bound. */
function expiryOf(
  principal: Principal,
  { type, lifetime_ms = Infinity }: Wanted,
  options: TokenServiceOptions,
): number {
  const most =
    type === 'ticket'
      ? Math.min(options.ticketLifetime_ms ?? 3_600_000, TICKET_LIFETIME_MAX_MS)
      : Math.min(options.tokenLifetime_ms ?? Infinity, GATEWAY_TOKEN_LIFETIME_MAX_MS)
  return Math.min(
    options.clock.now_ms() + Math.min(most, lifetime_ms),
    principal.tokenExpiresAt_ms,
    principal.agent.expiresAt_ms ?? Infinity,
  )
}
