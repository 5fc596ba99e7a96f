import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { forwardCancel, openCancelRegistry } from './cancel.ts'
import { CANCEL_WINDOW_MS, CANCELS_PER_WINDOW_MAX } from './handshake-limits.ts'

function movableClock() {
  let now_ms = 1_000
  return {
    now_ms: () => now_ms,
    steady_ms: () => now_ms,
    move: (by_ms: number) => (now_ms += by_ms),
  }
}

test('a key cancels its own session and no other', async () => {
  const registry = openCancelRegistry(movableClock())
  const cancelled: string[] = []
  const one = registry.issue(async () => void cancelled.push('one'))
  const two = registry.issue(async () => void cancelled.push('two'))
  assert.equal(await registry.request(two.pid, two.secret), 'cancelled')
  assert.equal(await registry.request(one.pid, two.secret), 'unknown')
  assert.equal(await registry.request(one.pid ^ 1, one.secret), 'unknown')
  assert.equal(await registry.request(one.pid, one.secret ^ 1), 'unknown')
  assert.deepEqual(cancelled, ['two'])
})

test('a released key is dead, and releasing it twice harms nobody', async () => {
  const registry = openCancelRegistry(movableClock())
  const key = registry.issue(() => assert.fail('the session is over'))
  key.release()
  key.release()
  assert.equal(await registry.request(key.pid, key.secret), 'unknown')
})

test('live keys differ, and their process ids are positive', async () => {
  const registry = openCancelRegistry(movableClock())
  const keys = Array.from({ length: 500 }, () => registry.issue(() => Promise.resolve()))
  assert.equal(new Set(keys.map((key) => key.pid)).size, keys.length)
  assert.ok(keys.every((key) => key.pid > 0))
})

test('a session takes so many cancels in a window, and wrong ones take nothing from anybody', async () => {
  const clock = movableClock()
  const registry = openCancelRegistry(clock)
  let cancels = 0
  const key = registry.issue(async () => void (cancels += 1))
  for (let count = 0; count < 100_000; count += 1) await registry.request(1, 1)
  for (let count = 0; count < CANCELS_PER_WINDOW_MAX; count += 1) {
    assert.equal(await registry.request(key.pid, key.secret), 'cancelled')
  }
  assert.equal(await registry.request(key.pid, key.secret), 'limited')
  assert.equal(cancels, CANCELS_PER_WINDOW_MAX)
  clock.move(CANCEL_WINDOW_MS)
  assert.equal(await registry.request(key.pid, key.secret), 'cancelled')
})

test('a cancel is answered when the target has taken it, and not before', async () => {
  const registry = openCancelRegistry(movableClock())
  const { promise, resolve } = Promise.withResolvers<void>()
  const key = registry.issue(() => promise)
  let answered = false
  const asked = registry.request(key.pid, key.secret).then(() => (answered = true))
  await new Promise((turn) => setImmediate(turn))
  assert.equal(answered, false)
  resolve()
  await asked
})

for (const [what, answer] of [
  ['says something and stays', Buffer.from('x')],
  ['says nothing at all', Buffer.alloc(0)],
] as const) {
  test(`the line of a cancel is closed, where the target ${what}`, async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => void socket.write(answer))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const lines: Socket[] = []
    server.on('connection', (socket) => void lines.push(socket))
    const { port } = server.address() as AddressInfo
    const address = { host: '127.0.0.1', port }
    try {
      const target = { address, tls: { mode: 'disable' as const }, pid: 1, secret: 2 }
      await forwardCancel({ ...target, timeout_ms: 200 }).catch(() => {})
      assert.equal(lines.length, 1)
      const [line] = lines as [Socket]
      // A half-open line ends only when the other side ends it.
      if (!line.readableEnded)
        await once(line.resume(), 'end', { signal: AbortSignal.timeout(5_000) })
    } finally {
      for (const line of lines) line.destroy()
      server.close()
    }
  })
}
