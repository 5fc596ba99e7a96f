import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { silentLog } from '../../src/core/log.ts'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { loadParser } from '../../src/sql/postgres/parse/parser.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import type { Player } from '../wire/player.ts'
import { openPlayer } from '../wire/player.ts'
import type { HoldWorld } from './hold-world.ts'
import { checkHistory, createHoldWorld, playRounds, POLICIES } from './hold-world.ts'
import { createSimpleTarget } from './simple-target.ts'

/**
 * A session's operations are held while everything else changes in any order: policies, answers,
 * time, records that are late, a target that is slow, a client that cancels or goes.
 */
const SEED = seedFrom('HOLD_SEED')
const ROUNDS = countFrom('HOLD_ROUNDS', 300)
const STEPS = 60

before(() => loadParser())

interface Play {
  readonly world: HoldWorld
  readonly player: Player
  /** What the target has answered, and the gateway has not heard. */
  readonly said: Buffer[]
  readonly dice: Dice
}

const STEP: Readonly<Record<string, (play: Play) => unknown>> = {
  query: ({ player, dice }) => player.fromClient(message(0x51, textOf(dice))),
  batch({ player, dice }) {
    const runs = Array.from({ length: dice.between(1, 3) }, () => [
      parse('', textOf(dice)),
      bind('', '', []),
      execute(''),
    ])
    player.fromClient(Buffer.concat([...runs.flat(), SYNC]))
  },
  target: ({ player, said }) => player.fromTarget(Buffer.concat(said.splice(0))),
  commit: ({ world }) => world.commit(),
  policy({ world, player, dice }) {
    if (dice.between(0, 3) > 0) return
    world.change(dice.pick(POLICIES))
    player.policyChanged()
  },
  answer: ({ world, dice }) => world.answer(dice),
  answerToo: ({ world, dice }) => world.answer(dice),
  expire: ({ world, dice }) => dice.between(0, 4) === 0 && world.expire(),
  cancel: ({ player, dice }) => dice.between(0, 3) === 0 && player.cancel(),
}

/** Few texts, so that the same bytes come again. */
function textOf(dice: Dice): string {
  return `SELECT ${dice.between(1, 3)}`
}

async function play(dice: Dice): Promise<Map<string, number>> {
  const late = dice.between(0, 2) === 0
  const world = createHoldWorld(late)
  let failed: unknown
  const player = openPlayer(
    { ...silentLog, warn: (event, fields) => void (failed ??= [event, fields]) },
    world,
  )
  const target = createSimpleTarget((text) => void world.events.push({ type: 'ran', text }))
  const all: Play = { world, player, said: [], dice }
  for (let step = 0; step < STEPS; step++) {
    STEP[dice.pick(Object.keys(STEP))]!(all)
    hear()
    if (dice.between(0, 3) > 0) await turn()
    hear()
  }
  player.leave()
  world.commit()
  hear()
  await turn()
  assert.equal(failed, undefined)
  return checkHistory(world.events, late)

  function hear(): void {
    all.said.push(target.hear(player.takeForTarget()))
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('a rule that comes back asks again, and no answer from before counts', async () => {
  const world = createHoldWorld(false)
  const player = openPlayer(silentLog, world)
  const target = createSimpleTarget((text) => void world.events.push({ type: 'ran', text }))
  const settle = async () => {
    for (let round = 0; round < 5; round++) {
      player.fromTarget(target.hear(player.takeForTarget()))
      await turn()
    }
  }
  const change = (policy: (typeof POLICIES)[number]) => {
    world.change(policy)
    player.policyChanged()
  }
  change('one of dba')
  player.fromClient(message(0x51, 'SELECT 1'))
  await settle()
  change('allow')
  await settle()
  change('one of dba')
  player.fromClient(message(0x51, 'SELECT 1'))
  await settle()
  const told = world.events.map((one) => {
    if (one.type === 'intent') return `intent ${one.effect}`
    if (one.type === 'outcome') return `outcome ${one.result} ${one.error}`.trim()
    return one.type === 'closed' ? `closed ${one.state}` : one.type
  })
  const before = 'policy, intent hold, asked, policy'
  const superseded = 'closed superseded, outcome withdrawn APPROVAL_SUPERSEDED'
  const allowed = 'intent allow, ran, outcome success'
  const again = 'policy, intent hold, asked'
  assert.equal(told.join(', '), [before, superseded, allowed, again].join(', '))
})

test(`what is held ends once, whatever comes between: ${ROUNDS} rounds, seed ${SEED}`, () =>
  playRounds(createDice(SEED), ROUNDS, play))
