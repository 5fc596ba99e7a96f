import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../../src/core/log.ts'
import type { Turns } from '../../src/session/turns.ts'
import { loadParser } from '../../src/sql/postgres/parse/parser.ts'
import type { Direction, Line } from './notation.ts'
import { normalise, readLines, writeLines } from './notation.ts'
import { openPlayer } from './player.ts'

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'conversations')
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))

before(() => loadParser())

interface Scene {
  readonly from: 'client' | 'target'
  readonly bytes: Buffer
}

/** Runs of lines from one side. What the gateway says to the target ends one: nobody answers unasked. */
function scenes(lines: readonly Line[]): Scene[] {
  const found: { from: Scene['from']; parts: Buffer[] }[] = []
  let open = false
  for (const { direction, bytes } of lines) {
    if (direction === 'f') open = false
    if (direction !== 'F' && direction !== 'B') continue
    const from = direction === 'F' ? 'client' : 'target'
    const last = found.at(-1)
    if (open && last?.from === from) last.parts.push(bytes)
    else found.push({ from, parts: [bytes] })
    open = true
  }
  return found.map(({ from, parts }) => ({ from, bytes: Buffer.concat(parts) }))
}

/** Plays what both peers said, cut into pieces of `size`, and gives what each of them heard. */
async function play(
  lines: readonly Line[],
  size: number,
  turns?: TurnsByHand,
): Promise<{ toTarget: Buffer; toClient: Buffer }> {
  const player = openPlayer(silentLog, turns === undefined ? {} : { turns })
  for (const { from, bytes } of scenes(lines)) {
    for (let at = 0; at < bytes.length; at += size) {
      const piece = Buffer.from(bytes.subarray(at, at + size))
      if (from === 'client') player.fromClient(piece)
      else player.fromTarget(piece)
      turns?.callAll()
    }
    // What the gateway asked of others (a cancel) has been done by now.
    await setImmediate()
  }
  return { toTarget: player.takeForTarget(), toClient: player.takeForClient() }
}

/** Every message uses up a turn, and the next one comes when it is called. */
interface TurnsByHand extends Turns {
  callAll(): void
}

function createTurnsByHand(): TurnsByHand {
  const line: (() => void)[] = []
  return {
    open(_whose, take) {
      let inLine = false
      return {
        begin: () => !inLine,
        isOver: () => true,
        end(left) {
          if (!left) return
          inLine = true
          line.push(() => {
            inLine = false
            take()
          })
        },
        get inLine() {
          return inLine
        },
      }
    },
    callAll() {
      for (let take = line.shift(); take !== undefined; take = line.shift()) take()
    },
  }
}

function shown(direction: Direction, bytes: Buffer): string[] {
  return writeLines(direction, bytes).map(normalise)
}

test('there are conversations to replay', () => assert.ok(FILES.length >= 10, `${FILES.length}`))

for (const file of FILES) {
  const text = readFileSync(join(FOLDER, file), 'utf8')
  const lines = readLines(text)
  const said = (direction: Direction) =>
    text.split('\n').filter((line) => line.startsWith(`${direction} `))
  for (const [name, size] of [
    ['whole', 1_000_000],
    ['byte by byte', 1],
    ['seven bytes at a time', 7],
  ] as const) {
    test(`${file}, ${name}`, async () => {
      const { toTarget, toClient } = await play(lines, size)
      assert.deepEqual(shown('f', toTarget), said('f'))
      assert.deepEqual(shown('b', toClient), said('b'))
    })
  }
  test(`${file}, one message a turn`, async () => {
    const { toTarget, toClient } = await play(lines, 1_000_000, createTurnsByHand())
    assert.deepEqual(shown('f', toTarget), said('f'))
    assert.deepEqual(shown('b', toClient), said('b'))
  })
}
