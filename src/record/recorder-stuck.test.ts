import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { intent, sessionFacts, START_MS } from '../../test/support/record/facts.ts'
import { recordedText } from '../../test/support/recorded.ts'
import { silentLog } from '../core/log.ts'
import { SYNC_MS_MAX } from './lines/limits.ts'
import { openRecorder } from './recorder.ts'
import { nodeIo } from './segments/io.ts'

/** A disk that takes writes and answers a sync when it is told to. */
function setUp(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-stuck-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const syncs: ((error: Error | null) => void)[] = []
  const recorder = openRecorder({
    folder,
    clock: { now_ms: () => START_MS, steady_ms: () => 0 },
    log: silentLog,
    gatewayVersion: 'test',
    sync: 'commit',
    freeBytesMin: 1,
    io: { ...nodeIo({ syncFolders: false }), sync: (_file, done) => void syncs.push(done) },
  })
  const trail = recorder.openTrail(sessionFacts())
  const told: string[] = []
  const attempt = (text: string) => {
    const id = trail.intent(intent({ text }))
    recorder.afterCommit({
      committed: () => void told.push(`${text} written`),
      failed({ code }) {
        told.push(`${text} ${code}`)
        trail.outcome(id, { at_ms: START_MS, result: 'refused', duration_ms: 0, error: code })
      },
    })
  }
  return {
    folder,
    recorder,
    told,
    attempt,
    answer: (error: Error | null) => syncs.shift()?.(error),
  }
}

async function turns(): Promise<void> {
  for (let count = 0; count < 5; count++) await turn()
}

test('a disk that does not answer refuses who waits, and all who come, at once', async (context) => {
  const { folder, recorder, told, attempt, answer } = setUp(context)
  attempt('one')
  await turns()
  attempt('two')
  await turns()
  assert.deepEqual(told, [])
  context.mock.timers.tick(SYNC_MS_MAX)
  assert.deepEqual(told, ['one RECORD_UNAVAILABLE', 'two RECORD_UNAVAILABLE'])
  assert.equal(recorder.fault?.code, 'RECORD_UNAVAILABLE')
  attempt('three')
  await turns()
  assert.equal(told.at(-1), 'three RECORD_UNAVAILABLE')

  answer(null)
  await turns()
  answer(null)
  assert.equal(recorder.fault, undefined)
  attempt('four')
  await turns()
  answer(null)
  assert.equal(told.at(-1), 'four written')
  const closing = recorder.close()
  for (let count = 0; count < 5; count++) {
    await turns()
    answer(null)
  }
  await closing
  const text = await recordedText(folder)
  assert.match(text, /"query_string":"one"/, 'it was in the file already')
  assert.match(text, /"operation":"[^"]+\.1","result":"refused"/, 'and is known not to have run')
  assert.doesNotMatch(text, /"query_string":"(?:two|three)"/)
  assert.match(text, /"query_string":"four"/)
  assert.match(text, /records-interrupted/)
})

test('one that fails in the end leaves nothing of what was refused', async (context) => {
  const { folder, recorder, told, attempt, answer } = setUp(context)
  attempt('one')
  await turns()
  context.mock.timers.tick(SYNC_MS_MAX)
  answer(new Error('EIO'))
  context.mock.timers.tick(1_000)
  await turns()
  answer(null)
  assert.equal(recorder.fault, undefined)
  attempt('two')
  await turns()
  answer(null)
  assert.deepEqual(told, ['one RECORD_UNAVAILABLE', 'two written'])
  const closing = recorder.close()
  for (let count = 0; count < 5; count++) {
    await turns()
    answer(null)
  }
  await closing
  assert.doesNotMatch(await recordedText(folder), /"query_string":"one"/)
})

test('closing does not wait for a disk that is gone', async (context) => {
  const { recorder, attempt } = setUp(context)
  attempt('one')
  await turns()
  const closing = recorder.close()
  await turns()
  context.mock.timers.tick(SYNC_MS_MAX)
  await closing
  assert.equal(recorder.fault?.code, 'RECORD_UNAVAILABLE')
})
