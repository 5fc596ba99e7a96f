import { hash } from 'node:crypto'
import { addressKey } from '../core/address.ts'
import type { SteadyClock } from '../core/clock.ts'
import type { Code } from '../core/codes.ts'
import { CODES } from '../core/codes.ts'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { Human, Principal } from '../core/principal.ts'
import { admitIdentity, admitSnapshot, groupsOf } from './agents/admission.ts'
import type { AgentDirectory } from './agents/agents.ts'
import type { Tickets } from './agents/tickets.ts'
import { TICKET_PREFIX } from './agents/tickets.ts'
import { claimedBy } from './claimed.ts'
import type { Attempt, Gatekeeper, GatekeeperHooks, SignInRefusal } from './gatekeeper.ts'
import type { HumanRoleRules } from './human-roles.ts'
import { humanRoles } from './human-roles.ts'
import { providerOf } from './providers/provider.ts'
import type { RateLimitOptions } from './rate-limit.ts'
import { createRateLimit } from './rate-limit.ts'
import { createRefusalTeller } from './refusals.ts'
import type { GatewayTokens } from './tokens/gateway-tokens.ts'
import type { Identity, Provider } from './tokens/identity.ts'
import {
  ADDRESS_FAILURES_BURST,
  ADDRESS_FAILURES_PER_SECOND,
  GOOD_CREDENTIALS_MAX,
  PRINCIPAL_ATTEMPTS_BURST,
  PRINCIPAL_ATTEMPTS_PER_SECOND,
  TRIALS_BURST,
  TRIALS_PER_SECOND,
} from './tokens/limits.ts'
import type { ParsedToken } from './tokens/token.ts'
import { parseToken } from './tokens/token.ts'

export interface GatekeeperOptions {
  readonly providers: readonly Provider[]
  readonly agents: AgentDirectory
  readonly tickets: Tickets
  readonly gatewayTokens: GatewayTokens
  readonly clock: SteadyClock
  readonly humanRoles?: HumanRoleRules
  /** App ids of the clients that people sign in with. Absent: any client of the tenant. */
  readonly humanClients?: readonly string[]
  readonly hooks?: GatekeeperHooks
  readonly limits?: GatekeeperLimits
}

interface GatekeeperLimits {
  /** Failures of one address, after which its wrong credentials are told no reason. */
  readonly address?: RateLimitOptions
  /** Sign-ins of one verified principal, good ones too. */
  readonly principal?: RateLimitOptions
}

/** The gatekeeper, and the door of the token service, which opens for a provider's token alone. */
export interface FullGatekeeper extends Gatekeeper {
  providerToken(token: string, attempt: Attempt): Promise<Principal>
}

export function createGatekeeper(options: GatekeeperOptions): FullGatekeeper {
  const { agents, providers, tickets, gatewayTokens, clock, hooks = {} } = options
  const addressOptions = options.limits?.address ?? ADDRESS_LIMIT
  const addressLimit = createRateLimit(addressOptions, clock)
  const trials = createRateLimit(TRIALS, clock)
  const good = createGoodCredentials()
  const tellRefusal = createRefusalTeller(hooks, addressOptions, clock)
  const principalLimit = createRateLimit(options.limits?.principal ?? PRINCIPAL_LIMIT, clock)

  /**
   * Runs one attempt; a failure counts against its address and is told. An address that has failed
   * too often is one where many may be, agents and administrators too: what is good is good there
   * still, and only verifying costs from then on.
   */
  const attempted = async <T>(
    door: SignInRefusal['door'],
    credential: string,
    attempt: Attempt,
    work: (verify: Verify) => Promise<T>,
  ): Promise<T> => {
    const address = addressKey(attempt.clientAddress)
    const suspect = !addressLimit.allows(address)
    try {
      if (credential === '') throw missing()
      const result = await work((verified) => {
        const free = !suspect || good.has(credential) || trials.take(`${door} ${address}`)
        return free ? verified() : Promise.reject(rateLimited(FAILURES))
      })
      good.add(credential)
      return result
    } catch (error) {
      const failure = asChaperoneError(error, 'INTERNAL', 'The credential could not be judged.')
      const wrong = countsAgainstAddress(failure.code)
      if (wrong) addressLimit.take(address)
      const refusal = wrong && suspect ? rateLimited(FAILURES) : failure
      const claimed = claimedBy(credential)
      tellRefusal(address, {
        ...attempt,
        code: refusal.code,
        door,
        at_ms: clock.now_ms(),
        claimed,
      })
      throw refusal
    }
  }
  /** Only who proved to be somebody is counted: nobody can lock out another by naming them. */
  const limited = (id: { readonly tenant: string; readonly objectId: string }): void => {
    if (!principalLimit.take(JSON.stringify([id.tenant, id.objectId]))) throw rateLimited(SIGN_INS)
  }
  const byProvider = async (token: ParsedToken, verify: Verify): Promise<Principal> => {
    const provider = providerOf(token, providers)
    const identity = await verify(() => provider.verify(token))
    const id = identity.objectId ?? identity.appId ?? ''
    limited({ tenant: identity.tenant, objectId: id })
    return admitIdentity(identity, provider, agents, clock)
  }
  const byTicket = (ticket: string, attempt: Attempt): Principal => {
    const facts = tickets.read(ticket)
    limited(facts.snapshot)
    const principal = admitSnapshot(facts.snapshot, 'ticket', agents, clock)
    checkResource(principal, attempt)
    const uses = tickets.use(facts)
    const agent = principal.agent.name
    hooks.ticketUsed?.({ ...attempt, agent, ticketId: facts.id, uses, at_ms: clock.now_ms() })
    return principal
  }
  const byGatewayToken = async (
    token: ParsedToken,
    attempt: Attempt,
    verify: Verify,
  ): Promise<Principal> => {
    const snapshot = await verify(() => gatewayTokens.verify(token))
    limited(snapshot)
    const principal = admitSnapshot(snapshot, 'gateway-token', agents, clock)
    checkResource(principal, attempt)
    return principal
  }

  return {
    agent: (credential, attempt) =>
      attempted('agent', credential, attempt, async (verify) => {
        if (credential.startsWith(TICKET_PREFIX)) return byTicket(credential, attempt)
        const token = parseToken(credential)
        if (token.claims['iss'] === gatewayTokens.issuer)
          return byGatewayToken(token, attempt, verify)
        return byProvider(token, verify)
      }),
    providerToken: (credential, attempt) =>
      attempted('agent', credential, attempt, async (verify) =>
        byProvider(parseToken(credential), verify),
      ),
    human: (credential, attempt) =>
      attempted('human', credential, attempt, async (verify) => {
        if (credential.startsWith(TICKET_PREFIX)) throw notHuman()
        const token = parseToken(credential)
        if (token.claims['iss'] === gatewayTokens.issuer) throw notHuman()
        const provider = providerOf(token, providers)
        const identity = await verify(() => provider.verify(token))
        return personOf(identity, provider, options, limited)
      }),
  }
}

