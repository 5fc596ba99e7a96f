import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemOf } from './growth.ts'
import { patternsOf, patternsOfProduct } from './product.ts'

/*
 * The engine tries every way through a regular expression, and whoever sends the text chooses how many
 * there are. No expression of the product may take more than its text is worth.
 */

/** Made when it runs, of what is said here. */
const MADE: Readonly<Record<string, string>> = {
  'src/protocol/postgres/masking/net.ts':
    'of zeros and colons, for a text of at most 39 characters',
  'src/protocol/azure/arm/operations/escalation.ts': 'of a list of names with one star each',
}

const { written, made } = patternsOfProduct()

test('no expression takes more than its text is worth', () => {
  const seen = new Map(written.map((one) => [`/${one.source}/${one.flags}`, one]))
  const wrong = [...seen].flatMap(([text, { path, source, flags }]) => {
    const problem = problemOf(source, flags)
    return problem === undefined ? [] : [`${path}: ${text}: ${problem}`]
  })
  assert.deepEqual(wrong, [])
  assert.ok(seen.size > 300, `${seen.size} expressions`)
})

test('what is made when it runs is of known parts', () => {
  assert.deepEqual([...new Set(made.map(({ path }) => path))].sort(), Object.keys(MADE).sort())
})

test('each way to write one is seen', () => {
  const source = `
    const WORD = '[a-z]+'
    const A = /a+/gi
    const B = new RegExp(\`^\${WORD}$\`, 'u')
    const C = RegExp(['x', 'y'].join('|'))
    const D = new RegExp(String.raw\`\\d\${WORD}\`)
    const E = new RegExp(/z/.source)
    const F = (text: string) => new RegExp(text)
  `
  const found = patternsOf('x.ts', source)
  const texts = found.written.map(({ source, flags }) => `${source} ${flags}`)
  assert.deepEqual(texts, ['a+ gi', '^[a-z]+$ u', 'x|y ', '\\d[a-z]+ ', 'z ', 'z '])
  assert.deepEqual(found.made, [{ path: 'x.ts', text: 'new RegExp(text)' }])
})

/** What stood in the product until this test was there, and what every textbook has. */
const SLOW: readonly RegExp[] = [
  /^json\s*(;\s*(odata[.a-z]*\s*=\s*[a-z]+|odata\.streaming\s*=\s*(true|false))\s*)*$/i,
  /^[a-z0-9*]+([.*][a-z0-9*]+)*\/(read|[^/\s]*\*[^/\s]*)$/i,
  /dblink\w*\s*\(/i,
  /^COPY [^\n]+, line \d+[^\n]*$/,
  /(?:"((?:[^"]|"")*)"|([^".]+))(?:\.|$)/gu,
  /(\d+)(ms|s|m|h|d)/g,
  /0+$/,
  /\S+$/,
  /(a+)+$/,
  /(a|a)*b/,
  /(a*)*b/,
  /^(\w+\s?)*$/,
  /^(?:a?){3}(?:.*)*x/,
  /^.*.*=x/,
  /(?=(a+)+b)/,
  /a.*b/,
]

const FAST: readonly RegExp[] = [
  /^(?:a|b|ab?c)$/,
  /(?<!0)0+$/,
  /^\s*(;\s*\w+\s*=\s*\w+\s*)*$/,
  /"(?:[^"]|"")*"$/y,
  /^(?:[^"\\]|\\.)*$/s,
  /(?<name>a)\k<name>b{2,5}?/,
  /^[\p{L}_][^\]x]*$/u,
  /\b(?!x)\w\B./m,
]

test('what is slow is found, and what is not is left alone', () => {
  for (const { source, flags } of SLOW) assert.ok(problemOf(source, flags) !== undefined, source)
  for (const { source, flags } of FAST) assert.equal(problemOf(source, flags), undefined, source)
})
