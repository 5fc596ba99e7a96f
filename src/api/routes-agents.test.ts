import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGENT, at, listAt, setUp } from '../../test/support/api/fakes.ts'
import { ChaperoneError } from '../core/errors.ts'

test('an agent is registered, shown, changed and removed, each on the record', async () => {
  const { call, notes } = setUp()
  const body = {
    ...AGENT,
    name: 'etl-2',
    objectId: 'OID-2',
    expires: '2027-03-31',
    labels: { a: 'b' },
  }
  const created = await call('adam', 'POST', '/v1/agents', body)
  assert.equal(created.status, 201)
  assert.equal(at(created.json, 'expires'), '2027-03-31T00:00:00.000Z')
  const changed = await call('adam', 'PATCH', '/v1/agents/etl-2', { expires: null, owner: 'oid-x' })
  assert.equal(at(changed.json, 'owner'), 'oid-x')
  assert.equal('expires' in (changed.json as object), false)
  assert.equal((await call('adam', 'DELETE', '/v1/agents/etl-2')).status, 204)
  assert.equal((await call('adam', 'GET', '/v1/agents/etl-2')).code, 'AGENT_NOT_FOUND')
  assert.deepEqual(
    notes.map((note) => [note.type, note.agent, note.person, note.details?.['what']]),
    [
      ['agent-changed', 'etl-2', 'oid-adam', 'registered'],
      ['agent-changed', 'etl-2', 'oid-adam', 'changed'],
      ['agent-revoked', 'etl-2', 'oid-adam', 'removed'],
    ],
  )
})

test('a registration that is not valid is refused with the field that is wrong', async () => {
  const { call, agents } = setUp()
  const wrong: [object, string | undefined][] = [
    [{ ...AGENT, name: 'Has Spaces', objectId: 'o2' }, 'name'],
    [{ ...AGENT, name: 'etl-2', objectId: 7 }, 'objectId'],
    [{ ...AGENT, name: 'etl-2', objectId: 'o2', expires: 'soon' }, 'expires'],
    [{ ...AGENT, name: 'etl-2', objectId: 'o2', admin: true }, undefined],
    [{ name: 'etl-2' }, 'tenant'],
  ]
  for (const [body, field] of wrong) {
    const { status, code, json } = await call('adam', 'POST', '/v1/agents', body)
    assert.equal(`${status} ${code}`, '422 REQUEST_INVALID')
    if (field !== undefined) assert.equal(at(json, 'error', 'place', 'field'), field)
  }
  assert.equal((await call('adam', 'POST', '/v1/agents', AGENT)).code, 'AGENT_CONFLICT')
  assert.equal((await call('adam', 'PATCH', '/v1/agents/etl-1', {})).code, 'REQUEST_INVALID')
  assert.equal(
    (await call('adam', 'PATCH', '/v1/agents/no', { owner: 'x' })).code,
    'AGENT_NOT_FOUND',
  )
  assert.equal(agents.list().length, 1)
})

test('agents from files change there alone, but can be revoked', async () => {
  const { call, agents } = setUp()
  agents.declare([{ ...AGENT, name: 'from-file', objectId: 'o9', labels: {}, disabled: false }])
  const path = '/v1/agents/from-file'
  assert.equal((await call('adam', 'PATCH', path, { owner: 'x' })).code, 'AGENT_READ_ONLY')
  assert.equal((await call('adam', 'DELETE', path)).code, 'AGENT_READ_ONLY')
  const revoked = await call('adam', 'POST', `${path}/revoke`, { reason: 'leaked' })
  assert.equal(at(revoked.json, 'agent', 'disabled'), true)
  assert.equal(at(revoked.json, 'agent', 'decision', 'reason'), 'leaked')
})

