import { createApi } from '../../../src/api/app.ts'
import type { ApiDeps, RecordedSession } from '../../../src/api/deps.ts'
import type { ApprovalRequest } from '../../../src/approval/approvals.ts'
import { createApprovals } from '../../../src/approval/desk.ts'
import { silentNotifier } from '../../../src/approval/notify.ts'
import { ChaperoneError } from '../../../src/core/errors.ts'
import { silentLog } from '../../../src/core/log.ts'
import type { Human, HumanRole } from '../../../src/core/principal.ts'
import { createAgentRegistry } from '../../../src/identity/agents/agents.ts'
import type { Note } from '../../../src/record/lines/trail.ts'
import { createSessionRegistry } from '../../../src/session/registry.ts'
import { createAgentStore } from '../../../src/store/agent-store.ts'
import { openStore } from '../../../src/store/sqlite.ts'

const NOW_MS = Date.parse('2026-11-24T09:00:00Z')

function person(name: string, ...roles: HumanRole[]): Human {
  return { tenant: 't1', objectId: `oid-${name}`, name, groups: ['dba'], roles }
}

/** The token is the person's name. */
export const PEOPLE: Readonly<Record<string, Human>> = {
  adam: person('adam', 'admin'),
  anna: person('anna', 'approver'),
  olga: person('olga', 'approver'),
  rita: person('rita', 'reviewer'),
  otto: person('otto', 'auditor'),
  nils: person('nils'),
}

export const AGENT = {
  name: 'etl-1',
  tenant: 't1',
  objectId: 'oid-agent',
  owner: 'oid-olga',
  purpose: 'nightly load',
}

const RECORDED: RecordedSession = {
  id: 's-old',
  agent: 'etl-1',
  resource: 'sales-db',
  protocol: 'postgres',
  clientAddress: '10.0.0.9',
  startedAt_ms: NOW_MS - 60_000,
  endedAt_ms: NOW_MS - 30_000,
  counts: { operations: 7, denied: 2, held: 1, rows: 40 },
}

