import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setImmediate as nextPass } from 'node:timers/promises'
import { silentLog } from '../../src/core/log.ts'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import type { SessionMeter } from '../../src/session/governed.ts'
import { createTurns } from '../../src/session/turns.ts'
import { loadParser } from '../../src/sql/postgres/parse/parser.ts'
import type { Player } from './player.ts'
import { openPlayer } from './player.ts'

before(() => loadParser())

/** Sessions of one gateway where every message uses up a turn; `judged` tells whose were, in order. */
function openPlayers(...agents: readonly string[]): { players: Player[]; judged: number[] } {
  const judged: number[] = []
  let now_ms = 0
  const turns = createTurns({ steady_ms: () => (now_ms += 5) })
  const players = agents.map((agent, number) =>
    openPlayer(silentLog, {
      agent,
      turns,
      metrics: { session: () => ({ ...SILENT, operation: () => void judged.push(number) }) },
    }),
  )
  return { players, judged }
}

const nothing = () => {}
const SILENT: SessionMeter = {
  opened: nothing,
  closed: nothing,
  operation: nothing,
  operationDone: nothing,
  holds: nothing,
  bytes: nothing,
}

/** Statements that are judged, and refused, without asking the target anything. */
function statements(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => message(0x51, 'no such statement')))
}

test('between any two turns of those in line the event loop turns, and each comes by turns', async () => {
  const { players, judged } = openPlayers('a', 'b', 'c')
  for (const player of players) player.fromClient(statements(4))
  assert.deepEqual(judged, [0, 1, 2], 'one turn each, where nobody stood in line')
  const order = [...judged]
  while (judged.length < 12) {
    await nextPass()
    const fresh = judged.slice(order.length)
    assert.ok(fresh.length <= 1, `${fresh.length} turns in one pass`)
    order.push(...fresh)
  }
  assert.deepEqual(order, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
})

test('who has used up a turn stands in line for the next chunk too', async () => {
  const { players, judged } = openPlayers('a')
  const player = players[0]!
  player.fromClient(statements(1))
  player.fromClient(statements(1))
  assert.equal(judged.length, 1)
  await nextPass()
  await nextPass()
  assert.equal(judged.length, 2)
})

test('a client in line is not heard, so that its leaving comes after what it said', async () => {
  const { players, judged } = openPlayers('a')
  const player = players[0]!
  player.fromClient(statements(3))
  while (!player.hearsClient()) await nextPass()
  assert.equal(judged.length, 3)
})

test('a session that ends in line does nothing more', async () => {
  const { players, judged } = openPlayers('a', 'b')
  const [one, other] = players as [Player, Player]
  one.fromClient(statements(3))
  other.fromClient(statements(2))
  one.leave()
  for (let pass = 0; pass < 10; pass++) await nextPass()
  assert.deepEqual(judged, [0, 1, 1])
})

test('what comes from the target does not give a session more turns', async () => {
  const { players, judged } = openPlayers('a')
  const player = players[0]!
  player.fromClient(statements(2))
  player.fromTarget(Buffer.from('N\0\0\0\x05\0', 'latin1'))
  assert.equal(judged.length, 1)
})

test('sessions of one agent have one turn, and another agent its own', async () => {
  const { players, judged } = openPlayers('a', 'a', 'a', 'b')
  for (const player of players) player.fromClient(statements(2))
  assert.deepEqual(judged, [0, 3])
  for (let pass = 0; pass < 20; pass++) await nextPass()
  assert.deepEqual(judged, [0, 3, 0, 3, 1, 2, 1, 2])
})
