import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { intent, sessionFacts } from '../../test/support/record/facts.ts'
import { recordedText } from '../../test/support/recorded.ts'
import { createTestClock } from '../../test/support/test-clock.ts'
import { silentLog } from '../core/log.ts'
import type { Recorder } from './lines/trail.ts'
import type { RecorderOptions } from './recorder.ts'
import { openRecorder } from './recorder.ts'
import { nodeIo } from './segments/io.ts'

function open(context: TestContext, over: Partial<RecorderOptions>) {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-limits-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const clock = createTestClock()
  const recorder = openRecorder({
    folder,
    clock,
    log: silentLog,
    gatewayVersion: 'test',
    freeBytesMin: 1,
    ...over,
  })
  context.after(() => recorder.close())
  return { folder, clock, recorder }
}

const committed = (recorder: Recorder, ofPerson = false) =>
  new Promise<string>((resolve) => {
    recorder.afterCommit({
      ofPerson,
      committed: () => resolve('committed'),
      failed: ({ code }) => resolve(code),
    })
  })

test('an agent that floods is refused, and its refusals are a line, not a flood', async (context) => {
  const perAgent = { burst: 200_000, perSecond: 1000 }
  const { folder, clock, recorder } = open(context, { perAgent })
  const trails = [1, 2, 3].map(() => recorder.openTrail(sessionFacts()))
  const text = `SELECT 1 /* ${'x'.repeat(10_000)} */`
  let asked = 0
  for (let n = 0; n < 3000; n++) {
    const trail = trails[n % 3]!
    clock.advance_ms(10)
    if (trail.refuses(text.length)) continue
    trail.intent(intent({ text }))
    asked++
  }
  await committed(recorder)
  await recorder.close()
  const written = await recordedText(folder)
  // The burst, thirty seconds of the rate, and one statement over; and a note each ten seconds.
  assert.ok(written.length < 200_000 + 30 * 1000 + 15_000 + 10_000, `${written.length} characters`)
  const told = [...written.matchAll(/"type":"records-limited".*?"refused":(\d+)/g)]
  assert.ok(told.length > 0 && told.length <= 5)
  const sum = told.reduce((all, [, refused]) => all + Number(refused), 0)
  assert.equal(sum, 3000 - asked, 'also what was refused last, before it fell silent')
})

test('what an agent does outside of its sessions counts as well', async (context) => {
  const { folder, clock, recorder } = open(context, { perAgent: { burst: 5000, perSecond: 1 } })
  const refused = { type: 'sign-in-refused', message: 'Nothing is granted.' } as const
  let told = 0
  for (let n = 0; n < 500; n++) {
    if (recorder.noteOf('etl', { ...refused, at_ms: clock.now_ms() })) told++
  }
  assert.equal(recorder.noteOf('other', { ...refused, at_ms: clock.now_ms() }), true)
  await recorder.close()
  const written = await recordedText(folder)
  assert.equal(written.match(/"type":"sign-in-refused"/g)?.length, told + 1)
  assert.ok(written.length < 10_000, `${written.length} characters`)
  const sums = [...written.matchAll(/"refused":(\d+)/g)].map(([, sum]) => Number(sum))
  assert.equal(told + sums.reduce((all, sum) => all + sum, 0), 500)
})

test('where no room is left for agents, what people decide is recorded still', async (context) => {
  for (const sync of ['none', 'commit'] as const) {
    let free = 1_000_000
    const io = { ...nodeIo({ syncFolders: false }), freeBytes: () => free }
    const { folder, clock, recorder } = open(context, { io, sync, freeBytesMin: 100_000 })
    const trail = recorder.openTrail(sessionFacts())
    const note = (message: string) =>
      recorder.note({ at_ms: clock.now_ms(), type: 'agent-revoked', message })
    const agentAsks = () => {
      trail.intent(intent({ text: 'SELECT 1' }))
      return committed(recorder)
    }
    assert.equal(await agentAsks(), 'committed')
    free = 90_000
    clock.advance_ms(60_000)
    assert.equal(await agentAsks(), 'RECORD_UNAVAILABLE')
    for (let n = 0; n < 5; n++) {
      note(`a person revokes ${n}`)
      const [agent, person] = await Promise.all([agentAsks(), committed(recorder, true)])
      assert.deepEqual([agent, person], ['RECORD_UNAVAILABLE', 'committed'])
      assert.notEqual(recorder.fault, undefined)
    }
    assert.match(await recordedText(folder), /a person revokes 4/)
    // Their reserve has an end, too.
    free = 20_000
    note('too late')
    assert.equal(await committed(recorder, true), 'RECORD_UNAVAILABLE')
    free = 1_000_000
    for (let tries = 0; recorder.fault !== undefined && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(await agentAsks(), 'committed')
  }
})
