import type { AgentId } from './agent-store.ts'
import type { Store } from './sqlite.ts'
import { storeErrors } from './sqlite.ts'

/** Issued tickets, by digest; the tickets themselves are nowhere. Throws STATE_UNAVAILABLE. */
export interface TicketStore {
  insert(ticket: StoredTicket): void
  find(digest: string): StoredTicket | undefined
  /** Counts a use; answers how often it was used, this time included. */
  recordUse(digest: string, at_ms: number): number
  /** Answers how many there were. */
  removeOf(agent: AgentId): number
  removeExpired(now_ms: number): void
}

export interface StoredTicket extends AgentId {
  /** SHA-256 of the ticket, hex. */
  readonly digest: string
  readonly audience: string
  readonly resource?: string
  readonly issuedAt_ms: number
  readonly expiresAt_ms: number
  /** JSON: what the agent's token said when the ticket was issued. */
  readonly snapshot: string
  readonly uses: number
  readonly usedAt_ms?: number
}

const MIGRATIONS = [
  `CREATE TABLE ticket (
    digest TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    object_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    resource TEXT,
    issued_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    snapshot TEXT NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0,
    used_at_ms INTEGER
  ) STRICT, WITHOUT ROWID`,
  'CREATE INDEX ticket_agent ON ticket (tenant, object_id)',
  'CREATE INDEX ticket_expiry ON ticket (expires_at_ms)',
]

export function createTicketStore(store: Store): TicketStore {
  store.migrate('tickets', MIGRATIONS)
  const { database } = store
  const insert = database.prepare(
    `INSERT INTO ticket
     (digest, tenant, object_id, audience, resource, issued_at_ms, expires_at_ms, snapshot, uses)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const find = database.prepare('SELECT * FROM ticket WHERE digest = ?')
  const use = database.prepare(
    'UPDATE ticket SET uses = uses + 1, used_at_ms = ? WHERE digest = ? RETURNING uses',
  )
  const removeOf = database.prepare('DELETE FROM ticket WHERE tenant = ? AND object_id = ?')
  const removeExpired = database.prepare('DELETE FROM ticket WHERE expires_at_ms <= ?')
  return {
    insert: (ticket) =>
      storeErrors(() => {
        insert.run(
          ticket.digest,
          ticket.tenant,
          ticket.objectId,
          ticket.audience,
          ticket.resource ?? null,
          ticket.issuedAt_ms,
          ticket.expiresAt_ms,
          ticket.snapshot,
          ticket.uses,
        )
      }),
    find: (digest) =>
      storeErrors(() => {
        const row = find.get(digest)
        return row === undefined ? undefined : ticketOf(row)
      }),
    recordUse: (digest, at_ms) => storeErrors(() => Number(use.get(at_ms, digest)?.['uses'] ?? 0)),
    removeOf: ({ tenant, objectId }) =>
      storeErrors(() => Number(removeOf.run(tenant, objectId).changes)),
    removeExpired: (now_ms) =>
      storeErrors(() => {
        removeExpired.run(now_ms)
      }),
  }
}

function ticketOf(row: Record<string, unknown>): StoredTicket {
  const resource = row['resource']
  const usedAt_ms = row['used_at_ms']
  return {
    digest: String(row['digest']),
    tenant: String(row['tenant']),
    objectId: String(row['object_id']),
    audience: String(row['audience']),
    ...(typeof resource === 'string' ? { resource } : {}),
    issuedAt_ms: Number(row['issued_at_ms']),
    expiresAt_ms: Number(row['expires_at_ms']),
    snapshot: String(row['snapshot']),
    uses: Number(row['uses']),
    ...(usedAt_ms === null ? {} : { usedAt_ms: Number(usedAt_ms) }),
  }
}
