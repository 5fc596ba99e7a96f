import type { Clock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { Principal } from '../core/principal.ts'
import type { Tickets } from './agents/tickets.ts'
import { TICKET_PREFIX } from './agents/tickets.ts'
import type { FullGatekeeper } from './create-gatekeeper.ts'
import type { Attempt } from './gatekeeper.ts'
import type { GatewayTokens } from './tokens/gateway-tokens.ts'
import {
  GATEWAY_TOKEN_LIFETIME_MAX_MS,
  ISSUED_LIFETIME_MIN_MS,
  TICKET_LIFETIME_MAX_MS,
} from './tokens/limits.ts'
import type { Service } from './tokens/services.ts'

/** The gateway's own security token service: a provider's token in, the gateway's own out. */
export interface TokenService {
  /**
   * Rejects as the gatekeeper does, and with RESOURCE_UNKNOWN or REQUEST_INVALID. Only a provider's
   * token is exchanged: what the gateway issued can be neither renewed nor unbound here.
   */
  exchange(subjectToken: string, wanted: Wanted): Promise<Issued>
  /**
   * A gateway token for one service, for an agent that has a ticket: where a tool asks for tokens by
   * itself and can keep nothing but a password. It lives no longer than the ticket and is good for
   * no more. Rejects with CREDENTIAL_MALFORMED for anything but a ticket.
   */
  narrow(ticket: string, wanted: Wanted & { readonly service: Service }): Promise<Issued>
}

export interface Wanted extends Attempt {
  readonly type: 'ticket' | 'access_token'
  /** Asked for by name (`resource` of the attempt): the result is good for it alone. */
  readonly resource?: string
  /** What the client asked for; repeated in the token, and decides nothing by itself. */
  readonly scope?: string
  /** What the scope is of: the token is good for such resources alone. */
  readonly service?: Service
  readonly lifetime_ms?: number
  /** Who the client says it is; it must be the agent that the token is of. */
  readonly client?: { readonly id?: string; readonly tenant?: string }
}

export interface Issued {
  readonly token: string
  readonly type: Wanted['type']
  readonly expiresAt_ms: number
  readonly agent: string
}

export interface TokenServiceOptions {
  readonly gatekeeper: Pick<FullGatekeeper, 'providerToken' | 'agent'>
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
  readonly service?: Service
}

export function createTokenService(options: TokenServiceOptions): TokenService {
  const { gatekeeper, tickets, gatewayTokens, clock } = options

  async function issue(principal: Principal, wanted: Wanted): Promise<Issued> {
    const { type, clientAddress, resource, scope, service } = wanted
    checkClient(principal, wanted)
    const expiresAt_ms = expiryOf(principal, wanted, options)
    const bound = resource === undefined ? {} : { resource }
    const narrowed = service === undefined ? {} : { service }
    const at_ms = clock.now_ms()
    const facts = { type, principal, expiresAt_ms, clientAddress, ...bound, ...narrowed, at_ms }
    options.issued?.(facts)
    const grant = { principal, expiresAt_ms, ...bound, ...narrowed }
    const token =
      type === 'ticket'
        ? tickets.issue(grant)
        : await gatewayTokens.issue({ ...grant, ...(scope === undefined ? {} : { scope }) })
    return { token, type, expiresAt_ms, agent: principal.agent.name }
  }

  return {
    async exchange(subjectToken, wanted) {
      checkWanted(wanted, options)
      const { clientAddress, resource } = wanted
      const attempt = { clientAddress, ...(resource === undefined ? {} : { resource }) }
      return issue(await gatekeeper.providerToken(subjectToken, attempt), wanted)
    },
    async narrow(ticket, wanted) {
      checkWanted(wanted, options)
      if (!ticket.startsWith(TICKET_PREFIX)) throw notATicket()
      const { clientAddress } = wanted
      const principal = await gatekeeper.agent(ticket, { clientAddress })
      const { onlyResource } = principal
      const bound = onlyResource === undefined ? {} : { resource: onlyResource }
      return issue(principal, { ...wanted, ...bound })
    },
  }
}

/** A client that names another agent or tenant than its token would be told of the wrong one. */
function checkClient({ agent }: Principal, { client = {} }: Wanted): void {
  const { id, tenant } = client
  if (tenant !== undefined && tenant.toLowerCase() !== agent.tenant.toLowerCase()) {
    throw new ChaperoneError('TOKEN_TENANT', 'The tenant asked for is not that of the agent.', {
      hint: "Name the agent's own tenant.",
    })
  }
  const own = [agent.appId, agent.objectId, agent.name]
  if (id !== undefined && agent.appId !== undefined && !own.includes(id)) {
    throw new ChaperoneError('REQUEST_INVALID', 'The client id is not that of the agent.', {
      hint: "Send the application id of the agent's own registration.",
    })
  }
}

function notATicket(): ChaperoneError {
  return new ChaperoneError('CREDENTIAL_MALFORMED', 'This is no ticket.', {
    hint: 'Present a ticket of the gateway: `chaperone token` gets one.',
  })
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
