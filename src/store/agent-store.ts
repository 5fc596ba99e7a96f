import type { Agent } from '../core/principal.ts'
import type { Store } from './sqlite.ts'
import { storeErrors } from './sqlite.ts'

/** Agents registered through the API, and who was shut out. Throws STATE_UNAVAILABLE. */
export interface AgentStore {
  list(): readonly Agent[]
  /** Inserts, or replaces the one with the same tenant and object id. */
  put(agent: Agent): void
  remove(id: AgentId): void
  blocks(): readonly AgentBlock[]
  putBlock(block: AgentBlock): void
}

export interface AgentId {
  readonly tenant: string
  readonly objectId: string
}

/** What the API decided about an agent, wherever it was declared. It outlives the registration. */
export interface AgentBlock extends AgentId {
  readonly disabled: boolean
  /** Credentials issued before this are refused even when the agent is enabled again. */
  readonly credentialsAfter_ms: number
  readonly reason: string
  /** Who decided. */
  readonly by: string
  readonly at_ms: number
}

const MIGRATIONS = [
  `CREATE TABLE agent (
    tenant TEXT NOT NULL,
    object_id TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    app_id TEXT,
    owner TEXT NOT NULL,
    purpose TEXT NOT NULL,
    labels TEXT NOT NULL,
    expires_at_ms INTEGER,
    disabled INTEGER NOT NULL,
    PRIMARY KEY (tenant, object_id)
  ) STRICT`,
  `CREATE TABLE agent_block (
    tenant TEXT NOT NULL,
    object_id TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    credentials_after_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, object_id)
  ) STRICT`,
]

type Row = Record<string, unknown>

export function createAgentStore(store: Store): AgentStore {
  store.migrate('agents', MIGRATIONS)
  const { database } = store
  const list = database.prepare('SELECT * FROM agent ORDER BY name')
  const put = database.prepare(
    `INSERT INTO agent (tenant, object_id, name, app_id, owner, purpose, labels, expires_at_ms, disabled)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant, object_id) DO UPDATE SET name = excluded.name, app_id = excluded.app_id,
       owner = excluded.owner, purpose = excluded.purpose, labels = excluded.labels,
       expires_at_ms = excluded.expires_at_ms, disabled = excluded.disabled`,
  )
  const remove = database.prepare('DELETE FROM agent WHERE tenant = ? AND object_id = ?')
  const blocks = database.prepare('SELECT * FROM agent_block')
  const putBlock = database.prepare(
    `INSERT OR REPLACE INTO agent_block
     (tenant, object_id, disabled, credentials_after_ms, reason, decided_by, at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  return {
    list: () => storeErrors(() => list.all().map(agentOf)),
    put: (agent) =>
      storeErrors(() => {
        put.run(
          agent.tenant,
          agent.objectId,
          agent.name,
          agent.appId ?? null,
          agent.owner,
          agent.purpose,
          JSON.stringify(agent.labels),
          agent.expiresAt_ms ?? null,
          agent.disabled ? 1 : 0,
        )
      }),
    remove: ({ tenant, objectId }) =>
      storeErrors(() => {
        remove.run(tenant, objectId)
      }),
    blocks: () => storeErrors(() => blocks.all().map(blockOf)),
    putBlock: (block) =>
      storeErrors(() => {
        putBlock.run(
          block.tenant,
          block.objectId,
          block.disabled ? 1 : 0,
          block.credentialsAfter_ms,
          block.reason,
          block.by,
          block.at_ms,
        )
      }),
  }
}

function agentOf(row: Row): Agent {
  const appId = row['app_id']
  const expiresAt_ms = row['expires_at_ms']
  return {
    name: String(row['name']),
    tenant: String(row['tenant']),
    objectId: String(row['object_id']),
    ...(typeof appId === 'string' ? { appId } : {}),
    owner: String(row['owner']),
    purpose: String(row['purpose']),
    labels: JSON.parse(String(row['labels'])) as Record<string, string>,
    ...(expiresAt_ms === null ? {} : { expiresAt_ms: Number(expiresAt_ms) }),
    disabled: row['disabled'] === 1,
  }
}

function blockOf(row: Row): AgentBlock {
  return {
    tenant: String(row['tenant']),
    objectId: String(row['object_id']),
    disabled: row['disabled'] === 1,
    credentialsAfter_ms: Number(row['credentials_after_ms']),
    reason: String(row['reason']),
    by: String(row['decided_by']),
    at_ms: Number(row['at_ms']),
  }
}
