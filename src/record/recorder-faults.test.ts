import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { countFrom } from '../../test/support/dice.ts'
import {
  ALLOW,
  DENY,
  HOLD,
  intent,
  sessionFacts,
  START_MS,
} from '../../test/support/record/facts.ts'
import { recordedText } from '../../test/support/recorded.ts'
import type { SteadyClock } from '../core/clock.ts'
import { silentLog } from '../core/log.ts'
import { openRecorder } from './recorder.ts'
import type { RecordIo } from './segments/io.ts'
import { nodeIo } from './segments/io.ts'

/*
 * A disk whose every call may fail, by a seed. Whatever it does: who was told that all is written
 * finds it in the files, once; what was told to be unrecorded is nowhere; evidence is never lost.
 */

const OUTCOME = { at_ms: START_MS, result: 'success', duration_ms: 1 } as const
const ROUNDS = 150
/** The long form (FAULT_ROUNDS) tries more of them, from FAULT_SEED on. */
const SEEDS = countFrom('FAULT_ROUNDS', 8)
const FIRST_SEED = countFrom('FAULT_SEED', 1)

/** A linear congruential generator (Numerical Recipes): the same seed, the same faults. */
function dice(seed: number): (chance: number) => boolean {
  let state = seed
  return (chance) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 < chance
  }
}

function failingIo(roll: (chance: number) => boolean, chance: () => number): RecordIo {
  const real = nodeIo({ syncFolders: false })
  const maybe = (): void => {
    if (roll(chance())) throw new Error('EIO')
  }
  return {
    ...real,
    create(path) {
      maybe()
      return real.create(path)
    },
    write(file, bytes, offset, length) {
      if (!roll(chance())) return real.write(file, bytes, offset, length)
      real.write(file, bytes, offset, Math.floor(length / 2))
      throw new Error('ENOSPC')
    },
    truncate(file, size) {
      maybe()
      real.truncate(file, size)
    },
    leadsTo: (path, file) => real.leadsTo(path, file),
    // The real one takes as long as it likes; this one keeps the order of events the same.
    sync(_file, done) {
      const error = roll(chance()) ? new Error('EIO') : null
      setImmediate(() => done(error))
    },
    freeBytes: () => (roll(chance() / 4) ? 0 : Number.MAX_SAFE_INTEGER),
  }
}

for (const sync of ['none', 'commit'] as const) {
  for (const seed of Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index)) {
    test(`whatever the disk does, nobody is told wrong (${sync}, seed ${seed})`, async (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'chaperone-faults-'))
      context.after(() => rmSync(folder, { recursive: true, force: true }))
      const roll = dice(seed)
      let chance = 0
      let now_ms = START_MS
      const clock: SteadyClock = { now_ms: () => (now_ms += 7), steady_ms: () => now_ms }
      const io = failingIo(roll, () => chance)
      const recorder = openRecorder({
        folder,
        io,
        clock,
        sync,
        log: silentLog,
        gatewayVersion: 'test',
        segmentBytesMax: 60_000,
        freeBytesMin: 1,
      })
      const trail = recorder.openTrail(sessionFacts())
      const written: string[] = []
      const unwritten: string[] = []
      const evidence: string[] = []
      for (let round = 0; round < ROUNDS; round++) {
        chance = Math.floor(round / 10) % 2 === 0 ? 0.02 : 0.4
        for (let each = 0; each < 3; each++) {
          const name = `<${round}-${each}>`
          const verdict = [ALLOW, DENY, HOLD][each]!
          const id = trail.intent(intent({ text: name, verdict }))
          if (each > 0) {
            evidence.push(name)
            continue
          }
          recorder.afterCommit({
            committed() {
              written.push(name)
              trail.outcome(id, { ...OUTCOME, error: name })
            },
            failed: () => void unwritten.push(name),
          })
        }
        await turn()
        if (roll(0.3)) await turn()
      }
      chance = 0
      while (written.length + unwritten.length < ROUNDS) await turn()
      await recorder.close()

      const text = await recordedText(folder)
      const times = (part: string): number => text.split(part).length - 1
      assert.ok(written.length > 0 && unwritten.length > 0, 'both happened')
      for (const name of [...written, ...evidence]) {
        assert.equal(times(`"query_string":"${name}"`), 1, `${name} is there once`)
      }
      for (const name of written) assert.equal(times(`"status_code":"${name}"`), 1, `${name} ended`)
      for (const name of unwritten) assert.equal(times(name), 0, `${name} is nowhere`)
      const numbers = [...text.matchAll(/^\{"metadata":\{"uid":"[^"]+","sequence":(\d+)/gm)]
      const sequences = numbers.map((match) => Number(match[1])).sort((a, b) => a - b)
      assert.deepEqual(
        sequences,
        sequences.map((_, index) => index + 1),
        'no number is missing and none comes twice',
      )
    })
  }
}
