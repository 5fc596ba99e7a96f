import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import * as fc from 'fast-check'
import { loadModule } from 'libpg-query'
import { normalise } from '../../src/sql/postgres/parse/normalise.ts'
import { runs, SEED } from './amounts.ts'
import { shape } from './shape.ts'
import { expression, fill, filling, soup, statement } from './statement-texts.ts'

/**
 * The cache of classifications takes texts with equal keys for the same statement. Held against the
 * real parser: equal keys, equal trees but for the values of constants.
 */
before(() => loadModule())

/** Fills every text twice, and compares. Returns how often the keys were equal. */
function compareTwins(texts: fc.Arbitrary<string>, numRuns: number): number {
  let equal = 0
  fc.assert(
    fc.property(texts, filling, (text, pairs) => {
      const [one, other] = [fill(text, pairs, 0), fill(text, pairs, 1)]
      if (one !== other && areTwins(one, other)) equal++
    }),
    { numRuns, seed: SEED },
  )
  return equal
}

function areTwins(one: string, other: string): boolean {
  const key = normalise(one)
  if (key === undefined || key !== normalise(other)) return false
  assert.equal(shape(one), shape(other), JSON.stringify([one, other]))
  return true
}

const TEXTS = {
  statements: { texts: statement, share: 1 },
  conditions: { texts: expression.map((x) => `SELECT a FROM t WHERE ${x}`), share: 1 },
  'tokens that meet at awkward places': { texts: soup, share: 1.3 },
}
/** Of a thousand pairs at least so many have one key; else nothing would be compared. */
const EQUAL_PERMILLE = 2

for (const [name, { texts, share }] of Object.entries(TEXTS)) {
  test(`${name} with equal keys have equal trees, by seed ${SEED}`, () => {
    const numRuns = Math.round(runs(6000) * share)
    const equal = compareTwins(texts, numRuns)
    assert.ok(equal > (numRuns * EQUAL_PERMILLE) / 1000, `only ${equal} pairs were equal`)
  })
}

interface Finding {
  readonly why: string
  readonly texts: readonly [string, string]
}

const FINDINGS = JSON.parse(
  readFileSync(new URL('findings/normalise.json', import.meta.url), 'utf8'),
) as readonly Finding[]

/** Texts that mean something else, whatever their trees look like. What a long run finds is added. */
for (const { why, texts } of FINDINGS) {
  test(`known to matter: ${why}`, () => {
    const [one, other] = texts.map(normalise)
    assert.ok(one === undefined || one !== other, one)
  })
}

test('positions and arguments stay in the key', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(99), (one, other) => {
      fc.pre(one !== other)
      for (const make of [
        (n: number) => `SELECT a, b FROM t ORDER BY ${n}`,
        (n: number) => `SELECT a, b FROM t WHERE a IN (SELECT x FROM u GROUP BY y, ${n})`,
        (n: number) => `SELECT f('${n}') FROM t WHERE a = 5`,
        (n: number) => `SELECT a FROM t WHERE a = '${n}'::regclass`,
      ]) {
        assert.notEqual(normalise(make(one)), normalise(make(other)))
      }
    }),
    { numRuns: Math.min(runs(100), 10_000), seed: SEED },
  )
})
