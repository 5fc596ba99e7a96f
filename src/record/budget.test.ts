import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTestClock } from '../../test/support/test-clock.ts'
import type { Untold } from './budget.ts'
import { createRecordBudgets } from './budget.ts'

function setUp(burst: number, perSecond: number) {
  const clock = createTestClock()
  const told: Untold[] = []
  const budgets = createRecordBudgets({ burst, perSecond }, clock, (untold) => told.push(untold))
  const of = (agent: string) => budgets.of(agent)
  const tellRest = (since_ms: number) => budgets.tellRest(since_ms)
  return { clock, told, of, tellRest }
}

test('a burst, then so much a second; other agents have their own', () => {
  const { clock, of } = setUp(1000, 10)
  of('a').spend(1200)
  assert.equal(of('a').refuses(1), true)
  assert.equal(of('b').refuses(1), false)
  clock.advance_ms(20_000)
  assert.equal(of('a').refuses(1), true)
  clock.advance_ms(1000)
  assert.equal(of('a').refuses(1), false)
})

test('what is used up to the last character is used up', () => {
  const { clock, of } = setUp(100, 1)
  of('a').spend(99)
  assert.equal(of('a').refuses(1), false)
  of('a').spend(1)
  assert.equal(of('a').refuses(1), true)
  clock.advance_ms(1000)
  assert.equal(of('a').refuses(1), false)
})

test('refusals are told in sum, at most every ten seconds, and the rest once it is over', () => {
  const { clock, told, of } = setUp(100, 1)
  of('a').spend(200)
  for (let n = 0; n < 50; n++) {
    assert.equal(of('a').refuses(7), true)
    clock.advance_ms(1000)
  }
  assert.equal(told.length, 5)
  clock.advance_ms(60_000)
  assert.equal(of('a').refuses(7), false)
  assert.equal(
    told.reduce((sum, { refused }) => sum + refused, 0),
    50,
  )
  assert.equal(
    told.reduce((sum, { chars }) => sum + chars, 0),
    350,
  )
})

test('what is untold when an agent falls silent is told all the same', () => {
  const { clock, told, of, tellRest } = setUp(100, 1)
  of('a').spend(200)
  for (let n = 0; n < 8; n++) of('a').refuses(5)
  assert.deepEqual(told, [{ agent: 'a', refused: 1, chars: 5 }])
  tellRest(10_000)
  assert.equal(told.length, 1)
  clock.advance_ms(10_000)
  tellRest(10_000)
  assert.deepEqual(told.slice(1), [{ agent: 'a', refused: 7, chars: 35 }])
  clock.advance_ms(10_000)
  tellRest(0)
  assert.equal(told.length, 2)
})

test('whatever an agent asks for and however fast, its records stay within burst and rate', () => {
  const step = fc.record({
    wait_ms: fc.integer({ min: 0, max: 2000 }),
    chars: fc.integer({ min: 1, max: 400 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const { clock, of } = setUp(1000, 50)
      let recorded = 0
      let waited_ms = 0
      for (const { wait_ms, chars } of steps) {
        clock.advance_ms(wait_ms)
        waited_ms += wait_ms
        if (of('a').refuses(chars)) continue
        of('a').spend(chars)
        recorded += chars
        // What is begun is recorded whole; what was earned over a full bucket counts once.
        assert.ok(recorded <= 1000 + (waited_ms / 1000) * 50 + 400)
      }
    }),
  )
})
