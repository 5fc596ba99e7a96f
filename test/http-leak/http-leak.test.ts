import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { countFrom, createDice } from '../support/dice.ts'
import type { Heard } from './agent.ts'
import { isOdd, PLAIN } from './dressing.ts'
import type { Place } from './place.ts'
import { isSeenIn } from './place.ts'
import type { Answered, Round } from './rounds.ts'
import { nameOf, PLACES, play, randomRound } from './rounds.ts'
import { SECRETS } from './secrets.ts'
import { createTally } from './tally.ts'
import { createHttpTracer, holds } from './tracer.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/**
 * Answers with secrets in masked fields, over every kind of API, content type, coding and framing. An
 * agent asks twice, with another secret in place each time: no stretch of either may reach it, in any
 * form, and all that it is told must be the same.
 *
 * HTTP_LEAK_ROUNDS sets how many, HTTP_LEAK_SEED which; without a seed the long form takes one by chance.
 */
const ROUNDS = countFrom('HTTP_LEAK_ROUNDS', 300)
const FIXED_SEED = 20_261_124
const SEED = countFrom(
  'HTTP_LEAK_SEED',
  process.env['HTTP_LEAK_ROUNDS'] === undefined ? FIXED_SEED : randomInt(1_000_000_000),
)

const tracers = SECRETS.map(createHttpTracer)

let world: World
before(async () => {
  world = await startWorld({ masked: true })
})
after(() => world?.stop())

test('what is plain is shown, but for the secret', async () => {
  const problems: string[] = []
  for (const round of PLACES.map((place, at) => plainRound(place, at))) {
    const pair = await playBoth(world, round)
    problems.push(...problemsOf(round, pair))
    const [{ heard }] = pair
    if (!mayHide(round) && !shows(heard)) problems.push(`${nameOf(round)}: ${toldBy(heard)}`)
  }
  assert.deepEqual(problems, [])
})

test(`${ROUNDS} random answers by seed ${SEED} let no secret through`, async (context) => {
  const dice = createDice(SEED)
  const tally = createTally()
  const problems: string[] = []
  for (let turn = 0; turn < ROUNDS; turn++) {
    const round = randomRound(dice)
    const pair = await playBoth(world, round)
    problems.push(...problemsOf(round, pair).map((one) => `round ${turn}: ${one}`))
    tally.note(round, pair[0].heard)
  }
  context.diagnostic(`\n${tally.report()}`)
  assert.deepEqual(problems, [])
  assert.ok(tally.share('shown') > 0.3, 'much of it is shown')
})

test('neither records nor the log hold a secret', async () => {
  for (const text of [await world.bench.records(), world.bench.log.join('\n')]) {
    assert.ok(text.length > 100)
    for (const secret of SECRETS) assert.ok(!holds(text, secret))
  }
})

test('without masks, the secret is found in every place', async () => {
  const open = await startWorld({ masked: false })
  try {
    const missed: string[] = []
    for (const place of PLACES.filter(({ line }) => !line.startsWith('HEAD'))) {
      for (const dressing of [PLAIN, { ...PLAIN, framing: 'chunked', cuts: [3, 50, 1] } as const]) {
        const round = { ...plainRound(place), dressing }
        const pair = await playBoth(open, round)
        const traced = problemsOf(round, pair).filter((one) => !one.includes('apart'))
        if (pair[0].heard.status < 300 && traced.length < SECRETS.length) {
          missed.push(`${nameOf(round)}: ${traced.join()} ${toldBy(pair[0].heard)}`)
        }
      }
    }
    assert.deepEqual(missed, [])
  } finally {
    await open.stop()
  }
})

function plainRound(place: Place, at = 0): Round {
  const [method = ''] = place.line.split(' ')
  const protocol = at % 2 === 0 ? 'http1' : 'http2'
  return { place, dressing: PLAIN, protocol, method, types: [place.type], seed: at }
}

async function playBoth(where: World, round: Round): Promise<readonly [Answered, Answered]> {
  return [await play(where, round, SECRETS[0]), await play(where, round, SECRETS[1])]
}

function problemsOf(round: Round, pair: readonly [Answered, Answered]): string[] {
  const [one, two] = pair.map(({ document }) => document)
  const isSecret = !one!.equals(two!)
  const problems = pair.flatMap(({ heard, document }, at) => {
    const trace = tracers[at]!(heard, isSecret ? [document] : [])
    return trace === undefined ? [] : [`is shown ${trace}`]
  })
  const difference = differenceOf(pair[0].heard, pair[1].heard)
  if (difference !== undefined) problems.push(`can tell the secrets apart: ${difference}`)
  return problems.map((problem) => `seed ${SEED}: ${nameOf(round)}: ${problem}`)
}

/** What tells the answers apart, but for ids and where a connection happened to be cut. */
function differenceOf(one: Heard, two: Heard): string | undefined {
  if (one.cut !== two.cut) return `one is cut (${toldBy(one)}, ${toldBy(two)})`
  if (!one.cut && one.status !== two.status) return `${one.status} and ${two.status}`
  if (!one.cut && steady(one.fields) !== steady(two.fields)) {
    return around(steady(one.fields), steady(two.fields))
  }
  const [first, second] = [one, two].map(({ body }) => steady(body.toString('latin1')))
  if (first === second) return undefined
  if (one.cut && (first!.startsWith(second!) || second!.startsWith(first!))) return undefined
  return around(first!, second!)
}

/** Both, from a little before the place where they differ. */
function around(one: string, two: string): string {
  const at = Array.from(one).findIndex((character, index) => character !== two[index])
  const from = Math.max(0, (at < 0 ? one.length : at) - 20)
  return [one, two].map((text) => JSON.stringify(text.slice(from, from + 80))).join(' and ')
}

const VARIES =
  /\b[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b|\d{4}-\d\d-\d\dT[\d:.]+Z|\b\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\b/g

function steady(text: string): string {
  return text.replaceAll(VARIES, '#')
}

function shows({ cut, body }: Heard): boolean {
  return !cut && isSeenIn(body)
}

function mayHide({ place, dressing }: Round): boolean {
  return place.isHidden === true || isOdd(dressing)
}

function toldBy({ status, cut, body }: Heard): string {
  return `${status}${cut ? ', cut' : ''} ${body.toString('latin1').slice(0, 160)}`
}
