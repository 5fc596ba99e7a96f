import type { SQLInputValue } from 'node:sqlite'
import type { Store } from '../store/sqlite.ts'
import { inTransaction, storeErrors } from '../store/sqlite.ts'
import type { CountedAnswer } from './terms.ts'
import type { AgentHistory, ApprovalState, KeptApproval, KeptRequest } from './view.ts'

/** Requests and answers on disk. Every method throws STATE_UNAVAILABLE. */
export interface ApprovalStore {
  insert(approval: KeptApproval): void
  /** Keeps an answer (a person's later one replaces the earlier) and where it brings the request. */
  answer(id: string, answer: CountedAnswer, state: ApprovalState, at_ms: number): void
  settle(id: string, state: ApprovalState, at_ms: number): void
  find(id: string): KeptApproval | undefined
  page(query: PageQuery): readonly KeptApproval[]
  /** How many requests the agent made since then. */
  countSince(agent: string, since_ms: number): number
  history(kept: KeptApproval, since_ms: number): AgentHistory
  /** Forgets settled requests from before this time. */
  prune(before_ms: number): void
}

export interface PageQuery {
  readonly state?: ApprovalState
  readonly agent?: string
  /** The id after which (in descending order) the page starts. */
  readonly after?: string
  readonly limit: number
}

const MIGRATIONS = [
  `CREATE TABLE approval (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    agent TEXT NOT NULL,
    resource TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    requested_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    settled_at_ms INTEGER,
    request TEXT NOT NULL
  ) STRICT`,
  'CREATE INDEX approval_state ON approval (state, id)',
  'CREATE INDEX approval_agent ON approval (agent, id)',
  'CREATE INDEX approval_recent ON approval (agent, requested_at_ms)',
  `CREATE TABLE approval_answer (
    approval TEXT NOT NULL REFERENCES approval (id) ON DELETE CASCADE,
    tenant TEXT NOT NULL,
    object_id TEXT NOT NULL,
    name TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    answer TEXT NOT NULL,
    reason TEXT,
    speaks_for TEXT NOT NULL,
    interested INTEGER NOT NULL,
    PRIMARY KEY (approval, tenant, object_id)
  ) STRICT, WITHOUT ROWID`,
] as const

const INSERT = `INSERT INTO approval
  (id, state, agent, resource, fingerprint, requested_at_ms, expires_at_ms, settled_at_ms, request)
  VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)`
