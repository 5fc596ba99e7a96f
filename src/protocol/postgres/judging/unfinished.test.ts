import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchUnfinished } from './unfinished.ts'

test('a message that drips is too slow, however it drips', () => {
  const slow = watchUnfinished()
  let late_ms: number | undefined
  for (let now_ms = 0; now_ms < 120_000 && late_ms === undefined; now_ms += 250) {
    // A thousand bytes a second.
    if (slow(now_ms, { number: 7, bytes: 62 * 2 ** 20 + now_ms })) late_ms = now_ms
  }
  assert.ok(late_ms !== undefined && late_ms > 30_000 && late_ms < 31_000)
})

test('one that comes at a pace is waited for, however large it is', () => {
  const slow = watchUnfinished()
  for (let seconds = 0; seconds < 1024; seconds++) {
    assert.equal(slow(seconds * 1000, { number: 1, bytes: seconds * 65_536 }), false)
  }
})

test('each message has its own time, and so has what was not read meanwhile', () => {
  const slow = watchUnfinished()
  for (let number = 0; number < 100; number++) {
    assert.equal(slow(number * 29_000, { number, bytes: 1 }), false)
  }
  slow(0, { number: 200, bytes: 1 })
  slow(29_000, undefined)
  assert.equal(slow(58_000, { number: 200, bytes: 1 }), false)
})
