import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as library from 'libpg-query'
import { readCases } from '../../../../test/support/sql/cases.ts'
import { createRandomQueries } from '../../../../test/support/sql/random-query.ts'
import { estimateDepth } from './depth.ts'
import { createParser, loadParser } from './parser.ts'
import { measureText } from './text-depth.ts'

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
  const { depth, sure } = measureText(text)
  return tokens === undefined || !sure ? undefined : depth - estimateDepth(tokens)
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

/** Counts what a parser does that takes long. */
async function openCounted() {
  await library.loadModule()
  const count = { scans: 0, parses: 0 }
  const scanSync = (text: string) => (count.scans++, library.scanSync(text))
  const parseSync = (text: string) => (count.parses++, library.parseSync(text))
  const fails = () => Promise.reject(new Error('there is no other one'))
  return { counted: createParser({ ...library, scanSync, parseSync }, fails), count }
}

const list = (length: number) => `select 1 in (${Array(length).fill('1').join(',')})`

test('a long list is parsed without a scan of all its tokens', async () => {
  const { counted, count } = await openCounted()
  assert.equal(counted.parse(list(5_000)).type, 'parsed')
  assert.equal(count.scans, 0)
  // Where the text alone seems too deep, its tokens decide: '::' is one of them.
  const casts = `select 1${'::int'.repeat(150)} -- ${'x'.repeat(100)}`
  assert.equal(counted.parse(casts).type, 'parsed')
  assert.equal(count.scans, 1)
})

for (const [what, short] of Object.entries({
  'a string that may go on': "select E'a' \n 'b'",
  'casts that look deep': `select 1${'::int'.repeat(150)}`,
})) {
  test(`a long text is not scanned, whatever it does not say itself: ${what}`, async () => {
    const { counted, count } = await openCounted()
    assert.equal(counted.parse(`${short}; ${list(1_000)}`).type, 'parsed')
    assert.deepEqual(count, { scans: 1, parses: 1 })
    const long = counted.parse(`${short}; ${list(33_000)}`)
    assert.equal(long.type === 'refused' && long.denial.code, 'SQL_TOO_LARGE')
    assert.equal(counted.scan(list(33_000)), undefined)
    assert.deepEqual(count, { scans: 1, parses: 1 })
  })
}

test('more than so many tokens are not parsed', async () => {
  const { counted, count } = await openCounted()
  const parameters = Array.from({ length: 65_535 }, (_, index) => `$${index + 1}`)
  assert.equal(counted.parse(`insert into t values (${parameters.join('),(')})`).type, 'parsed')
  const long = counted.parse(list(140_000))
  assert.ok(long.type === 'refused')
  assert.equal(long.denial.code, 'SQL_TOO_LARGE')
  assert.match(long.denial.message, /more than 270000 names, values and signs/)
  assert.deepEqual(count, { scans: 0, parses: 1 })
})
