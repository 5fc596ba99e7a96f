import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as library from 'libpg-query'
import { estimateDepth } from './depth.ts'
import { createParser, loadParser } from './parser.ts'
import { readCases } from '../../../../test/support/sql/cases.ts'
import { createRandomQueries } from '../../../../test/support/sql/random-query.ts'
import { estimateTextDepth } from './text-depth.ts'

const parser = await loadParser()

/** What begins, ends or hides tokens, in every neighbourhood. */
const PIECES = [
  "'",
  "''",
  "\\'",
  '\\',
  "E'",
  "e'a'",
  "'b'",
  "U&'",
  "B'",
  'N',
  '"',
  'E',
  'e',
  "E'\\\\'",
  '$',
  '$$',
  '$a$',
  '$é$',
  '$1',
  'a$b',
  '1$$',
  '1',
  '0x',
  '1e',
  '1.',
  '.5',
  '1_000',
  '_',
  '--',
  '/*',
  '*/',
  '-',
  '/',
  '*',
  '+',
  '1+',
  '<>',
  '=',
  '&',
  '@',
  '::',
  ':=',
  '..',
  '.',
  '(',
  '(',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '{',
  '`',
  '\n',
  '\r',
  ' ',
  '\t',
  '\v',
  '\f',
  '\u0001',

  'case',
  'CASE ',
  ' end',
  'End',
  ' join ',
  ' union ',
  ' and ',
  'select ',
  'x',
  'é',
  '漢',
  '😀',

  '\u00a0',
  '\u3000',
  '\u212a',
]

/** Undefined: one of both does not say. */
function difference(text: string): number | undefined {
  const tokens = parser.scan(text)
  const estimate = estimateTextDepth(text)
  if (tokens === undefined || estimate === undefined) return undefined
  return estimate - estimateDepth(tokens)
}

test('by its text nothing is less deep than by its tokens', () => {
  let told = 0
  const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((all) => all.join(''))
  fc.assert(
    fc.property(texts, (text) => {
      const more = difference(text)
      if (more !== undefined) told++
      assert.ok(more === undefined || more >= 0, JSON.stringify(text))
    }),
    { numRuns: 20_000 },
  )
  assert.ok(told > 5_000, `${told} told`)
})

test('of statements as they are written, the text tells as much as the tokens, or little more', () => {
  const random = createRandomQueries(7)
  const texts = ['select', 'modify', 'utility'].flatMap((name) => readCases(name))
  const all = [...texts.map(({ sql }) => sql), ...Array.from({ length: 300 }, random)]
  let told = 0
  for (const text of all) {
    const more = difference(text)
    if (more === undefined) continue
    told++
    assert.ok(more >= 0 && more <= 20, `${more}: ${text}`)
  }
  assert.ok(told > all.length * 0.9, `${told} of ${all.length}`)
})

test('a long list is parsed without a scan of all its tokens', async () => {
  await library.loadModule()
  let scans = 0
  const scanSync = (text: string) => (scans++, library.scanSync(text))
  const fails = () => Promise.reject(new Error('there is no other one'))
  const counted = createParser({ ...library, scanSync }, fails)
  assert.equal(counted.parse(`select 1 in (${Array(5_000).fill('1').join(',')})`).type, 'parsed')
  assert.equal(scans, 0)
  // Where the text alone seems too deep, its tokens decide: '::' is one of them.
  const casts = `select 1${'::int'.repeat(150)} -- ${'x'.repeat(100)}`
  assert.equal(counted.parse(casts).type, 'parsed')
  assert.equal(scans, 1)
})
