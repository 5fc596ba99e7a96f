import assert from 'node:assert/strict'
import { Session } from 'node:inspector/promises'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { answer, classifyAll, fakeScope } from '../../../../test/support/sql/fake-catalog.ts'
import { randomProduct } from '../../../../test/support/sql/random-products.ts'
import { LONG_AND_PLAIN, SIZE_PRODUCTS } from '../../../../test/support/sql/size-products.ts'
import type { Classification } from '../../classification.ts'
import { classify } from '../classify.ts'
import { budgetFor, createBudget } from './budget.ts'
import { WORK_BASE, WORK_PER_CHARACTER, WORK_PER_STORED_CHARACTER } from './limits.ts'

const NO_NAMES = { prepared: () => undefined, cursor: () => undefined }
const BYTES = 8_000

interface Analysed {
  readonly code: string
  /** What was charged. */
  readonly spent: number
  /** Blocks of code that ran in this folder, by V8's own count. */
  readonly ran: number
}

const profiler = new Session()

// What is compiled is not counted.
setFlagsFromString('--no-opt')
setFlagsFromString('--no-maglev')

before(async () => {
  profiler.connect()
  await profiler.post('Profiler.enable')
  await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
})
after(() => profiler.disconnect())

/** Analyses a text whose names are known already. */
async function analyse(text: string): Promise<Analysed> {
  const scope = fakeScope()
  classifyAll(text, scope)
  const budget = budgetFor(text.length)
  await blocksRun()
  const result = classify(text, scope, NO_NAMES, budget)
  const ran = await blocksRun()
  return { code: codeOf(result), spent: budget.spent, ran }
}

/** Since the last time. */
async function blocksRun(): Promise<number> {
  const { result } = await profiler.post('Profiler.takePreciseCoverage')
  let sum = 0
  for (const { url, functions } of result) {
    if (!ANALYSIS.test(url)) continue
    for (const { ranges } of functions) for (const { count } of ranges) sum += count
  }
  return sum
}

function codeOf(result: Classification): string {
  return result.type === 'refused' ? result.denial.code : result.type
}

/** What the parser's tree costs by itself is worth what its text is: it is parsed and hashed once. */
const ANALYSIS = /\/src\/sql\/(?!.*\/(?:parser|depth|text-depth|fingerprint)\.ts$).+\.ts$/

/** For one visit that is charged, or one character. What visits without charging soon runs thousands. */
const BLOCKS_PER_VISIT_MAX = 24

function assertCharged(text: string, { spent, ran }: Analysed): void {
  // Folders are moved about: what is not found under its name is not watched.
  assert.ok(ran > 1_000, `${ran} blocks ran`)
  const perVisit = ran / (spent + text.length)
  assert.ok(perVisit <= BLOCKS_PER_VISIT_MAX, `${ran} blocks for ${spent} visits: ${text}`)
}

for (const [name, write] of SIZE_PRODUCTS) {
  test(`a product of sizes is paid for, or refused: ${name}`, async () => {
    const text = write(BYTES)
    const analysed = await analyse(text)
    assert.match(analysed.code, /^(?:classified|SQL_TOO_COMPLEX)$/)
    assertCharged(text, analysed)
  })
}

for (const [name, write] of LONG_AND_PLAIN) {
  test(`a long text is worth the work that it makes: ${name}`, async () => {
    const text = write(60_000)
    const { code, spent } = await analyse(text)
    assert.equal(code, 'classified')
    // With some room: the base is for what is not in the text.
    assert.ok(
      spent < WORK_PER_CHARACTER * text.length + WORK_BASE / 4,
      `${spent} for ${text.length}`,
    )
  })
}

test('tables that double are refused within the work of a short text', async () => {
  const [, write] = SIZE_PRODUCTS[0]!
  const text = write(BYTES)
  assert.ok(text.length < 1_200)
  const { code, spent } = await analyse(text)
  assert.equal(code, 'SQL_TOO_COMPLEX')
  assert.ok(spent < 1.5 * (WORK_BASE + WORK_PER_CHARACTER * text.length), `${spent}`)
})

test('a view whose names are not known yet is read once, however often it is named', () => {
  const spent = (times: number) => {
    const views = Array.from({ length: times }, (_, i) => `public.wide_view v${i}`)
    const text = `SELECT 1 FROM ${views.join(',')}`
    const scope = fakeScope()
    const first = classify(text, scope, NO_NAMES)
    assert.ok(first.type === 'lookup')
    scope.learn(first.lookup, answer(first.lookup))
    const budget = budgetFor(text.length)
    assert.equal(classify(text, scope, NO_NAMES, budget).type, 'lookup', 'the table is not known')
    return budget.spent
  }
  assert.ok(spent(20) < 1.1 * spent(1), `${spent(20)} for 20, ${spent(1)} for 1`)
})

test('definitions are paid for by their length', () => {
  const scope = fakeScope()
  const first = classify('TABLE public.wide_view', scope, NO_NAMES)
  assert.ok(first.type === 'lookup')
  scope.learn(first.lookup, answer(first.lookup))
  const view = scope.relation({ schema: 'public', name: 'wide_view' })
  assert.ok(typeof view === 'object' && view.definition !== undefined)
  const charge = WORK_PER_STORED_CHARACTER * view.definition.length
  const budget = createBudget(charge - 1)
  const result = classify('TABLE public.wide_view', scope, NO_NAMES, budget)
  assert.equal(codeOf(result), 'SQL_TOO_COMPLEX')
  assert.ok(budget.spent >= charge && budget.spent < charge + 100)
})

test('random products of sizes are paid for, or refused', async () => {
  const seen = new Set<string>()
  for (const text of fc.sample(randomProduct, { seed: 20261124, numRuns: 80 })) {
    const analysed = await analyse(text)
    seen.add(analysed.code)
    assertCharged(text, analysed)
  }
  assert.ok(seen.has('classified') && seen.has('SQL_TOO_COMPLEX'))
})

test('a budget that is spent stays spent', () => {
  const budget = createBudget(10)
  budget.charge(10)
  for (const more of [1, 0]) assert.throws(() => budget.charge(more), { code: 'SQL_TOO_COMPLEX' })
  assert.equal(budget.spent, 11)
})
