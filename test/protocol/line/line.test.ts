import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createApprovals } from '../../../src/approval/desk.ts'
import { silentNotifier } from '../../../src/approval/notify.ts'
import { systemClock as clock } from '../../../src/core/clock.ts'
import { silentLog as log } from '../../../src/core/log.ts'
import type { Human } from '../../../src/core/principal.ts'
import type { Resource } from '../../../src/core/resource.ts'
import { parsePolicies } from '../../../src/policy/document.ts'
import { createPolicySet } from '../../../src/policy/policy-set.ts'
import { openRecorder } from '../../../src/record/recorder.ts'
import type { SessionHost } from '../../../src/session/governed.ts'
import { createSessionRegistry } from '../../../src/session/registry.ts'
import { createMemory } from '../../../src/session/shares.ts'
import { createTurns } from '../../../src/session/turns.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { principalOf } from '../../support/policy/fixtures.ts'
import { recordedText } from '../../support/recorded.ts'
import { until } from '../../support/until.ts'
import { serveLines } from './session.ts'

// What a protocol gets of src/session without writing it; see docs/design/009-session-core.md.

const resource: Resource = { name: 'lines', type: 'mysql', labels: {} }
const BOB: Human = { tenant: 't', objectId: 'b', name: 'Bob', groups: ['dba'], roles: ['approver'] }

/** `people` may be read, `old` may be dropped as the policies say, and nothing else. */
function policies(dropping: 'allow' | 'deny' | 'hold') {
  const text = `
name: lines
subjects: { agents: ['*'] }
resources: { types: [mysql] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [db.people] }
    mask: [{ columns: ['**.email'], with: redact }]
  - id: drop
    ${dropping}: { actions: [sql.ddl], objects: [db.old] }
    ${dropping === 'hold' ? 'approvers: { groups: [dba] }' : ''}
`
  return createPolicySet(parsePolicies([{ file: `${dropping}.yaml`, text }]))
}

/** A gateway's parts, all real, around one connection of the protocol. */
async function open(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-line-'))
  const recorder = openRecorder({ folder, clock, log, gatewayVersion: 'test', freeBytesMin: 1 })
  const store = openStore(':memory:')
  const approvals = createApprovals({ store, clock, recorder, notify: silentNotifier, log })
  const registry = createSessionRegistry(clock, { sessionsMax: 9, sessionsPerAgentMax: 9 })
  let set = policies('hold')
  const host: SessionHost = {
    clock,
    recorder,
    approvals,
    registry,
    memory: createMemory({ bytesMax: 1e9, perHolderMax: 1e8 }),
    turns: createTurns(clock),
    metrics: createMetrics({ processMetrics: false }),
    policies: () => set,
  }
  const seen: string[] = []
  const target = await listen((socket) => {
    socket.on('data', (chunk) => {
      seen.push(chunk.toString().trim())
      socket.write(chunk.toString().startsWith('READ') ? 'ROW 1|ann@x.org\nDONE\n' : 'DONE\n')
    })
  })
  const keys = { secret: Buffer.alloc(32) } as never
  const door = await listen((socket) => {
    const who = { principal: principalOf({ name: 'agent-1' }), resource }
    serveLines({ host, keys }, who, socket, connect(target.port, '127.0.0.1'))
  })
  const client = connect(door.port, '127.0.0.1').on('error', () => {})
  await once(client, 'connect')
  let heard = ''
  client.on('data', (chunk) => (heard += chunk.toString()))
  t.after(async () => {
    client.destroy()
    door.close()
    target.close()
    await recorder.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    seen,
    registry,
    approvals,
    stateOf: (id: string) => approvals.list({}).items.find((one) => one.id === id)?.state,
    say: (line: string) => client.write(`${line}\n`),
    heard: (what: RegExp) => until(String(what), () => what.exec(heard)?.[0]),
    asked: () => until('people are asked', () => approvals.list({ state: 'pending' }).items[0]),
    change(dropping: 'allow' | 'deny' | 'hold') {
      set = policies(dropping)
      registry.policyChanged()
    },
    recorded: (what: RegExp) =>
      until(`${what} in records`, async () => what.test(await recordedText(folder))),
  }
}

async function listen(serve: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

test('what is allowed goes on, masked and recorded', async (t) => {
  const world = await open(t)
  world.say('READ people id,email')
  await world.heard(/^ROW 1\|\[redacted\]\nDONE\n$/)
  await world.recorded(/"READ people id,email"/)
  await world.recorded(/"result":"success"/)
})

test('what is denied never reaches the target, and is recorded', async (t) => {
  const world = await open(t)
  world.say('READ salaries amount')
  await world.heard(/REFUSED POLICY_NO_MATCH .*\n/)
  world.say('NONSENSE')
  await world.heard(/REFUSED REQUEST_UNSUPPORTED .*\n/)
  assert.deepEqual(world.seen, [])
  await world.recorded(/"POLICY_NO_MATCH"/)
  await world.recorded(/"REQUEST_UNSUPPORTED"/)
})

test('what is held waits for people, and what comes after it waits too', async (t) => {
  const world = await open(t)
  world.say('DROP old')
  world.say('READ people id')
  const { id } = await world.asked()
  assert.deepEqual(world.seen, [])
  await world.approvals.answer(id, BOB, 'approve')
  await world.heard(/^DONE\nROW .*\nDONE\n$/)
  assert.deepEqual(world.seen, ['DROP old', 'READ people id'])
})

test('what people refuse does not run', async (t) => {
  const world = await open(t)
  world.say('DROP old')
  await world.approvals.answer((await world.asked()).id, BOB, 'deny')
  await world.heard(/REFUSED APPROVAL_DENIED .*\n/)
  assert.deepEqual(world.seen, [])
})

for (const [dropping, answer] of [
  ['allow', /^DONE\n$/],
  ['deny', /REFUSED POLICY_DENIED .*\n/],
] as const) {
  test(`a hold is void once policies ${dropping} what it holds`, async (t) => {
    const world = await open(t)
    world.say('DROP old')
    const { id } = await world.asked()
    world.change(dropping)
    await world.heard(answer)
    assert.equal(world.stateOf(id), 'superseded')
    await world.recorded(/"APPROVAL_SUPERSEDED"/)
  })
}

test('a revoked agent hears it, and what it waited for is withdrawn', async (t) => {
  const world = await open(t)
  world.say('DROP old')
  const { id } = await world.asked()
  world.registry.end(({ agent }) => agent === 'agent-1', 'SESSION_REVOKED', 'It was revoked.')
  await world.heard(/REFUSED SESSION_REVOKED It was revoked\.\n/)
  await until('the request is closed', () => world.stateOf(id) === 'withdrawn')
  assert.deepEqual(world.seen, [])
})
