import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { BACKEND, FRONTEND, HEADER_BYTES } from '../../src/protocol/postgres/messages/frame.ts'
import { TERMINATE } from '../../src/protocol/postgres/messages/message.ts'
import { loadParser } from '../../src/sql/postgres/parse/parser.ts'
import type { Dice } from '../support/dice.ts'
import { createDice } from '../support/dice.ts'
import { readLines } from '../wire/notation.ts'
import { runs, SEED } from './amounts.ts'
import type { Scene } from './mutate.ts'
import { mutate } from './mutate.ts'
import type { Played } from './play.ts'
import { inPieces, playScenes, whole } from './play.ts'

/**
 * Captured conversations with a few things wrong, on either side. Whatever comes: what goes to the
 * target is whole messages whose texts the client has sent, the conversation ends by a code that is
 * not INTERNAL or goes on, and it does not matter how the bytes are
 * cut.
 */
const FOLDER = new URL('../wire/conversations/', import.meta.url)
const CONVERSATIONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => scenesOf(readFileSync(new URL(name, FOLDER), 'utf8')))
const FOREIGN = { client: messagesOf('client'), target: messagesOf('target') }

before(() => loadParser())

function scenesOf(text: string): readonly Scene[] {
  const scenes: { from: Scene['from']; messages: Buffer[] }[] = []
  let open = false
  for (const { direction, bytes } of readLines(text)) {
    if (direction === 'f') open = false
    if (direction !== 'F' && direction !== 'B') continue
    const from = direction === 'F' ? 'client' : 'target'
    const last = scenes.at(-1)
    if (open && last?.from === from) last.messages.push(bytes)
    else scenes.push({ from, messages: [bytes] })
    open = true
  }
  return scenes
}

function messagesOf(from: Scene['from']): readonly Buffer[] {
  return CONVERSATIONS.flat().flatMap((scene) => (scene.from === from ? scene.messages : []))
}

const RUNS = runs(800)

test(`${RUNS} conversations with mistakes by seed ${SEED}`, () => {
  const ends = new Map<string, number>()
  for (let run = 0; run < RUNS; run++) {
    const dice = createDice(SEED).child(run)
    const right = dice.pick(CONVERSATIONS)
    const scenes = mutate(dice, right, FOREIGN)
    const isTargetTrue = saidBy('target', scenes).equals(saidBy('target', right))
    const played = examine(scenes, dice, `FUZZ_SEED=${SEED}, run ${run}`, isTargetTrue)
    const end = played.failed ?? 'goes on'
    ends.set(end, (ends.get(end) ?? 0) + 1)
  }
  assert.ok(ends.has('goes on') && ends.has('PROTOCOL_VIOLATION') && ends.has('TARGET_PROTOCOL'))
})

function saidBy(peer: Scene['from'], scenes: readonly Scene[]): Buffer {
  return Buffer.concat(scenes.flatMap(({ from, messages }) => (from === peer ? messages : [])))
}

/** Plays it whole and in pieces, and looks at what came of it. */
function examine(
  scenes: readonly Scene[],
  dice: Dice,
  told: string,
  isTargetTrue: boolean,
): Played {
  const played = playScenes(scenes, whole)
  const again = playScenes(scenes, inPieces(dice))
  for (const one of [played, again]) {
    assert.notEqual(one.failed, 'INTERNAL', told)
    assert.deepEqual(strangeTexts(scenes, one, told), [], told)
  }
  // A target that speaks out of turn is understood by when its bytes come. One that answers what
  // was captured does so too, where the client asks something else.
  const failures = [played.failed, again.failed]
  if (!isTargetTrue || failures.includes('TARGET_PROTOCOL')) return played
  assert.equal(again.failed, played.failed, told)
  if (played.failed === undefined) assert.deepEqual(comparable(again), comparable(played), told)
  return played
}

interface Finding {
  readonly why: string
  readonly scenes: readonly { readonly from: Scene['from']; readonly bytes: string }[]
}

const FINDINGS = JSON.parse(
  readFileSync(new URL('findings/conversations.json', import.meta.url), 'utf8'),
) as readonly Finding[]

/** What a long run finds is added. */
for (const { why, scenes } of FINDINGS) {
  test(`once found: ${why}`, () => {
    const again = scenes.map(({ from, bytes }) => ({
      from,
      messages: [Buffer.from(bytes, 'latin1')],
    }))
    examine(again, createDice(SEED), why, false)
  })
}

/**
 * Poisoned portals have names of their own. A notice that comes while the gateway asks a question of
 * its own is taken for a part of the answer.
 */
function comparable({ toTarget, toClient }: Played) {
  return [toTarget, withoutNotices(toClient)].map((bytes) =>
    bytes.toString('latin1').replaceAll(/refused by chaperone [0-9a-f]{32}/g, 'refused'),
  )
}

function withoutNotices(toClient: Buffer): Buffer {
  const kept: Buffer[] = []
  for (let at = 0; at + HEADER_BYTES <= toClient.length;) {
    const end = at + 1 + toClient.readInt32BE(at + 1)
    if (toClient[at] !== BACKEND.NoticeResponse) kept.push(toClient.subarray(at, end))
    at = end
  }
  return Buffer.concat(kept)
}

/** The gateway's own questions. */
const OWN = /^chaperone (?:catalog|plan)\0/

/** Texts at the target that stand in nothing that the client has sent; throws for broken messages. */
function strangeTexts(scenes: readonly Scene[], { toTarget }: Played, told: string): string[] {
  const client = saidBy('client', scenes).toString('latin1')
  const strange: string[] = []
  // Said at every end, also in the middle of COPY data that was not all there.
  const length =
    toTarget.length -
    (toTarget.subarray(-TERMINATE.length).equals(TERMINATE) ? TERMINATE.length : 0)
  for (let at = 0; at < length;) {
    if (length - at < HEADER_BYTES) return [...strange, 'half a header']
    const end = at + 1 + toTarget.readInt32BE(at + 1)
    // Only COPY data goes on before all of a message is there.
    if (end > length) assert.equal(toTarget[at], FRONTEND.CopyData, told)
    const body = toTarget.toString('latin1', at + 5, end)
    const isText = toTarget[at] === FRONTEND.Query || toTarget[at] === FRONTEND.Parse
    if (isText && !OWN.test(body) && !client.includes(body)) strange.push(body)
    at = end
  }
  return strange
}