const ANSWER = `INSERT OR REPLACE INTO approval_answer
  (approval, tenant, object_id, name, at_ms, answer, reason, speaks_for, interested)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
const SETTLE = `UPDATE approval SET state = ?, settled_at_ms = ? WHERE id = ? AND state = 'pending'`
const HISTORY = `SELECT count(*) AS requests,
    count(*) FILTER (WHERE state = 'approved') AS approved,
    count(*) FILTER (WHERE state = 'denied') AS denied,
    count(*) FILTER (WHERE state = 'approved' AND fingerprint = ?) AS same_approved
  FROM approval WHERE agent = ? AND resource = ? AND requested_at_ms >= ? AND id < ?`
const PRUNE = `DELETE FROM approval WHERE state <> 'pending' AND settled_at_ms < ?`

const COUNT = 'SELECT count(*) AS asked FROM approval WHERE agent = ? AND requested_at_ms >= ?'

type Row = Record<string, unknown>

export function openApprovalStore(store: Store): ApprovalStore {
  store.migrate('approval', MIGRATIONS)
  const { database } = store
  const insert = database.prepare(INSERT)
  const answer = database.prepare(ANSWER)
  const settle = database.prepare(SETTLE)
  const find = database.prepare('SELECT * FROM approval WHERE id = ?')
  const answers = database.prepare(
    'SELECT * FROM approval_answer WHERE approval = ? ORDER BY at_ms',
  )
  const history = database.prepare(HISTORY)
  const count = database.prepare(COUNT)
  const prune = database.prepare(PRUNE)

  function whole(row: Row): KeptApproval {
    return keptApproval(row, answers.all(String(row['id'])))
  }

  return {
    insert({ id, state, requestedAt_ms, expiresAt_ms, request }) {
      const { agent, resource, fingerprint } = request
      const names = [agent.name, resource.name, fingerprint] as const
      const text = JSON.stringify(request)
      storeErrors(() => insert.run(id, state, ...names, requestedAt_ms, expiresAt_ms, text))
    },
    answer(id, given, state, at_ms) {
      inTransaction(database, () => {
        answer.run(id, ...answerColumns(given))
        if (state !== 'pending') settle.run(state, at_ms, id)
      })
    },
    settle(id, state, at_ms) {
      storeErrors(() => settle.run(state, at_ms, id))
    },
    find: (id) =>
      storeErrors(() => {
        const row = find.get(id)
        return row === undefined ? undefined : whole(row)
      }),
    page: (query) =>
      storeErrors(() => {
        const { sql, values } = pageStatement(query)
        return database
          .prepare(sql)
          .all(...values)
          .map(whole)
      }),
    countSince: (agent, since_ms) =>
      storeErrors(() => Number(count.get(agent, since_ms)?.['asked'] ?? 0)),
    history: ({ id, request }, since_ms) =>
      storeErrors(() => {
        const { fingerprint, agent, resource } = request
        const row = history.get(fingerprint, agent.name, resource.name, since_ms, id)
        return agentHistory(row ?? {}, since_ms)
      }),
    prune(before_ms) {
      storeErrors(() => prune.run(before_ms))
    },
  }
}

function answerColumns(given: CountedAnswer): SQLInputValue[] {
  return [
    given.tenant,
    given.objectId,
    given.name,
    given.at_ms,
    given.answer,
    given.reason ?? null,
    JSON.stringify(given.speaksFor),
    given.interested ? 1 : 0,
  ]
}

function pageStatement({ state, agent, after, limit }: PageQuery) {
  const terms: [string, string | undefined][] = [
    ['state = ?', state],
    ['agent = ?', agent],
    ['id < ?', after],
  ]
  const chosen = terms.filter((term): term is [string, string] => term[1] !== undefined)
  const where = chosen.length === 0 ? '' : `WHERE ${chosen.map(([sql]) => sql).join(' AND ')}`
  return {
    sql: `SELECT * FROM approval ${where} ORDER BY id DESC LIMIT ?`,
    values: [...chosen.map(([, value]) => value), limit] as SQLInputValue[],
  }
}

function keptApproval(row: Row, answers: readonly Row[]): KeptApproval {
  const settledAt_ms = row['settled_at_ms']
  return {
    id: String(row['id']),
    state: row['state'] as ApprovalState,
    requestedAt_ms: Number(row['requested_at_ms']),
    expiresAt_ms: Number(row['expires_at_ms']),
    ...(settledAt_ms === null ? {} : { settledAt_ms: Number(settledAt_ms) }),
    request: JSON.parse(String(row['request'])) as KeptRequest,
    answers: answers.map(countedAnswer),
  }
}

function countedAnswer(row: Row): CountedAnswer {
  return {
    tenant: String(row['tenant']),
    objectId: String(row['object_id']),
    name: String(row['name']),
    at_ms: Number(row['at_ms']),
    answer: row['answer'] === 'approve' ? 'approve' : 'deny',
    ...(typeof row['reason'] === 'string' ? { reason: row['reason'] } : {}),
    speaksFor: JSON.parse(String(row['speaks_for'])) as number[],
    interested: row['interested'] === 1,
  }
}

function agentHistory(row: Row, since_ms: number): AgentHistory {
  return {
    since_ms,
    requests: Number(row['requests'] ?? 0),
    approved: Number(row['approved'] ?? 0),
    denied: Number(row['denied'] ?? 0),
    sameApproved: Number(row['same_approved'] ?? 0),
  }
}