test('lists of agents come in pages; approvers see what they own', async () => {
  const { call, agents } = setUp()
  agents.create({ ...AGENT, name: 'etl-2', objectId: 'o2', owner: 'oid-anna' })
  agents.create({ ...AGENT, name: 'etl-3', objectId: 'o3', owner: 'oid-anna' })
  const first = await call('rita', 'GET', '/v1/agents?limit=2')
  assert.equal(at(first.json, 'next'), 'etl-2')
  const rest = await call('rita', 'GET', '/v1/agents?limit=2&after=etl-2')
  assert.deepEqual(
    listAt(rest.json, 'items').map((one) => one['name']),
    ['etl-3'],
  )
  assert.equal(at(rest.json, 'next'), undefined)
  assert.equal(listAt((await call('anna', 'GET', '/v1/agents')).json, 'items').length, 2)
})

test('a revocation shuts out, refuses what waits, ends sessions, and says how many', async () => {
  const { call, hold, openSession, order, agents, notes } = setUp()
  openSession('s-1')
  openSession('s-2')
  openSession('s-3', 'etl-other')
  const held = hold()
  const { status, json } = await call('adam', 'POST', '/v1/agents/etl-1/revoke')
  assert.equal(status, 200)
  assert.deepEqual([at(json, 'sessions'), at(json, 'approvals')], [2, 1])
  assert.equal(agents.byName('etl-1')?.agent.disabled, true)
  assert.equal((await held.settled).type, 'revoked')
  assert.deepEqual(
    order.filter((what) => what.startsWith('end')),
    ['end s-1 SESSION_REVOKED', 'end s-2 SESSION_REVOKED'],
  )
  assert.equal(notes.at(-1)?.details?.['sessions'], 2)
  const restored = await call('adam', 'POST', '/v1/agents/etl-1/restore')
  assert.equal(at(restored.json, 'disabled'), false)
})

test('without records nothing is granted, and everything is still taken away', async () => {
  const { call, recorder, openSession, sessions, agents } = setUp()
  openSession('s-1')
  recorder.broken = true
  const body = { ...AGENT, name: 'etl-2', objectId: 'o2' }
  assert.equal((await call('adam', 'POST', '/v1/agents', body)).code, 'RECORD_UNAVAILABLE')
  assert.equal(agents.byName('etl-2'), undefined)
  const revoked = await call('adam', 'POST', '/v1/agents/etl-1/revoke')
  assert.equal(revoked.code, 'RECORD_UNAVAILABLE')
  assert.equal(agents.byName('etl-1')?.agent.disabled, true)
  assert.equal(sessions.list().length, 0)
  const restored = await call('adam', 'POST', '/v1/agents/etl-1/restore')
  assert.equal(restored.code, 'RECORD_UNAVAILABLE')
  assert.equal(agents.byName('etl-1')?.agent.disabled, true)
})

test('a revocation whose store fails still ends what is under way', async () => {
  const { agents } = setUp()
  const failing = {
    ...agents,
    setAccess(): never {
      throw new ChaperoneError('STATE_UNAVAILABLE', 'The disk is gone.')
    },
  }
  const { call, openSession, sessions, hold, notes } = setUp({ agents: failing })
  openSession('s-1')
  const held = hold()
  assert.equal((await call('adam', 'POST', '/v1/agents/etl-1/revoke')).code, 'STATE_UNAVAILABLE')
  assert.equal(sessions.list().length, 0)
  assert.equal((await held.settled).type, 'revoked')
  const { type, agent, details } = notes.at(-1)!
  assert.deepEqual([type, agent, details?.['failed']], ['agent-revoked', 'etl-1', 1])
  assert.deepEqual([details?.['tenant'], details?.['objectId']], [AGENT.tenant, AGENT.objectId])
})

test('a session that fails to end keeps no other one alive', async () => {
  const { call, openSession, sessions, notes } = setUp()
  openSession('s-1')
  openSession('s-2')
  openSession('s-3')
  const [first] = sessions.list()
  first!.end = () => {
    throw new Error('its socket is gone')
  }
  assert.equal((await call('adam', 'POST', '/v1/agents/etl-1/revoke')).code, 'INTERNAL')
  assert.deepEqual(
    sessions.list().map(({ id }) => id),
    ['s-1'],
  )
  assert.equal(notes.at(-1)?.type, 'agent-revoked')
})
