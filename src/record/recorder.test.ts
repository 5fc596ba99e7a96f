import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  ALLOW,
  DENY,
  HOLD,
  intent,
  sessionFacts,
  START_MS,
} from '../../test/support/record/facts.ts'
import { recordedText } from '../../test/support/recorded.ts'
import { systemClock } from '../core/clock.ts'
import type { ChaperoneError } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import { recordSchema } from './lines/schema.ts'
import type { Recorder } from './lines/trail.ts'
import type { RecorderOptions } from './recorder.ts'
import { openRecorder } from './recorder.ts'
import type { RecordIo } from './segments/io.ts'
import { nodeIo } from './segments/io.ts'

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-records-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function open(path: string, over: Partial<RecorderOptions> = {}): Recorder {
  return openRecorder({
    folder: path,
    clock: systemClock,
    log: silentLog,
    gatewayVersion: 'test',
    sync: 'none',
    freeBytesMin: 1,
    ...over,
  })
}

function committed(recorder: Recorder): Promise<void> {
  return new Promise((resolve, reject) => {
    recorder.afterCommit({ committed: resolve, failed: reject })
  })
}

async function lines(path: string): Promise<Record<string, unknown>[]> {
  const text = await recordedText(path)
  return text
    .split('\n')
    .filter((line) => line.startsWith('{"metadata"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function sequences(records: readonly Record<string, unknown>[]): number[] {
  return records.map((record) => (record['metadata'] as { sequence: number }).sequence)
}

const OUTCOME = { at_ms: START_MS, result: 'success', duration_ms: 1 } as const

test('what is committed is in the file before the waiter hears of it', async (context) => {
  const path = folder(context)
  const recorder = open(path)
  const trail = recorder.openTrail(sessionFacts())
  trail.intent(intent({ text: 'select 42' }))
  await committed(recorder)
  assert.ok((await recordedText(path)).includes('select 42'))
  await recorder.close()
})

test('sequence numbers go on over segments, frames and restarts', async (context) => {
  const path = folder(context)
  for (let start = 0; start < 2; start++) {
    const recorder = open(path, { segmentBytesMax: 700_000 })
    const trail = recorder.openTrail(sessionFacts())
    for (let count = 0; count < 1500; count++) {
      trail.outcome(trail.intent(intent({ text: `select ${count}` })), OUTCOME)
      if (count % 100 === 0) await committed(recorder)
    }
    await recorder.close()
  }
  const found = sequences(await lines(path)).sort((a, b) => a - b)
  assert.equal(found.length, 6000)
  assert.deepEqual(
    found,
    Array.from({ length: 6000 }, (_, index) => index + 1),
  )
})

for (const sync of ['none', 'commit'] as const) {
  test(`a disk that fails refuses intents, keeps outcomes, and recovers (${sync})`, async (context) => {
    const path = folder(context)
    let failing = false
    const real = nodeIo({ syncFolders: false })
    const io: RecordIo = {
      ...real,
      write(file, bytes, offset, length) {
        if (!failing) return real.write(file, bytes, offset, length)
        // A part is written before it fails, as a full disk does it.
        real.write(file, bytes, offset, Math.min(10, length))
        throw new Error('ENOSPC')
      },
    }
    const recorder = open(path, { io, sync })
    const trail = recorder.openTrail(sessionFacts())
    const before = trail.intent(intent({ text: 'before' }))
    await committed(recorder)
    failing = true
    trail.outcome(before, { ...OUTCOME, rows: 4711 })
    const refused = trail.intent(intent({ text: 'never runs' }))
    await assert.rejects(committed(recorder), (error: ChaperoneError) => {
      assert.equal(error.code, 'RECORD_UNAVAILABLE')
      return true
    })
    assert.equal(recorder.fault?.code, 'RECORD_UNAVAILABLE')
    trail.outcome(refused, { ...OUTCOME, result: 'refused' })
    failing = false
    for (let tries = 0; recorder.fault !== undefined; tries++) {
      assert.ok(tries < 100, 'it did not recover')
      await delay(50)
    }
    trail.intent(intent({ text: 'after' }))
    await committed(recorder)
    await recorder.close()
    const text = await recordedText(path)
    assert.ok(text.includes('"rows":4711'), 'the outcome of what had run is kept')
    assert.ok(text.includes('"query_string":"after"'))
    assert.ok(!text.includes('never runs'), 'what never ran is no intent')
    const found = sequences(await lines(path))
    assert.equal(new Set(found).size, found.length)
  })
}

test('a folder that is taken away is made anew', async (context) => {
  const path = folder(context)
  const recorder = open(path)
  const trail = recorder.openTrail(sessionFacts())
  trail.intent(intent({ text: 'one' }))
  await committed(recorder)
  renameSync(join(path, 'live'), join(path, 'stolen'))
  trail.intent(intent({ text: 'two' }))
  await committed(recorder)
  assert.ok(existsSync(join(path, 'live')))
  await recorder.close()
  assert.ok((await recordedText(path)).includes('"query_string":"two"'))
})

test('a folder in the place of which there is a file refuses', (context) => {
  const path = join(folder(context), 'records')
  writeFileSync(path, '')
  assert.throws(() => open(path), { code: 'RECORD_UNAVAILABLE' })
})

test('one folder takes one recorder', async (context) => {
  const path = folder(context)
  const recorder = open(path)
  assert.throws(() => open(path), { code: 'RECORD_UNAVAILABLE' })
  await recorder.close()
  await open(path).close()
})

test('an unfinished last line is left out when its segment is sealed', async (context) => {
  const path = folder(context)
  const recorder = open(path)
  const trail = recorder.openTrail(sessionFacts())
  trail.intent(intent({ text: 'whole' }))
  await committed(recorder)
  const [live] = readdirSync(join(path, 'live'))
  // As a crash would leave it: copied while the gateway is not looking.
  const crashed = folder(context)
  const torn = `${await recordedText(path)}{"metadata":{"uid":"x`
  await recorder.close()
  await open(crashed).close()
  writeFileSync(join(crashed, 'live', live!), torn)
  const again = open(crashed)
  await again.close()
  const found = await lines(crashed)
  assert.equal(found.length, 1)
})

test('a live file whose records are sealed already is removed, and counts once', async (context) => {
  const path = folder(context)
  const recorder = open(path)
  recorder.openTrail(sessionFacts()).intent(intent({ text: 'whole' }))
  await committed(recorder)
  const [live] = readdirSync(join(path, 'live'))
  const text = await recordedText(path)
  await recorder.close()
  const before = await lines(path)
  // As a crash between the two would leave it.
  writeFileSync(join(path, 'live', live!), text)
  const again = open(path)
  assert.ok(!existsSync(join(path, 'live', live!)))
  await again.close()
  assert.deepEqual(await lines(path), before)
})

test('every kind of record fits its schema', async (context) => {
  const path = folder(context)
  const recorder = open(path)
  const trail = recorder.openTrail(sessionFacts())
  trail.opened({ targetRole: 'r', backendPid: 1 })
  for (const verdict of [ALLOW, HOLD, DENY]) {
    const id = trail.intent(intent({ verdict, parameters: [null, 'x', 'y'.repeat(100_000)] }))
    trail.outcome(id, { ...OUTCOME, rows: 1, bytes: 2, masked: ['email'], error: '22P02' })
  }
  recorder.note({ at_ms: START_MS, type: 'gateway-started', message: 'It started.' })
  trail.closed({ code: 'SESSION_REVOKED', message: 'It was revoked.' })
  await committed(recorder)
  await recorder.close()
  const records = await lines(path)
  assert.equal(records.length, 9)
  for (const record of records) {
    const parsed = recordSchema.safeParse(record)
    assert.ok(parsed.success, JSON.stringify([parsed.error?.issues, record]))
  }
})
