import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Clock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { TicketStore } from '../../store/ticket-store.ts'
import { TICKET_RANDOM_BYTES } from '../tokens/limits.ts'
import type { Snapshot } from '../tokens/snapshot.ts'
import type { AgentDirectory } from './agents.ts'

export const TICKET_PREFIX = 'chp_'

const FORM = /^chp_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/

/** Opaque credentials for clients with short password fields: 53 characters. */
export interface Tickets {
  issue(grant: TicketGrant): string
  /** Throws CREDENTIAL_MALFORMED, TICKET_UNKNOWN, TICKET_EXPIRED, TOKEN_AUDIENCE. */
  read(ticket: string): TicketFacts
  /** Counts a use and answers how often the ticket was used, this time included. */
  use(facts: TicketFacts): number
}

interface TicketGrant {
  readonly principal: Principal
  readonly resource?: string
  readonly expiresAt_ms: number
}

interface TicketFacts {
  readonly snapshot: Snapshot
  /** Names the ticket in records; it cannot be used in its place. */
  readonly id: string
  readonly digest: string
}

/** Tickets of an agent that is shut out, removed or changed are gone for good. */
export function createTickets(options: {
  readonly store: TicketStore
  readonly agents: Pick<AgentDirectory, 'onRevoked'>
  readonly clock: Clock
  /** The one gateway where these tickets are good: its issuer. */
  readonly audience: string
}): Tickets {
  const { store, agents, clock, audience } = options
  agents.onRevoked((agent) => store.removeOf(agent))
  return {
    issue({ principal, resource, expiresAt_ms }) {
      const { agent, groups, roles, tokenId, delegation } = principal
      const ticket = makeTicket()
      const issuedAt_ms = clock.now_ms()
      const said = { groups, roles, tokenId, ...(delegation === undefined ? {} : { delegation }) }
      store.removeExpired(issuedAt_ms)
      store.insert({
        tenant: agent.tenant,
        objectId: agent.objectId,
        digest: digestOf(ticket),
        audience,
        ...(resource === undefined ? {} : { resource }),
        issuedAt_ms,
        expiresAt_ms,
        snapshot: JSON.stringify(said),
        uses: 0,
      })
      return ticket
    },
    read(ticket) {
      if (!isWellFormed(ticket)) {
        throw ticketError('CREDENTIAL_MALFORMED', 'The ticket was changed or cut.')
      }
      const digest = digestOf(ticket)
      const stored = store.find(digest)
      if (stored === undefined) {
        throw ticketError('TICKET_UNKNOWN', 'There is no such ticket, or it was revoked.')
      }
      if (stored.expiresAt_ms <= clock.now_ms()) {
        throw ticketError('TICKET_EXPIRED', 'The ticket has expired.')
      }
      if (stored.audience !== audience) {
        throw ticketError('TOKEN_AUDIENCE', 'The ticket is for another gateway.')
      }
      const { tenant, objectId, issuedAt_ms, expiresAt_ms, resource } = stored
      const said = JSON.parse(stored.snapshot) as Pick<Snapshot, 'groups' | 'roles' | 'tokenId'>
      const bound = resource === undefined ? {} : { resource }
      const snapshot = { ...said, tenant, objectId, issuedAt_ms, expiresAt_ms, ...bound }
      return { snapshot, digest, id: digest.slice(0, 16) }
    },
    use: ({ digest }) => store.recordUse(digest, clock.now_ms()),
  }
}

/** The checksum lets scanners tell a leaked ticket from noise, and saves looking up typing errors. */
function makeTicket(): string {
  const random = randomBytes(TICKET_RANDOM_BYTES).toString('base64url')
  return `${TICKET_PREFIX}${random}${checksum(random)}`
}

function isWellFormed(ticket: string): boolean {
  const [, random, sum] = FORM.exec(ticket) ?? []
  return random !== undefined && checksum(random) === sum
}

function checksum(text: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64url')
}

function digestOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex')
}

function ticketError(
  code: 'CREDENTIAL_MALFORMED' | 'TICKET_UNKNOWN' | 'TICKET_EXPIRED' | 'TOKEN_AUDIENCE',
  message: string,
): ChaperoneError {
  return new ChaperoneError(code, message, {
    hint: 'Exchange a fresh token for a new ticket.',
  })
}
