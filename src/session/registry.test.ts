import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextPass } from 'node:timers/promises'
import type { RegisteredSession } from './registry.ts'
import { createSessionRegistry } from './registry.ts'

/** Sessions with much under way, each of which takes a millisecond to judge anew. */
function openSessions(...count: readonly number[]) {
  let now_ms = 0
  const clock = { now_ms: () => now_ms, steady_ms: () => now_ms }
  const registry = createSessionRegistry(clock, { sessionsMax: 10, sessionsPerAgentMax: 10 })
  const judged: number[] = []
  const told: number[] = []
  const ended: string[] = []
  /** What happens when a session comes to a step. */
  const happens = new Map<number, (step: number) => void>()
  const unchanged = new Set<number>()

  function* judgeAgain(session: number, steps: number): Iterable<unknown> {
    for (let step = 0; step < steps; step++) {
      now_ms += 1
      happens.get(session)?.(step)
      judged.push(session)
      yield
    }
  }

  for (const [number, steps] of count.entries()) {
    registry.admit({
      id: `${number}`,
      agent: 'a',
      resource: 'r',
      protocol: 'postgres',
      clientAddress: '::1',
      startedAt_ms: 0,
      counts: () => ({ operations: 0, denied: 0, held: 0 }),
      end(code) {
        ended.push(`${number} ${code}`)
        registry.leave(`${number}`)
      },
      overdue: () => undefined,
      busy: () => true,
      restsSince: () => undefined,
      policyChanged() {
        told.push(number)
        return unchanged.has(number) ? undefined : judgeAgain(number, steps)
      },
    } satisfies RegisteredSession)
  }
  return { registry, judged, told, ended, happens, unchanged }
}

test('after a policy change all sessions know at once, and judge anew what is under way in turns', async () => {
  const { registry, judged, told } = openSessions(25, 4)
  registry.policyChanged()
  assert.deepEqual(told, [0, 1])
  const turns: number[] = []
  for (let before = 0; judged.length < 29; before = judged.length) {
    if (turns.length > 0) await nextPass()
    turns.push(judged.length - before)
  }
  assert.deepEqual(turns, [10, 10, 9])
  await nextPass()
  assert.equal(judged.length, 29)
})

test('a change that is none for a session leaves its turns to it', async () => {
  const { registry, judged, unchanged } = openSessions(15)
  registry.policyChanged()
  unchanged.add(0)
  registry.policyChanged()
  for (let pass = 0; pass < 5; pass++) await nextPass()
  assert.equal(judged.length, 15)
})

test('another change begins anew', async () => {
  const { registry, judged } = openSessions(15)
  registry.policyChanged()
  registry.policyChanged()
  for (let pass = 0; pass < 5; pass++) await nextPass()
  assert.equal(judged.length, 10 + 15)
})

test('a session that has ended is judged no more', async () => {
  const { registry, judged } = openSessions(15, 3)
  registry.policyChanged()
  registry.leave('0')
  for (let pass = 0; pass < 5; pass++) await nextPass()
  assert.deepEqual(judged, [...Array(10).fill(0), 1, 1, 1])
})

test('who cannot be judged anew ends, and the others are judged', async () => {
  const { registry, judged, ended, happens } = openSessions(3, 3)
  happens.set(0, () => {
    throw new Error('no')
  })
  registry.policyChanged()
  assert.deepEqual(ended, ['0 INTERNAL'])
  assert.deepEqual(judged, [1, 1, 1])
  await nextPass()
})
