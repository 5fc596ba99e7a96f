import { test } from 'node:test'
import type { HttpApi } from '../../src/protocol/http/api.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp, request } from '../support/http-raw.ts'
import type { HoldWorld } from './hold-world.ts'
import { checkHistory, createHoldWorld, playRounds, POLICIES } from './hold-world.ts'

/** As with PostgreSQL: one session, several requests at once, and everything else in any order. */
const SEED = seedFrom('HOLD_SEED')
const ROUNDS = countFrom('HTTP_HOLD_ROUNDS', 25)
const STEPS = 80
const CLIENTS = 3

interface Play {
  readonly world: HoldWorld
  readonly bench: HttpBench
  readonly clients: (RawHttp | undefined)[]
  readonly dice: Dice
}

const STEP: Readonly<Record<string, (play: Play) => unknown>> = {
  /** One at a time on each connection; a client that asked already waits. */
  async ask({ bench, clients, dice }) {
    const which = dice.between(0, CLIENTS)
    const { heard = '' } = clients[which] ?? {}
    if (clients[which] !== undefined && !heard.includes('HTTP/1.1')) return
    clients[which]?.destroy()
    clients[which] = await openRawHttp(bench)
    clients[which].say(`${request(`PUT /any/${dice.between(1, 3)}`, 'content-length: 5')}hello`)
  },
  commit: ({ world }) => world.commit(),
  policy({ world, bench, dice }) {
    if (dice.between(0, 3) > 0) return
    world.change(dice.pick(POLICIES))
    bench.policyChanged()
  },
  answer: ({ world, dice }) => world.answer(dice),
  answerToo: ({ world, dice }) => world.answer(dice),
  expire: ({ world, dice }) => dice.between(0, 4) === 0 && world.expire(),
  go({ clients, dice }) {
    if (dice.between(0, 3) > 0) return
    const which = dice.between(0, CLIENTS)
    clients[which]?.destroy()
    clients[which] = undefined
  },
  /** Time for sockets. */
  wait: ({ dice }) => turns(dice.between(1, 30)),
}

async function play(dice: Dice): Promise<Map<string, number>> {
  const late = dice.between(0, 2) === 0
  const world = createHoldWorld(late)
  const api: Partial<HttpApi<string>> = {
    prepare(read, _judgement, { operationId }) {
      world.events.push({ type: 'ran', text: read.text, id: operationId })
      return {}
    },
    preview: async () => {
      await turns(dice.between(0, 3))
      return { text: 'what would change', digest: 'one' }
    },
  }
  const bench = await openHttpBench({ api: testApi(api), host: world })
  const all: Play = { world, bench, clients: [], dice }
  for (let step = 0; step < STEPS; step++) {
    await STEP[dice.pick(Object.keys(STEP))]!(all)
    await turns(dice.between(0, 3))
  }
  world.commit()
  await turns(30)
  bench.endSessions()
  world.commit()
  await turns(30)
  await bench.stop()
  world.commit()
  return checkHistory(world.events, late)
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test(`what is held ends once, whatever comes between: ${ROUNDS} rounds, seed ${SEED}`, () =>
  playRounds(createDice(SEED), ROUNDS, play))
