import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../test/support/test-clock.ts'
import { createRateLimit } from './rate-limit.ts'

test('a bucket empties, and fills with time up to its burst', () => {
  const clock = createTestClock()
  const limit = createRateLimit({ burst: 2, perSecond: 1 }, clock)
  assert.deepEqual([limit.take('a'), limit.take('a'), limit.take('a')], [true, true, false])
  assert.equal(limit.take('b'), true)
  clock.advance_ms(1000)
  assert.deepEqual([limit.allows('a'), limit.take('a'), limit.take('a')], [true, true, false])
  clock.advance_ms(60_000)
  assert.deepEqual([limit.take('a'), limit.take('a'), limit.take('a')], [true, true, false])
})

test('memory is bounded: the bucket touched longest ago goes', () => {
  const limit = createRateLimit({ burst: 1, perSecond: 0, keysMax: 2 }, createTestClock())
  for (const key of ['a', 'b', 'c']) limit.take(key)
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => limit.allows(key)),
    [true, false, false],
  )
})

test('setting the time gives nothing, and keeps nobody out', () => {
  const clock = createTestClock()
  const limit = createRateLimit({ burst: 1, perSecond: 1 }, clock)
  limit.take('a')
  for (const jump_ms of [-3_600_000, 7_200_000]) {
    clock.jump_ms(jump_ms)
    assert.equal(limit.take('a'), false)
  }
  clock.jump_ms(-3_600_000)
  clock.advance_ms(1000)
  assert.equal(limit.take('a'), true)
})
