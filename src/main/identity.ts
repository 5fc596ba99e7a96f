import type { Config, ProviderConfig } from '../config/schema.ts'
import { readSecret } from '../config/secret.ts'
import type { SteadyClock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { AgentRegistry } from '../identity/agents/agents.ts'
import { createAgentRegistry } from '../identity/agents/agents.ts'
import { createTickets } from '../identity/agents/tickets.ts'
import type { FullGatekeeper } from '../identity/create-gatekeeper.ts'
import { createGatekeeper } from '../identity/create-gatekeeper.ts'
import type { GatekeeperHooks } from '../identity/gatekeeper.ts'
import { createEntraProvider } from '../identity/providers/entra.ts'
import { createOidcProvider } from '../identity/providers/oidc.ts'
import type { Issuance, TokenService } from '../identity/sts.ts'
import { createTokenService } from '../identity/sts.ts'
import { createGatewayTokens } from '../identity/tokens/gateway-tokens.ts'
import type { Provider } from '../identity/tokens/identity.ts'
import type { SigningKeys } from '../identity/tokens/signing-keys.ts'
import { createSigningKeys } from '../identity/tokens/signing-keys.ts'
import { createAgentStore } from '../store/agent-store.ts'
import { createKeyStore } from '../store/key-store.ts'
import type { Store } from '../store/sqlite.ts'
import { createTicketStore } from '../store/ticket-store.ts'
import type { AgentFiles } from './agent-files.ts'
import { declareAgentFiles, readText } from './agent-files.ts'
import { openGraphToken } from './graph-token.ts'

export interface IdentityHooks extends GatekeeperHooks {
  issued(issuance: Issuance): void
}

export interface WiredIdentity {
  readonly agents: AgentRegistry
  readonly agentFiles: AgentFiles
  readonly gatekeeper: FullGatekeeper
  readonly tokens: TokenService
  readonly keys: SigningKeys
}

/** Who vouches for whom: providers, the registry, the gateway's own tokens and tickets. */
export function wireIdentity(
  config: Config,
  store: Store,
  clock: SteadyClock,
  hooks: IdentityHooks,
  log: Log,
): WiredIdentity {
  const { gateway, humans } = config.identity
  const agents = createAgentRegistry({ store: createAgentStore(store), clock })
  const agentFiles = declareAgentFiles(config.agents.files, agents, log)
  const keys = createSigningKeys({ store: createKeyStore(store), clock })
  const gatewayTokens = createGatewayTokens({ issuer: gateway.issuer, keys, clock })
  const tickets = createTickets({
    store: createTicketStore(store),
    agents,
    clock,
    audience: gateway.issuer,
  })
  const gatekeeper = createGatekeeper({
    providers: config.identity.providers.map((provider) => openProvider(provider, clock)),
    agents,
    tickets,
    gatewayTokens,
    clock,
    hooks,
    ...(humans === undefined ? {} : { humanRoles: humans.roles, humanClients: [humans.clientId] }),
    limits: {
      address: perMinute(config.limits.failedSignInsPerMinute),
      principal: perSecond(config.limits.signInsPerSecond),
    },
  })
  const resources = new Set(config.resources.map(({ name }) => name))
  const tokens = createTokenService({
    gatekeeper,
    tickets,
    gatewayTokens,
    clock,
    ticketLifetime_ms: gateway.ticketLifetime,
    tokenLifetime_ms: gateway.tokenLifetime,
    knowsResource: (name) => resources.has(name),
    issued: (issuance) => hooks.issued(issuance),
  })
  return { agents, agentFiles, gatekeeper, tokens, keys }
}

function perMinute(count: number): { burst: number; perSecond: number } {
  return { burst: count, perSecond: count / 60 }
}

/** A pool that reconnects opens all of its connections at once. */
function perSecond(count: number): { burst: number; perSecond: number } {
  return { burst: count * 5, perSecond: count }
}

function openProvider(provider: ProviderConfig, clock: SteadyClock): Provider {
  const ca = provider.ca === undefined ? {} : { ca: readText(provider.ca) }
  if (provider.type === 'oidc') {
    const { type: _type, ca: _file, maxTokenAge, ...rest } = provider
    return createOidcProvider({ ...rest, ...ca, maxAge_ms: maxTokenAge }, clock)
  }
  const { tenant, audience, authority, graph, graphCredential, maxTokenAge } = provider
  const graphToken =
    graphCredential === undefined
      ? {}
      : {
          graphToken: openGraphToken(
            { tenant, authority, graph, ...ca },
            graphCredential.from === 'managed-identity'
              ? { from: 'managed-identity', clientId: graphCredential.clientId }
              : {
                  from: 'secret',
                  clientId: graphCredential.clientId,
                  secret: () => readSecret(graphCredential),
                },
            clock,
          ),
        }
  const { requireIdtyp, groupsFrom } = provider
  return createEntraProvider(
    {
      tenant,
      audience,
      authority,
      graph,
      requireIdtyp,
      groupsFrom,
      maxAge_ms: maxTokenAge,
      ...ca,
      ...graphToken,
    },
    clock,
  )
}
