import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { createAgentStore } from '../../store/agent-store.ts'
import { openStore } from '../../store/sqlite.ts'
import { createAgentRegistry } from './agents.ts'
import type { AgentInput } from './schema.ts'
import { parseAgents } from './schema.ts'

const TENANT = 'AAAAAAAA-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
const tenant = TENANT.toLowerCase()
const WHY = { by: 'dana', reason: 'key leaked' }

function input(name: string, more: Partial<AgentInput> = {}): AgentInput {
  return { name, tenant: TENANT, objectId: `o-${name}`, owner: 'dana', purpose: 'etl', ...more }
}

const FILE = `
- name: from-file
  tenant: ${TENANT}
  objectId: o-file
  appId: a-file
  owner: dana
  purpose: nightly
  labels: { env: prod }
  expires: 2030-01-31
`

function setUp() {
  const clock = createTestClock()
  const store = createAgentStore(openStore(':memory:'))
  const open = () => createAgentRegistry({ store, clock })
  const agents = open()
  const revoked: string[] = []
  agents.onRevoked((agent, why) => revoked.push(`${agent.name} ${why}`))
  return { clock, agents, revoked, open }
}

test('an agent is found by object id, app id and name, also after a restart', () => {
  const { agents, open } = setUp()
  agents.create(input('etl', { appId: 'app-1' }))
  for (const registry of [agents, open()]) {
    assert.equal(registry.byObjectId({ tenant, objectId: 'o-etl' })?.agent.name, 'etl')
    assert.equal(registry.byAppId(tenant, 'app-1')?.agent.name, 'etl')
    assert.equal(registry.byName('etl')?.source, 'store')
    assert.equal(registry.byObjectId({ tenant: 'other', objectId: 'o-etl' }), undefined)
  }
})

test('a name, an object id and an app id belong to one agent', () => {
  const { agents } = setUp()
  agents.declare(parseAgents(FILE, 'agents.yaml'))
  agents.create(input('etl', { appId: 'app-1' }))
  const code = 'AGENT_CONFLICT'
  assert.throws(() => agents.create(input('etl', { objectId: 'x' })), { code })
  assert.throws(() => agents.create(input('b', { objectId: 'o-etl' })), { code })
  assert.throws(() => agents.create(input('b', { appId: 'app-1' })), { code })
  assert.throws(() => agents.create(input('from-file')), { code })
  assert.throws(() => agents.create(input('b', { objectId: 'o-file' })), { code })
  const clash = parseAgents(FILE.replace('from-file', 'etl'), 'agents.yaml')
  assert.throws(() => agents.declare(clash), { code })
  assert.deepEqual(
    agents.list().map(({ agent }) => agent.name),
    ['etl', 'from-file'],
  )
})

test('an agent of a file changes in the file, but can be shut out', () => {
  const { agents, revoked } = setUp()
  agents.declare(parseAgents(FILE, 'agents.yaml'))
  const code = 'AGENT_READ_ONLY'
  assert.throws(() => agents.update('from-file', { owner: 'x' }), { code })
  assert.throws(() => agents.remove('from-file'), { code })
  agents.setAccess('from-file', 'revoked', WHY)
  assert.equal(agents.byName('from-file')?.agent.disabled, true)
  agents.declare(parseAgents(FILE, 'agents.yaml'))
  assert.equal(agents.byName('from-file')?.agent.disabled, true)
  assert.equal(agents.setAccess('from-file', 'enabled', WHY).agent.disabled, false)
  agents.declare(parseAgents(`${FILE}  disabled: true\n`, 'agents.yaml'))
  assert.throws(() => agents.setAccess('from-file', 'enabled', WHY), { code })
  agents.declare([])
  assert.deepEqual(revoked, ['from-file revoked', 'from-file disabled', 'from-file removed'])
})

test('what sessions were decided by ends them when it changes; an owner does not', () => {
  const { agents, revoked } = setUp()
  agents.create(input('etl'))
  agents.update('etl', { owner: 'eve', purpose: 'other' })
  assert.deepEqual(revoked, [])
  agents.update('etl', { labels: { env: 'dev' } })
  agents.update('etl', { expires: '2030-01-31T10:00:00Z' })
  assert.equal(agents.byName('etl')?.agent.expiresAt_ms, Date.UTC(2030, 0, 31, 10))
  agents.update('etl', { expires: null })
  assert.equal(agents.byName('etl')?.agent.expiresAt_ms, undefined)
  agents.remove('etl')
  assert.deepEqual(revoked, ['etl changed', 'etl changed', 'etl changed', 'etl removed'])
})