/** Checks a signature, where that may be done now. */
type Verify = <T>(verified: () => Promise<T>) => Promise<T>

/** Credentials that opened a door lately, by digest. They are judged again, and cost no trial. */
function createGoodCredentials() {
  const digests = new Set<string>()
  const digestOf = (credential: string) => hash('sha256', credential, 'base64')
  return {
    has: (credential: string) => digests.has(digestOf(credential)),
    add(credential: string) {
      const digest = digestOf(credential)
      digests.delete(digest)
      digests.add(digest)
      const [oldest] = digests
      if (digests.size > GOOD_CREDENTIALS_MAX && oldest !== undefined) digests.delete(oldest)
    },
  }
}

const TRIALS = { burst: TRIALS_BURST, perSecond: TRIALS_PER_SECOND }
const ADDRESS_LIMIT = { burst: ADDRESS_FAILURES_BURST, perSecond: ADDRESS_FAILURES_PER_SECOND }
const PRINCIPAL_LIMIT = {
  burst: PRINCIPAL_ATTEMPTS_BURST,
  perSecond: PRINCIPAL_ATTEMPTS_PER_SECOND,
}

async function personOf(
  identity: Identity,
  provider: Provider,
  { agents, humanClients, humanRoles: rules = {} }: GatekeeperOptions,
  limited: (id: { readonly tenant: string; readonly objectId: string }) => void,
): Promise<Human> {
  const { kind, tenant, objectId, appId, name } = identity
  if (kind !== 'human' || objectId === undefined) throw notHuman()
  limited({ tenant, objectId })
  // An agent must not come in with a person's token that it got hold of as a client.
  const client = appId === undefined ? undefined : agents.byAppId(tenant, appId)
  const listed = humanClients === undefined || humanClients.includes(appId ?? '')
  if (agents.byObjectId({ tenant, objectId }) !== undefined || client || !listed) throw notHuman()
  const groups = await groupsOf(identity, provider)
  return { tenant, objectId, name, groups, roles: humanRoles(rules, groups, identity.roles) }
}

function checkResource(principal: Principal, { resource, resourceType }: Attempt): void {
  const { onlyResource, onlyTypes } = principal
  if (onlyTypes !== undefined && !onlyTypes.some((type) => type === resourceType)) {
    throw new ChaperoneError('TICKET_RESOURCE', 'The token was asked for another service.', {
      hint: `Ask the gateway for a token of this resource's own scope.`,
    })
  }
  if (onlyResource === undefined || resource === undefined || onlyResource === resource) return
  throw new ChaperoneError('TICKET_RESOURCE', 'The credential is for another resource.', {
    hint: `Exchange a token for one that is bound to this resource.`,
  })
}

/** Trouble of our own or of the provider is not the client's failure. */
function countsAgainstAddress(code: Code): boolean {
  return [400, 401, 403].includes(CODES[code].http)
}

const FAILURES = 'This address presented too many wrong credentials. Correct it, and wait a minute.'
const SIGN_INS =
  'Keep connections open rather than opening one for each statement. The bound is limits.signInsPerSecond.'

function rateLimited(hint: string): ChaperoneError {
  return new ChaperoneError('RATE_LIMITED', 'Too many attempts.', { hint })
}

function missing(): ChaperoneError {
  return new ChaperoneError('CREDENTIAL_MISSING', 'No credential was presented.', {
    hint: "Present the agent's access token, or a ticket, as the password or bearer token.",
  })
}

function notHuman(): ChaperoneError {
  return new ChaperoneError('TOKEN_NOT_HUMAN', 'An agent credential opens no human door.', {
    hint: 'Sign in as a person.',
  })
}