/** The API over the real registries and desk, with fakes of the rest. */
export function setUp(changes: Partial<ApiDeps> = {}) {
  const clock = { now_ms: () => NOW_MS, steady_ms: () => 0 }
  const store = openStore(':memory:')
  const notes: Note[] = []
  const order: string[] = []
  const recorder = {
    broken: false,
    stale: false,
    fault: undefined,
    note: (note: Note) => {
      notes.push(note)
      order.push(`note ${note.type}`)
    },
    afterCommit(waiter: Parameters<ApiDeps['recorder']['afterCommit']>[0]) {
      if (recorder.broken)
        waiter.failed(new ChaperoneError('RECORD_UNAVAILABLE', 'The disk is full.'))
      else waiter.committed()
    },
  }
  const agents = createAgentRegistry({ store: createAgentStore(store), clock })
  agents.create(AGENT)
  const sessions = createSessionRegistry(clock, { sessionsMax: 10, sessionsPerAgentMax: 10 })
  const approvals = createApprovals({
    store,
    clock,
    recorder,
    notify: silentNotifier,
    log: silentLog,
  })
  const attempts: string[] = []
  const deps: ApiDeps = {
    clock,
    log: silentLog,
    recorder,
    gatekeeper: {
      human(token, { clientAddress }) {
        attempts.push(clientAddress)
        const human = PEOPLE[token]
        return human === undefined
          ? Promise.reject(new ChaperoneError('TOKEN_SIGNATURE', 'The signature is wrong.'))
          : Promise.resolve(human)
      },
    },
    agents,
    tokens: {
      exchange(subject, { type, resource }) {
        if (resource === 'nowhere') {
          return Promise.reject(
            new ChaperoneError('RESOURCE_UNKNOWN', 'There is "no" such résource.'),
          )
        }
        if (subject === 'crash') return Promise.reject(new TypeError('secret inside'))
        if (subject === 'busy') {
          return Promise.reject(new ChaperoneError('PROVIDER_UNAVAILABLE', 'No keys.'))
        }
        if (subject !== 'good') {
          return Promise.reject(new ChaperoneError('TOKEN_EXPIRED', 'The token has expired.'))
        }
        return Promise.resolve({
          token: 'issued',
          type,
          expiresAt_ms: NOW_MS + 90_500,
          agent: 'etl-1',
        })
      },
      narrow(ticket, { type }) {
        if (!ticket.startsWith('chp_')) {
          return Promise.reject(new ChaperoneError('CREDENTIAL_MALFORMED', 'No ticket.'))
        }
        const expiresAt_ms = NOW_MS + 90_500
        return Promise.resolve({ token: 'narrowed', type, expiresAt_ms, agent: 'etl-1' })
      },
    },
    keys: { jwks: () => ({ keys: [{ kty: 'EC', kid: 'k1' }] }) },
    gateway: {
      issuer: 'urn:chaperone',
      baseUrl: 'https://gateway.example',
      publicUrl: 'https://gateway.example',
    },
    approvals,
    sessions,
    records: {
      sessions: () => Promise.resolve({ items: [RECORDED], next: 'more' }),
      session: (id) =>
        Promise.resolve(
          id === 's-old' ? { session: RECORDED, events: [{ text: 'SELECT 1' }] } : undefined,
        ),
      search: ({ text }) =>
        text === 'agent:'
          ? Promise.reject(new ChaperoneError('SEARCH_SYNTAX', 'A value is missing.'))
          : Promise.resolve({ items: [{ query: text }] }),
    },
    policies: {
      version: () => 'v1',
      list: () => [{ name: 'p', rules: ['read'] }],
      problems: () => [{ code: 'POLICY_INVALID', message: 'wrong', file: 'x.yaml', line: 3 }],
      explain: (question) => Promise.resolve({ effect: 'allow', asked: question.text }),
    },
    resources: () => [
      { name: 'sales-db', type: 'postgres', labels: {}, address: 'HIDDEN-ADDRESS' } as never,
    ],
    signIn: { issuer: 'https://login.example/t1/v2.0', clientId: 'c', scope: 's' },
    health: () => [
      { name: 'records', state: recorder.broken ? 'failed' : 'ok' },
      { name: 'policies', state: recorder.stale ? 'degraded' : 'ok' },
    ],
    ...changes,
  }
  const api = createApi(deps)

  async function call(who: string | undefined, method: string, path: string, body?: unknown) {
    const response = await api.request(path, {
      method,
      headers: {
        ...(who === undefined ? {} : { authorization: `Bearer ${who}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const json: unknown = text === '' ? {} : JSON.parse(text)
    const code = codeOf(json)
    return { status: response.status, headers: response.headers, json, code }
  }

  function openSession(id: string, agent = 'etl-1') {
    sessions.admit({
      id,
      agent,
      resource: 'sales-db',
      protocol: 'postgres',
      clientAddress: '10.0.0.1',
      startedAt_ms: NOW_MS,
      end: (code) => {
        order.push(`end ${id} ${code}`)
        sessions.leave(id)
      },
      counts: () => ({ operations: 3, denied: 1, held: 2 }),
      overdue: () => undefined,
      busy: () => false,
      restsSince: () => undefined,
      policyChanged: () => undefined,
    })
  }

  const hold = () => approvals.ask(heldRequest(agents.byName('etl-1')!.agent))
  return {
    deps,
    api,
    call,
    notes,
    order,
    recorder,
    agents,
    approvals,
    sessions,
    openSession,
    hold,
    attempts,
  }
}

function heldRequest(agent: ApprovalRequest['principal']['agent']): ApprovalRequest {
  return {
    operationId: 'op-1',
    sessionId: 's-1',
    principal: {
      agent,
      groups: [],
      roles: [],
      via: 'token',
      tokenId: 'u',
      tokenExpiresAt_ms: NOW_MS + 3_600_000,
    },
    resource: { name: 'sales-db', type: 'postgres', labels: {} },
    operation: {
      kind: 'DELETE',
      fingerprint: 'f',
      accesses: [
        { action: 'sql.delete', object: ['sales', 'public', 'orders'], grant: 'required' },
      ],
      predicates: [],
      results: ['none'],
      facts: { statements: 1, readOnly: false, hasWhere: true },
    },
    text: 'DELETE FROM orders WHERE id = $1',
    parameters: ['7', null],
    digest: 'cd'.repeat(32),
    verdict: {
      effect: 'hold',
      obligations: { masks: [], onMaxRows: 'error' },
      approval: [
        {
          approvers: { groups: ['dba'], people: [] },
          count: 1,
          expires_ms: 60_000,
          reasonRequired: true,
        },
      ] as never,
      policyVersion: 'v1',
      reasons: [{ policy: 'p', rule: 'r', effect: 'hold' }],
      keeps: 'text',
    },
  }
}

/** What is in a JSON answer at this path; undefined where there is nothing. */
export function at(json: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    return inside ? (value as Record<string | number, unknown>)[key] : undefined
  }, json)
}

export function codeOf(json: unknown): string {
  const code = at(json, 'error', 'code')
  return typeof code === 'string' ? code : ''
}

export function listAt(json: unknown, ...path: (string | number)[]): Record<string, unknown>[] {
  const list = at(json, ...path)
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : []
}
