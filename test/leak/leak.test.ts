import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { countFrom, createDice } from '../support/dice.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import type { Answer } from './agent.ts'
import type { Form } from './forms.ts'
import { FORMS, PLAIN_FORMS } from './forms.ts'
import { createQueries } from './queries.ts'
import type { Asked, Round } from './rounds.ts'
import { askAll, askOne } from './rounds.ts'
import { AGENTS, POLICIES, SCHEMA } from './schema.ts'
import { contents, SECRETS, secretTexts } from './secrets.ts'
import { createTally } from './tally.ts'
import { createTracer } from './tracer.ts'

/**
 * Random queries over tables with secrets, on two sets of secrets. The agent `free` may use masked
 * columns in conditions: no stretch of a secret may reach it. The agent `strict` may not: everything
 * that it is told must be the same to the byte when the secrets are others. What `strict` may ask,
 * no condition on a secret is in, and so `free` is held to the same.
 *
 * LEAK_QUERIES sets how many, LEAK_SEED which; without a seed the long form takes one by chance.
 */
const QUERIES = countFrom('LEAK_QUERIES', 400)
const BATCH = 500
const FIXED_SEED = 20_261_124
const SEED = countFrom(
  'LEAK_SEED',
  process.env['LEAK_QUERIES'] === undefined ? FIXED_SEED : randomInt(1_000_000_000),
)

const skip = noPostgres()
let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: SCHEMA })
})
after(() => bench?.stop())

test(
  `${QUERIES} random queries by seed ${SEED} let no secret through`,
  { skip },
  async (context) => {
    const dice = createDice(SEED)
    const queries = createQueries(dice)
    const forms = Object.keys(FORMS) as Form[]
    const tally = createTally()
    const problems: string[] = []
    for (let left = QUERIES; left > 0; left -= BATCH) {
      const asked = Array.from({ length: Math.min(left, BATCH) }, (): Asked => ({
        query: queries.next(),
        form: dice.pick(forms),
      }))
      const one = await askAll(bench, asked, SECRETS[0])
      const two = await askAll(bench, asked, SECRETS[1])
      for (const [index, ask] of asked.entries()) {
        problems.push(...problemsOf(ask, one[index]!, two[index]!))
        count(tally, ask, one[index]!, two[index]!)
      }
    }
    context.diagnostic(`\n${tally.report()}`)
    assert.deepEqual(problems, [])
    const share = (what: string, whole: string) => tally.of(what) / tally.of(whole)
    assert.ok(share('server failed', 'server asked') < 0.1, 'the server runs most of the queries')
    assert.ok(share('free refused', 'free asked') < 0.15, 'most queries are answered')
    assert.ok(share('strict refused', 'strict asked') < 0.75, 'the comparison is of answers')
  },
)

/** Plans hold no values. */
const BLIND: ReadonlySet<Form> = new Set<Form>(['explained', 'analysed'])

test('an agent without masks is caught in every form', { skip }, async () => {
  await bench.server.adminQuery(contents(SECRETS[0]))
  const asked = (Object.keys(FORMS) as Form[])
    .filter((form) => !BLIND.has(form))
    .flatMap((form) => SHOWN.map((value) => ({ sql: `SELECT ${value} AS o FROM people t`, form })))
    // It updates one row, and so returns one letter.
    .filter(({ form, sql }) => form !== 'returning' || !sql.includes('string_to_table'))
  const answers = await askOne(bench, AGENTS.open, asked)
  const missed = asked.filter((_, index) => traces[0]!(answers[index]!.bytes) === undefined)
  assert.deepEqual(missed, [])
})

const SHOWN = [
  'email',
  'reverse(upper(email))',
  `encode(convert_to(email, 'UTF8'), 'base64')`,
  `string_to_table(email, NULL)`,
  'to_jsonb(t)',
  'whisper(email)',
]

const traces = SECRETS.map((secrets) => createTracer(secretTexts(secrets)))

function problemsOf({ query, form }: Asked, one: Round, two: Round): string[] {
  const problems: string[] = []
  for (const [index, { free, strict }] of [one, two].entries()) {
    for (const [agent, { bytes }] of Object.entries({ free, strict })) {
      const trace = traces[index]!(bytes)
      if (trace !== undefined) problems.push(`${agent} is shown ${trace}`)
    }
  }
  if (two.strict.bytes !== one.strict.bytes) problems.push('strict can tell the secrets apart')
  const isUnconditional = one.strict.refused === undefined
  if (isUnconditional && two.free.bytes !== one.free.bytes) {
    problems.push('free can tell the secrets apart, without a condition on them')
  }
  return problems.map((problem) => `seed ${SEED}, ${form}: ${problem}: ${query.sql}`)
}

function count(
  tally: ReturnType<typeof createTally>,
  { query, form }: Asked,
  one: Round,
  two: Round,
): void {
  const columns = query.columns.map(
    (_, index) => columnOf(one.truth, index) === columnOf(two.truth, index),
  )
  const alike = one.truth.failed === two.truth.failed && columns.every(Boolean)
  const comparable = PLAIN_FORMS.has(form) ? columns : []
  tally.server(one.truth)
  tally.note('free', one.free, alike, comparable)
  tally.note('strict', one.strict, alike, comparable)
}

function columnOf({ rows }: Answer, index: number): string {
  return JSON.stringify(rows.map((row) => row[index]))
}
