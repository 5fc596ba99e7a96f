import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openRecorder } from '../../src/record/recorder.ts'
import { intent, sessionFacts, START_MS } from '../support/record/facts.ts'
import { recordedText } from '../support/recorded.ts'
import { mountSmallDisk, NO_SMALL_DISK, unmount } from '../support/small-disk.ts'

const disk = mountSmallDisk('1m')
const skip = disk === undefined ? NO_SMALL_DISK : false

test('a full disk refuses, loses nothing, and is recovered from', { skip }, async (context) => {
  context.after(() => unmount(disk!))
  const recorder = openRecorder({
    folder: join(disk!, 'records'),
    clock: systemClock,
    log: silentLog,
    gatewayVersion: 'test',
    sync: 'commit',
    freeBytesMin: 1,
  })
  const trail = recorder.openTrail(sessionFacts())
  const ran: string[] = []
  const refused: string[] = []
  const attempt = (text: string) => {
    const id = trail.intent(intent({ text }))
    return new Promise<void>((resolve) => {
      recorder.afterCommit({
        committed() {
          ran.push(text)
          trail.outcome(id, { at_ms: START_MS, result: 'success', duration_ms: 1 })
          resolve()
        },
        failed(error) {
          assert.equal(error.code, 'RECORD_UNAVAILABLE')
          refused.push(text)
          resolve()
        },
      })
    })
  }
  const ballast = join(disk!, 'ballast')
  writeFileSync(ballast, Buffer.alloc(600_000))
  for (let count = 0; refused.length < 5; count++) {
    assert.ok(count < 2000, 'the disk did not fill up')
    await attempt(`statement number ${count} of many`)
  }
  rmSync(ballast)
  for (let tries = 0; recorder.fault !== undefined; tries++) {
    assert.ok(tries < 200, 'it did not recover')
    await delay(25)
  }
  await attempt('statement after the outage')
  assert.equal(ran.at(-1), 'statement after the outage')
  await recorder.close()
  const text = await recordedText(join(disk!, 'records'))
  for (const statement of ran) assert.ok(text.includes(`"${statement}"`), `${statement} is missing`)
  for (const statement of refused) assert.ok(!text.includes(`"${statement}"`), statement)
  context.diagnostic(`${ran.length} ran and are recorded, ${refused.length} were refused`)
})
