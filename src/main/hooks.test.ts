import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../test/support/test-clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Recorder } from '../record/lines/trail.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { openHooks } from './hooks.ts'

function setUp() {
  const clock = createTestClock()
  const lines: Record<string, unknown>[] = []
  const noted: string[] = []
  let room = Infinity
  const log = {
    info: (_event: string, fields: Record<string, unknown>) => void lines.push(fields),
  } as unknown as Log
  const recorder = {
    noteOf(agent: string) {
      if (room-- <= 0) return false
      noted.push(agent)
      return true
    },
  } as unknown as Recorder
  const hooks = openHooks({ clock, log, recorder, metrics: {} as Metrics })
  const refuse = (agent?: string) =>
    hooks.sessionRefused(new ChaperoneError('CREDENTIAL_MISSING', 'None.'), {
      clientAddress: '::1',
      ...(agent === undefined ? {} : { agent }),
    })
  return { clock, lines, noted, refuse, only: (count: number) => void (room = count) }
}

test('strangers fill the log up to a bound, and the next line says how many were left out', () => {
  const { clock, lines, noted, refuse } = setUp()
  for (let n = 0; n < 5000; n++) refuse()
  assert.equal(lines.length, 1000)
  clock.advance_ms(1000)
  refuse()
  assert.equal(lines.at(-1)?.['untold'], 4000)
  assert.deepEqual(noted, [])
})

test('of an agent the log has what the records have', () => {
  const { lines, noted, refuse, only } = setUp()
  only(3)
  for (let n = 0; n < 50; n++) refuse('etl')
  assert.equal(noted.length, 3)
  assert.equal(lines.length, 3)
})
