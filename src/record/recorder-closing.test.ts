import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { intent, sessionFacts, START_MS } from '../../test/support/record/facts.ts'
import { recordedText } from '../../test/support/recorded.ts'
import { until } from '../../test/support/until.ts'
import { silentLog } from '../core/log.ts'
import { openRecorder } from './recorder.ts'
import type { RecordIo } from './segments/io.ts'
import { nodeIo } from './segments/io.ts'

/*
 * A gateway that stops while its disk is dead stops all the same: it tries once more, says what it
 * could not write, and leaves the folder to the next one.
 */

/** So often a dead call is made before the disk works again: only a loop gets that far. */
const REVIVED_AFTER = 50
/** What a close may try: what is under way, and once more. */
const TRIES_MAX = 4

const DEAD = ['create', 'write', 'truncate', 'sync', 'freeBytes'] as const

function dying(which: (typeof DEAD)[number], state: { dead: boolean; tries: number }): RecordIo {
  const real = nodeIo({ syncFolders: false })
  const isDead = (call: string) => {
    if (call !== which || !state.dead) return false
    state.tries += 1
    return state.tries < REVIVED_AFTER
  }
  const die = (call: string) => {
    if (isDead(call)) throw new Error('EIO')
  }
  return {
    ...real,
    create(path) {
      die('create')
      return real.create(path)
    },
    write(file, bytes, offset, length) {
      die('write')
      // Of a write that is cut short something is left, which is to be cut off again.
      if (which === 'truncate' && isDead('truncate')) {
        real.write(file, bytes, offset, 1)
        throw new Error('EIO')
      }
      return real.write(file, bytes, offset, length)
    },
    truncate(file, size) {
      die('truncate')
      real.truncate(file, size)
    },
    sync: (_file, done) => setImmediate(done, isDead('sync') ? new Error('EIO') : null),
    freeBytes: () => (isDead('freeBytes') ? 0 : Number.MAX_SAFE_INTEGER),
  }
}

for (const sync of ['none', 'commit'] as const) {
  for (const which of DEAD) {
    test(`closing comes to an end where ${which} is dead (${sync})`, async (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'chaperone-closing-'))
      context.after(() => rmSync(folder, { recursive: true, force: true }))
      const state = { dead: which === 'create', tries: 0 }
      const events: string[] = []
      const open = (io: RecordIo) =>
        openRecorder({
          folder,
          clock: { now_ms: () => START_MS, steady_ms: () => 0 },
          log: { ...silentLog, error: (event: string) => void events.push(event) },
          gatewayVersion: 'test',
          sync,
          freeBytesMin: 1,
          io,
        })
      const recorder = open(dying(which, state))
      const trail = recorder.openTrail(sessionFacts())
      const told: string[] = []
      const ask = (text: string) => {
        trail.intent(intent({ text }))
        recorder.afterCommit({
          committed: () => void told.push(`${text} written`),
          failed: ({ code }) => void told.push(`${text} ${code}`),
        })
      }
      if (!state.dead) {
        ask('one')
        await until('one', () => told.length > 0)
        assert.deepEqual(told.splice(0), ['one written'])
      }
      state.dead = true
      ask('two')
      await recorder.close()
      assert.ok(state.tries <= TRIES_MAX, `it was tried ${state.tries} times`)
      const isDead = state.tries > 0
      assert.deepEqual(told, [isDead ? 'two RECORD_UNAVAILABLE' : 'two written'])
      if (isDead) assert.ok(events.includes('records.unavailable'))

      const again = open(nodeIo({ syncFolders: false }))
      await again.close()
      const text = await recordedText(folder)
      assert.equal(text.includes('"query_string":"one"'), which !== 'create')
      if (isDead) assert.doesNotMatch(text, /"query_string":"two"/)
    })
  }
}
