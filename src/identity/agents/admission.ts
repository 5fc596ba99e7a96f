import type { Clock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { Identity, Provider } from '../tokens/identity.ts'
import { typesOf } from '../tokens/services.ts'
import type { Snapshot } from '../tokens/snapshot.ts'
import type { AgentDirectory, RegisteredAgent } from './agents.ts'

/**
 * Makes a principal of what a provider's token says: the agent must be registered and not shut out.
 * Rejects with TOKEN_NOT_AGENT, an AGENT_ code, SESSION_REVOKED or TOKEN_GROUPS_UNAVAILABLE.
 */
export async function admitIdentity(
  identity: Identity,
  provider: Provider,
  agents: AgentDirectory,
  clock: Clock,
): Promise<Principal> {
  if (identity.kind !== 'agent') {
    throw new ChaperoneError('TOKEN_NOT_AGENT', 'A human token opens no agent door.', {
      hint: "Connect with a token of the agent's own: an app token, or one that an agent acts with.",
    })
  }
  const admit = (): RegisteredAgent => {
    const registered = admitted(findAgent(identity, agents), identity.issuedAt_ms, clock)
    const { appId } = registered.agent
    if (appId !== undefined && identity.appId !== appId) throw unknownAgent()
    return registered
  }
  admit()
  const groups = await groupsOf(identity, provider)
  // It may have been shut out while Graph was asked.
  const { agent } = admit()
  const { roles, tokenId, expiresAt_ms, delegation } = identity
  return {
    agent,
    groups,
    roles,
    via: 'token',
    tokenId,
    tokenExpiresAt_ms: expiresAt_ms,
    ...(delegation === undefined ? {} : { delegation }),
  }
}

/** The same for what the gateway issued; whether the agent may still come in is asked anew. */
export function admitSnapshot(
  snapshot: Snapshot,
  via: 'gateway-token' | 'ticket',
  agents: AgentDirectory,
  clock: Clock,
): Principal {
  const { groups, roles, tokenId, expiresAt_ms, resource, service, delegation } = snapshot
  const { agent } = admitted(agents.byObjectId(snapshot), snapshot.issuedAt_ms, clock)
  return {
    agent,
    groups,
    roles,
    via,
    tokenId,
    tokenExpiresAt_ms: expiresAt_ms,
    ...(resource === undefined ? {} : { onlyResource: resource }),
    ...(service === undefined ? {} : { onlyTypes: typesOf(service) }),
    ...(delegation === undefined ? {} : { delegation }),
  }
}

export function groupsOf(identity: Identity, provider: Provider): Promise<readonly string[]> {
  if (identity.groups === 'elsewhere') return provider.groups(identity)
  return Promise.resolve(identity.groups)
}

function findAgent(identity: Identity, agents: AgentDirectory): RegisteredAgent | undefined {
  const { tenant, objectId, appId } = identity
  if (objectId !== undefined) return agents.byObjectId({ tenant, objectId })
  return appId === undefined ? undefined : agents.byAppId(tenant, appId)
}

function admitted(
  registered: RegisteredAgent | undefined,
  issuedAt_ms: number,
  clock: Clock,
): RegisteredAgent {
  if (registered === undefined) throw unknownAgent()
  const { agent, block } = registered
  if (agent.disabled) {
    throw new ChaperoneError('AGENT_DISABLED', `The agent "${agent.name}" is disabled.`, {
      hint: `Ask its owner, or an administrator of the gateway, to enable it.`,
    })
  }
  if (agent.expiresAt_ms !== undefined && agent.expiresAt_ms <= clock.now_ms()) {
    throw new ChaperoneError('AGENT_EXPIRED', `The registration of "${agent.name}" has expired.`, {
      hint: 'Ask an administrator of the gateway to renew the registration.',
    })
  }
  if (block !== undefined && issuedAt_ms <= block.credentialsAfter_ms) {
    throw new ChaperoneError('SESSION_REVOKED', 'The credential is from before a revocation.', {
      hint: `Only what the identity provider issues after it counts: sign in anew there, since a kept or exchanged token stays as old as it is. Or ask ${agent.owner}, the agent's owner.`,
    })
  }
  return registered
}

function unknownAgent(): ChaperoneError {
  return new ChaperoneError('AGENT_UNKNOWN', 'The principal is not registered as an agent.', {
    hint: 'Ask an administrator of the gateway to register its object id, with an owner.',
  })
}
