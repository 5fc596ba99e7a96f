import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../test/support/test-clock.ts'
import type { Principal } from '../core/principal.ts'
import type { PolicySet, Ruleset } from '../policy/ruleset.ts'
import type { SessionHost, SessionLife } from './governed.ts'
import { openGovernedSession } from './governed.ts'
import type { RegisteredSession } from './registry.ts'
import { createSessionRegistry } from './registry.ts'
import { createMemory } from './shares.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LIFE: SessionLife = { max_ms: 8 * HOUR_MS, idle_ms: 30 * MINUTE_MS, bindToToken: false }

/** One session over a clock that tests move; `ended` is the code with which it was ended. */
function setUp(life: Partial<SessionLife> = {}, agentExpiresAt_ms?: number) {
  const clock = createTestClock()
  const registry = createSessionRegistry(clock, { sessionsMax: 5, sessionsPerAgentMax: 5 })
  const ruleset = { grantsAnything: true, policyVersion: 'v1' } as Ruleset
  const nothing = () => {}
  const host = {
    clock,
    registry,
    policies: () => ({ rulesFor: () => ruleset }) as unknown as PolicySet,
    memory: createMemory({ bytesMax: 2 ** 30, perHolderMax: 2 ** 28 }),
    recorder: { openTrail: () => ({ refuses: () => false, closed: nothing }) },
    metrics: { session: () => ({ opened: nothing, closed: nothing, operation: nothing }) },
  } as unknown as SessionHost
  const principal = {
    agent: {
      name: 'etl-1',
      ...(agentExpiresAt_ms === undefined
        ? {}
        : { expiresAt_ms: clock.now_ms() + agentExpiresAt_ms }),
    },
    tokenExpiresAt_ms: clock.now_ms() + HOUR_MS,
  } as Principal
  const ended: string[] = []
  const client = { waitedFor: false }
  const session = openGovernedSession(
    host,
    {
      principal,
      resource: { name: 'db', type: 'postgres', labels: {} },
      protocol: 'postgres',
      clientAddress: '::1',
      life: { ...LIFE, ...life },
    },
    {
      end: (code) => ended.push(code),
      judgeAgain: () => [],
      waitsForClient: () => client.waitedFor,
    },
  )
  const sweep = (): string[] => {
    registry.sweep()
    return ended.splice(0)
  }
  return { clock, session, sweep, registry, client }
}

test('the idle limit and the longest life are kept', () => {
  const { clock, session, sweep } = setUp()
  clock.advance_ms(30 * MINUTE_MS - 1)
  assert.deepEqual(sweep(), [])
  clock.advance_ms(1)
  assert.deepEqual(sweep(), ['SESSION_IDLE'])
  session.busy(1)
  clock.advance_ms(7 * HOUR_MS)
  assert.deepEqual(sweep(), [])
  clock.advance_ms(HOUR_MS)
  assert.deepEqual(sweep(), ['SESSION_EXPIRED'])
})

test('an operation that waits for its client does not keep a session', () => {
  const { clock, session, sweep, client } = setUp()
  session.busy(1)
  client.waitedFor = true
  clock.advance_ms(30 * MINUTE_MS - 1)
  session.touch()
  clock.advance_ms(30 * MINUTE_MS - 1)
  assert.deepEqual(sweep(), [])
  clock.advance_ms(1)
  assert.deepEqual(sweep(), ['SESSION_IDLE'])
})

test('setting the time back extends neither', () => {
  const { clock, session, sweep } = setUp()
  clock.jump_ms(-24 * HOUR_MS)
  clock.advance_ms(30 * MINUTE_MS)
  assert.deepEqual(sweep(), ['SESSION_IDLE'])
  session.touch()
  clock.jump_ms(-24 * HOUR_MS)
  session.busy(1)
  clock.advance_ms(8 * HOUR_MS)
  assert.deepEqual(sweep(), ['SESSION_EXPIRED'])
})

test('setting the time forward ends nobody', () => {
  const { clock, sweep } = setUp()
  clock.jump_ms(365 * 24 * HOUR_MS)
  assert.deepEqual(sweep(), [])
})

test('what has a date ends by whichever clock comes first', () => {
  for (const [life, agentExpires_ms] of [
    [{ bindToToken: true }, undefined],
    [{}, HOUR_MS],
  ] as const) {
    const back = setUp({ ...life, idle_ms: 9 * HOUR_MS }, agentExpires_ms)
    back.clock.jump_ms(-24 * HOUR_MS)
    back.clock.advance_ms(HOUR_MS - 1)
    assert.deepEqual(back.sweep(), [])
    back.clock.advance_ms(1)
    assert.deepEqual(back.sweep(), ['SESSION_EXPIRED'])
    const forward = setUp(life, agentExpires_ms)
    forward.clock.jump_ms(HOUR_MS)
    assert.deepEqual(forward.sweep(), ['SESSION_EXPIRED'])
  }
})

test('a live session counts what it asked for', () => {
  const { session, registry } = setUp()
  for (const effect of ['allow', 'deny', 'hold', 'allow'] as const) session.meter.operation(effect)
  assert.deepEqual(registry.list()[0]?.counts(), { operations: 4, denied: 1, held: 1 })
})

test('where an agent has all its sessions, the one that rests longest makes room', () => {
  const clock = createTestClock()
  const registry = createSessionRegistry(clock, { sessionsMax: 5, sessionsPerAgentMax: 3 })
  const ended: string[] = []
  const open = (id: string, agent: string, restsSince?: number) =>
    registry.admit({
      ...({ id, agent } as RegisteredSession),
      restsSince: () => restsSince,
      end: (code) => void ended.push(`${id} ${code}`),
    })
  open('busy', 'a')
  open('rests-since-7', 'a', 7)
  open('rests-since-5', 'a', 5)
  open('new-1', 'a')
  open('new-2', 'a')
  assert.deepEqual(ended, ['rests-since-5 SESSION_IDLE', 'rests-since-7 SESSION_IDLE'])
  // Three that are in use: there the limit is kept.
  assert.throws(() => open('new-3', 'a'), { code: 'SESSION_LIMIT' })
  open('b-rests', 'b', 1)
  open('b-busy', 'b')
  open('c', 'c')
  assert.deepEqual(ended.slice(2), ['b-rests SESSION_IDLE'])
  assert.throws(() => open('d', 'd'), { code: 'SESSION_LIMIT' })
  assert.equal(registry.list().length, 5)
})
