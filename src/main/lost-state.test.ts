import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordReader } from '../audit/records.ts'
import { silentLog } from '../core/log.ts'
import type { Agent } from '../core/principal.ts'
import { createAgentStore } from '../store/agent-store.ts'
import { createOrigin } from '../store/origin.ts'
import { openStore } from '../store/sqlite.ts'
import { restoreRevocations } from './lost-state.ts'

const DECLARED = [{ name: 'etl-1', tenant: 't', objectId: 'o-1' }] as unknown as Agent[]

function note(time: number, type: string, agent: string, details: object) {
  return { time, unmapped: { chaperone: { kind: 'note', type, agent, details } } }
}

/** Pages of one, newest first. */
function reader(events: readonly object[]): Pick<RecordReader, 'search'> {
  return {
    search: ({ after }) => {
      const at = Number(after ?? 0)
      const items = events.slice(at, at + 1) as Record<string, unknown>[]
      return Promise.resolve({ items, ...(at + 1 < events.length ? { next: `${at + 1}` } : {}) })
    },
  }
}

async function restore(events: readonly object[]) {
  const store = openStore(':memory:')
  const origin = createOrigin(store)
  const agents = createAgentStore(store)
  const lost = { origin, agents, records: reader(events), declared: DECLARED, log: silentLog }
  const count = await restoreRevocations(lost)
  return { count, lost, blocks: agents.blocks() }
}

test('who was revoked is shut out again, and who was let in again is not', async () => {
  const id2 = { tenant: 't', objectId: 'o-2' }
  const { count, lost, blocks } = await restore([
    note(50, 'agent-changed', 'etl-2', { what: 'changed', fields: 'owner' }),
    note(40, 'agent-changed', 'etl-2', { what: 'restored', ...id2 }),
    note(30, 'agent-revoked', 'etl-1', { what: 'revoked' }),
    note(20, 'agent-revoked', 'etl-2', { what: 'revoked', ...id2 }),
    note(10, 'agent-changed', 'etl-1', { what: 'restored' }),
  ])
  assert.equal(count, 1)
  const told = blocks.map((one) => [one.objectId, one.disabled, one.credentialsAfter_ms])
  // What was issued to etl-2 before it was revoked stays void.
  assert.deepEqual(told.toReversed(), [
    ['o-1', true, 30],
    ['o-2', false, 20],
  ])
  assert.equal(await restoreRevocations(lost), undefined)
})

test('nothing was lost where nothing was ever recorded', async () => {
  const { count, lost } = await restore([])
  assert.equal(count, undefined)
  assert.equal(lost.origin.complete, true)
})

test('records that cannot tell who was revoked let nobody start', async () => {
  const damaged = { time: 1, unmapped: { chaperone: { kind: 'records-damaged' } } }
  await assert.rejects(restore([damaged]), { code: 'STATE_UNAVAILABLE' })
  const unknown = note(1, 'agent-revoked', 'somebody', { what: 'removed' })
  await assert.rejects(restore([unknown]), { code: 'STATE_UNAVAILABLE' })
})
