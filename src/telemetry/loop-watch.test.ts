import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { LogFields } from '../core/log.ts'
import { silentLog } from '../core/log.ts'
import { createLoopWatch } from './loop-watch.ts'

const WORK = {
  what: 'postgres.statements',
  session: 's1',
  agent: 'etl-1',
  resource: 'sales-db',
} as const

/** A watch whose timer and clock the test moves. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let now_ms = 0
  const logged: LogFields[] = []
  const blocked: [string, number][] = []
  const watch = createLoopWatch({
    clock: { now_ms: () => now_ms, steady_ms: () => now_ms },
    log: { ...silentLog, warn: (event, fields = {}) => void logged.push({ event, ...fields }) },
    blocked: (cause, seconds) => void blocked.push([cause, seconds]),
  })
  /** The timer was due `late_ms` ago when it is served. */
  const look = (late_ms: number) => {
    now_ms += 100 + late_ms
    t.mock.timers.tick(100)
  }
  return { watch, logged, blocked, look, rest: (ms: number) => (now_ms += ms) }
}

test('a loop that is served in time says nothing', (t) => {
  const { watch, logged, look } = setUp(t)
  watch.worked(WORK, 200)
  for (let n = 0; n < 10; n++) look(100)
  assert.deepEqual(logged, [])
  assert.equal(watch.stoodLately(), false)
})

test('a loop that stood says for how long and over what', (t) => {
  const { watch, logged, blocked, look } = setUp(t)
  watch.worked({ ...WORK, session: 's2' }, 20)
  watch.worked(WORK, 400)
  look(400)
  assert.deepEqual(logged, [{ event: 'loop.blocked', blocked_ms: 400, ...WORK }])
  assert.deepEqual(blocked, [['postgres.statements', 0.4]])
})

test('work that is not most of it, or was before, is not blamed', (t) => {
  const { watch, blocked, look } = setUp(t)
  watch.worked(WORK, 100)
  look(400)
  watch.worked(WORK, 400)
  look(0)
  look(400)
  assert.deepEqual(blocked, [
    ['other', 0.4],
    ['other', 0.4],
  ])
})

test('for a minute it is known that it stood for longer than a revocation may take', (t) => {
  const { watch, look, rest } = setUp(t)
  look(999)
  assert.equal(watch.stoodLately(), false)
  look(1_000)
  assert.equal(watch.stoodLately(), true)
  rest(59_999)
  assert.equal(watch.stoodLately(), true)
  rest(1)
  assert.equal(watch.stoodLately(), false)
})
