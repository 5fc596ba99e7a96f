import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCancelRegistry } from './cancel.ts'
import { CANCEL_WINDOW_MS, CANCELS_PER_WINDOW_MAX } from './handshake-limits.ts'

function movableClock() {
  let now_ms = 1_000
  return {
    now_ms: () => now_ms,
    steady_ms: () => now_ms,
    move: (by_ms: number) => (now_ms += by_ms),
  }
}

test('a key cancels its own session and no other', () => {
  const registry = openCancelRegistry(movableClock())
  const cancelled: string[] = []
  const one = registry.issue(() => cancelled.push('one'))
  const two = registry.issue(() => cancelled.push('two'))
  assert.equal(registry.request(two.pid, two.secret, 'a'), 'cancelled')
  assert.equal(registry.request(one.pid, two.secret, 'a'), 'unknown')
  assert.equal(registry.request(one.pid ^ 1, one.secret, 'a'), 'unknown')
  assert.equal(registry.request(one.pid, one.secret ^ 1, 'a'), 'unknown')
  assert.deepEqual(cancelled, ['two'])
})

test('a released key is dead, and releasing it twice harms nobody', () => {
  const registry = openCancelRegistry(movableClock())
  const key = registry.issue(() => assert.fail('the session is over'))
  key.release()
  key.release()
  assert.equal(registry.request(key.pid, key.secret, 'a'), 'unknown')
})

test('live keys differ, and their process ids are positive', () => {
  const registry = openCancelRegistry(movableClock())
  const keys = Array.from({ length: 500 }, () => registry.issue(() => {}))
  assert.equal(new Set(keys.map((key) => key.pid)).size, keys.length)
  assert.ok(keys.every((key) => key.pid > 0))
})

test('an address that asks too often has to wait; others do not', () => {
  const clock = movableClock()
  const registry = openCancelRegistry(clock)
  const key = registry.issue(() => {})
  for (let count = 0; count < CANCELS_PER_WINDOW_MAX; count += 1) registry.request(1, 1, 'noisy')
  assert.equal(registry.request(key.pid, key.secret, 'noisy'), 'limited')
  assert.equal(registry.request(key.pid, key.secret, 'quiet'), 'cancelled')
  clock.move(CANCEL_WINDOW_MS)
  assert.equal(registry.request(key.pid, key.secret, 'noisy'), 'cancelled')
})
