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
  assert.equal(registry.request(two.pid, two.secret), 'cancelled')
  assert.equal(registry.request(one.pid, two.secret), 'unknown')
  assert.equal(registry.request(one.pid ^ 1, one.secret), 'unknown')
  assert.equal(registry.request(one.pid, one.secret ^ 1), 'unknown')
  assert.deepEqual(cancelled, ['two'])
})

test('a released key is dead, and releasing it twice harms nobody', () => {
  const registry = openCancelRegistry(movableClock())
  const key = registry.issue(() => assert.fail('the session is over'))
  key.release()
  key.release()
  assert.equal(registry.request(key.pid, key.secret), 'unknown')
})

test('live keys differ, and their process ids are positive', () => {
  const registry = openCancelRegistry(movableClock())
  const keys = Array.from({ length: 500 }, () => registry.issue(() => {}))
  assert.equal(new Set(keys.map((key) => key.pid)).size, keys.length)
  assert.ok(keys.every((key) => key.pid > 0))
})

test('a session takes so many cancels in a window, and wrong ones take nothing from anybody', () => {
  const clock = movableClock()
  const registry = openCancelRegistry(clock)
  let cancels = 0
  const key = registry.issue(() => (cancels += 1))
  for (let count = 0; count < 100_000; count += 1) registry.request(1, 1)
  for (let count = 0; count < CANCELS_PER_WINDOW_MAX; count += 1) {
    assert.equal(registry.request(key.pid, key.secret), 'cancelled')
  }
  assert.equal(registry.request(key.pid, key.secret), 'limited')
  assert.equal(cancels, CANCELS_PER_WINDOW_MAX)
  clock.move(CANCEL_WINDOW_MS)
  assert.equal(registry.request(key.pid, key.secret), 'cancelled')
})
