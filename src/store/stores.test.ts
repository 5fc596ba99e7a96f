import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import type { Agent } from '../core/principal.ts'
import type { AgentBlock } from './agent-store.ts'
import { createAgentStore } from './agent-store.ts'
import { createKeyStore } from './key-store.ts'
import type { Store } from './sqlite.ts'
import { openStore } from './sqlite.ts'
import type { StoredTicket } from './ticket-store.ts'
import { createTicketStore } from './ticket-store.ts'

/** Every store must pass the same tests on every kind of database. */
const DATABASES: Readonly<Record<string, (context: TestContext) => Store>> = {
  'in memory': () => openStore(':memory:'),
  'in a file': (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'chaperone-stores-'))
    context.after(() => rmSync(folder, { recursive: true }))
    return openStore(join(folder, 'state.db'))
  },
}

const AGENT: Agent = {
  name: 'etl',
  tenant: 't',
  objectId: 'o',
  owner: 'dana',
  purpose: 'nightly',
  labels: { env: 'prod' },
  disabled: false,
}

const BLOCK: AgentBlock = {
  tenant: 't',
  objectId: 'o',
  disabled: true,
  credentialsAfter_ms: 5,
  reason: 'leak',
  by: 'dana',
  at_ms: 6,
}

const TICKET: StoredTicket = {
  tenant: 't',
  objectId: 'o',
  digest: 'd1',
  audience: 'gw',
  issuedAt_ms: 1,
  expiresAt_ms: 10,
  snapshot: '{}',
  uses: 0,
}

for (const [where, open] of Object.entries(DATABASES)) {
  describe(where, () => {
    test('agents: put, replace, remove', (context) => {
      const store = open(context)
      const agents = createAgentStore(store)
      agents.put(AGENT)
      assert.deepEqual(agents.list(), [AGENT])
      const richer = { ...AGENT, appId: 'a', expiresAt_ms: 7, disabled: true }
      agents.put(richer)
      assert.deepEqual(agents.list(), [richer])
      agents.remove(AGENT)
      assert.deepEqual(agents.list(), [])
      store.close()
    })

    test('agents: a second one of the same name is refused', (context) => {
      const store = open(context)
      const agents = createAgentStore(store)
      agents.put(AGENT)
      assert.throws(() => agents.put({ ...AGENT, objectId: 'p' }), { code: 'STATE_UNAVAILABLE' })
      store.close()
    })

    test('agents: a block outlives its agent', (context) => {
      const store = open(context)
      const agents = createAgentStore(store)
      agents.put(AGENT)
      agents.putBlock(BLOCK)
      agents.putBlock({ ...BLOCK, disabled: false })
      agents.remove(AGENT)
      assert.deepEqual(agents.blocks(), [{ ...BLOCK, disabled: false }])
      store.close()
    })

    test('tickets: found by digest, used, counted', (context) => {
      const store = open(context)
      const tickets = createTicketStore(store)
      tickets.insert({ ...TICKET, resource: 'db' })
      assert.deepEqual(tickets.find('d1'), { ...TICKET, resource: 'db' })
      assert.equal(tickets.recordUse('d1', 3), 1)
      assert.equal(tickets.recordUse('d1', 4), 2)
      assert.equal(tickets.find('d1')?.usedAt_ms, 4)
      assert.equal(tickets.find('d2'), undefined)
      assert.throws(() => tickets.insert(TICKET), { code: 'STATE_UNAVAILABLE' })
      store.close()
    })

    test('tickets: those of an agent and those past go', (context) => {
      const store = open(context)
      const tickets = createTicketStore(store)
      tickets.insert(TICKET)
      tickets.insert({ ...TICKET, digest: 'd2', objectId: 'p' })
      tickets.insert({ ...TICKET, digest: 'd3', objectId: 'p', expiresAt_ms: 20 })
      assert.equal(tickets.removeOf(AGENT), 1)
      tickets.removeExpired(10)
      assert.deepEqual(
        ['d1', 'd2', 'd3'].map((digest) => tickets.find(digest)?.digest),
        [undefined, undefined, 'd3'],
      )
      store.close()
    })

    test('keys: newest first, old ones are forgotten', (context) => {
      const store = open(context)
      const keys = createKeyStore(store)
      keys.insert({ kid: 'a', privateJwk: '{}', createdAt_ms: 1 })
      keys.insert({ kid: 'b', privateJwk: '{}', createdAt_ms: 2 })
      assert.deepEqual(
        keys.list().map(({ kid }) => kid),
        ['b', 'a'],
      )
      keys.removeBefore(2)
      assert.deepEqual(
        keys.list().map(({ kid }) => kid),
        ['b'],
      )
      store.close()
    })
  })
}
