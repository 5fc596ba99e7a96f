import type { Principal } from '../../core/principal.ts'
import { shorten } from './cut.ts'
import { inner } from './fragments.ts'
import { SHORT_CHARS_MAX } from './limits.ts'
import { DATASTORE_ACTIVITY, OCSF_VERSION, operationClass } from './ocsf.ts'
import type { SessionFacts } from './trail.ts'

/** The version of our own fields, `unmapped.chaperone`. */
export const RECORD_FORMAT = 1

/** What all lines of one session share, as JSON; every part ends with a comma. */
export interface LineShape {
  /** True where an operation is an API call rather than a statement. */
  readonly api: boolean
  readonly class_uid: number
  /** After the head of `metadata`, up to the event's own members. */
  readonly prefix: string
  readonly signInPrefix: string
  readonly unknownActivity: string
  /** Opens `unmapped.chaperone`. */
  readonly own: string
  /** Written once, with `session.opened`. */
  readonly facts: object
}

export function lineShape(facts: SessionFacts, gatewayVersion: string): LineShape {
  const class_uid = operationClass(facts.protocol)
  const metadata = metadataTail(gatewayVersion, ['ai_operation', 'security_control'])
  const who = whoAndWhere(facts)
  const database = { name: facts.database ?? facts.resource.name, type_id: 1 }
  const target = class_uid === DATASTORE_ACTIVITY ? { database } : {}
  return {
    api: class_uid !== DATASTORE_ACTIVITY,
    class_uid,
    prefix: metadata + inner({ category_uid: 6, class_uid, ...who, ...target }),
    signInPrefix:
      metadata +
      inner({
        category_uid: 3,
        class_uid: 3002,
        ...who,
        user: who.actor.user,
        session: who.actor.session,
        service: { name: facts.resource.name },
      }),
    unknownActivity: inner({ activity_id: 0, type_uid: class_uid * 100 }),
    own: '"unmapped":{"chaperone":{' + inner(ownFacts(facts)),
    facts: openedFacts(facts),
  }
}

/** Closes `metadata`, which the journal opened with the record's uid and sequence. */
export function metadataTail(gatewayVersion: string, profiles: readonly string[]): string {
  const product = { name: 'Chaperone', vendor_name: 'Chaperone', version: gatewayVersion }
  const tail = { version: OCSF_VERSION, product, ...(profiles.length === 0 ? {} : { profiles }) }
  return `${JSON.stringify(tail).slice(1)},`
}

function whoAndWhere(facts: SessionFacts) {
  const { agent, tokenId } = facts.principal
  return {
    actor: {
      user: { uid: agent.objectId, name: agent.name, type_id: 4 },
      session: {
        uid: facts.id,
        created_time: Math.trunc(facts.startedAt_ms),
        credential_uid: tokenId,
      },
    },
    ai_agent: { uid: agent.appId ?? agent.objectId, name: agent.name, instance_uid: facts.id },
    ...delegation(facts.principal),
    src_endpoint: endpoint(facts.clientAddress),
    dst_endpoint: { name: facts.resource.name },
  }
}

/** An agent that acts for a user does so under a delegation; both are recorded. */
function delegation(principal: Principal): object {
  if (principal.delegation === undefined) return {}
  const uid = `${principal.agent.objectId}:${principal.delegation.objectId}`
  return { delegation: { uid, issuer_uid: 'chaperone' } }
}

/** An address goes into `ip` only if it looks like one. */
export function endpoint(address: string): { ip: string } | { name: string } {
  const short = shorten(address, SHORT_CHARS_MAX)
  return /^[0-9a-f.:]+$/i.test(short) ? { ip: short } : { name: short }
}

function labels(name: string, all: Readonly<Record<string, string>>): object {
  return Object.keys(all).length === 0 ? {} : { [name]: all }
}

function ownFacts(facts: SessionFacts): object {
  return {
    format: RECORD_FORMAT,
    session: facts.id,
    agent: facts.principal.agent.name,
    resource: facts.resource.name,
    protocol: facts.protocol,
  }
}

function openedFacts(facts: SessionFacts): object {
  const { principal, resource } = facts
  return {
    startedAt_ms: Math.trunc(facts.startedAt_ms),
    clientAddress: shorten(facts.clientAddress, SHORT_CHARS_MAX),
    ...(facts.client === undefined ? {} : { client: shorten(facts.client, SHORT_CHARS_MAX) }),
    ...(facts.database === undefined ? {} : { database: shorten(facts.database, SHORT_CHARS_MAX) }),
    resourceType: resource.type,
    ...labels('resourceLabels', resource.labels),
    tenant: principal.agent.tenant,
    owner: principal.agent.owner,
    purpose: principal.agent.purpose,
    ...labels('agentLabels', principal.agent.labels),
    groups: principal.groups,
    roles: principal.roles,
    via: principal.via,
    tokenId: principal.tokenId,
    tokenExpiresAt_ms: principal.tokenExpiresAt_ms,
    ...(principal.delegation === undefined ? {} : { delegation: principal.delegation }),
  }
}