test('a revocation is kept, over a restart and over a new registration', () => {
  const { clock, agents, open } = setUp()
  agents.create(input('etl'))
  agents.setAccess('etl', 'revoked', WHY)
  agents.remove('etl')
  const again = open()
  const { agent, block } = again.create(input('etl'))
  assert.equal(agent.disabled, true)
  assert.equal(block?.credentialsAfter_ms, clock.now_ms())
  assert.deepEqual([block.by, block.reason], ['dana', 'key leaked'])
})

test('one listener that fails does not keep others from hearing', () => {
  const { agents, revoked } = setUp()
  agents.create(input('etl'))
  agents.onRevoked(() => {
    throw new Error('no')
  })
  agents.onRevoked((agent) => revoked.push(`second ${agent.name}`))
  assert.throws(() => agents.setAccess('etl', 'disabled', WHY), { code: 'INTERNAL' })
  assert.deepEqual(revoked, ['etl disabled', 'second etl'])
  assert.equal(agents.byName('etl')?.agent.disabled, true)
})

test('a revocation is stored although a listener throws, and others are told of other agents', () => {
  const { clock, agents, open } = setUp()
  agents.create(input('etl'))
  agents.create(input('load'))
  agents.onRevoked(() => {
    throw new Error('no')
  })
  assert.throws(() => agents.setAccess('etl', 'revoked', WHY), { code: 'INTERNAL' })
  const { agent, block } = open().byName('etl')!
  assert.deepEqual([agent.disabled, block?.credentialsAfter_ms], [true, clock.now_ms()])

  const declared = agents.list().map((one) => ({ ...one.agent, objectId: `f-${one.agent.name}` }))
  const file = declared.map((one) => ({ ...one, name: `file-${one.name}`, disabled: false }))
  const two = setUp()
  two.agents.declare(file)
  two.agents.onRevoked((one) => {
    if (one.name === 'file-etl') throw new Error('no')
  })
  assert.throws(() => two.agents.declare([]), { code: 'INTERNAL' })
  assert.deepEqual(two.revoked, ['file-etl removed', 'file-load removed'])
})

test('a listener can leave', () => {
  const { agents } = setUp()
  agents.create(input('etl'))
  let calls = 0
  agents.onRevoked(() => (calls += 1))()
  agents.remove('etl')
  assert.equal(calls, 0)
})

test('shutting out takes effect although the store fails', () => {
  const clock = createTestClock()
  const store = createAgentStore(openStore(':memory:'))
  const failing = {
    ...store,
    putBlock: () => {
      throw new Error('disk')
    },
  }
  const agents = createAgentRegistry({ store: failing, clock })
  agents.create(input('etl'))
  assert.throws(() => agents.setAccess('etl', 'disabled', WHY))
  assert.equal(agents.byName('etl')?.agent.disabled, true)
})

test('unknown names and invalid input', () => {
  const { agents } = setUp()
  assert.throws(() => agents.update('x', {}), { code: 'AGENT_NOT_FOUND' })
  assert.throws(() => agents.remove('x'), { code: 'AGENT_NOT_FOUND' })
  assert.throws(() => agents.setAccess('x', 'revoked', WHY), { code: 'AGENT_NOT_FOUND' })
  const bad: Partial<AgentInput>[] = [
    { name: 'Etl' },
    { name: '' },
    { owner: ' ' },
    { purpose: '' },
    { expires: 'tomorrow' },
  ]
  for (const one of bad) {
    assert.throws(() => agents.create({ ...input('etl'), ...one }), { code: 'REQUEST_INVALID' })
  }
  const unknownKey = { ...input('etl'), rôle: 'x' }
  assert.throws(() => agents.create(unknownKey), { code: 'REQUEST_INVALID' })
})

test('a file that is wrong says where', () => {
  const broken = FILE.replace('owner: dana', 'owner: ""')
  assert.throws(
    () => parseAgents(broken, 'agents.yaml'),
    (error: unknown) => {
      const { code, place } = error as { code: string; place: { file: string; line: number } }
      return code === 'CONFIG_INVALID' && place.file === 'agents.yaml' && place.line === 6
    },
  )
  assert.throws(() => parseAgents('a: [', 'agents.yaml'), { code: 'CONFIG_INVALID' })
})
