import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateDepth } from './depth.ts'
import type { Parsed, ParserLibrary, Unparsed } from './parser.ts'
import { createParser, loadParser } from './parser.ts'

const parser = await loadParser({ textBytesMax: 100_000 })

function codeOf(result: Parsed | Unparsed): string {
  return result.type === 'refused' ? result.denial.code : result.type
}

test('a text is parsed into its statements, with places in bytes', () => {
  const result = parser.parse("select 'é'; ; select 2")
  assert.ok(result.type === 'parsed')
  assert.deepEqual(
    result.statements.map(({ start, length }) => [start, length]),
    [
      [0, 11],
      [15, 0],
    ],
  )
})

test('nothing is a text without statements', () => {
  for (const text of ['', ' ', ';', '-- only this']) {
    const result = parser.parse(text)
    assert.ok(result.type === 'parsed')
    assert.deepEqual(result.statements, [])
  }
})

test('a syntax error says where, counted in characters, and quotes nothing', () => {
  const result = parser.parse("select 1,\n  'é😀' frm secret_table x y")
  assert.ok(result.type === 'refused')
  assert.equal(result.denial.code, 'SQL_SYNTAX')
  assert.equal(result.denial.message, 'Syntax error at line 2, column 12.')
})

test('text that the target may read otherwise is refused', () => {
  assert.equal(codeOf(parser.parse('select 1\0; drop table x')), 'SQL_ENCODING')
  assert.equal(codeOf(parser.parse("select '\ud800'")), 'SQL_ENCODING')
})

test('a text over its bound is refused', () => {
  assert.equal(codeOf(parser.parse(`select '${'x'.repeat(100_000)}'`)), 'SQL_TOO_LARGE')
  assert.equal(codeOf(parser.parse(`select '${'é'.repeat(50_000)}'`)), 'SQL_TOO_LARGE')
  assert.equal(codeOf(parser.parse('select 1;'.repeat(1001))), 'SQL_TOO_LARGE')
})

const DEEP: Readonly<Record<string, string>> = {
  parentheses: `select ${'('.repeat(5000)}1${')'.repeat(5000)}`,
  'sub-selects': `select ${'(select '.repeat(1500)}1${')'.repeat(1500)}`,
  operators: `select 1${'+1'.repeat(8000)}`,
  minus: `select ${'- '.repeat(5000)}1`,
  not: `select ${'not '.repeat(5000)}true`,
  cases: `select ${'case when a then '.repeat(1200)}1${' end'.repeat(1200)}`,
  unions: `select 1${' union select 1'.repeat(6000)}`,
  joins: `select 1 from a${' join b on true'.repeat(5000)}`,
  calls: `select ${'f('.repeat(3000)}1${')'.repeat(3000)}`,
  arrays: `select ${'array['.repeat(3000)}1${']'.repeat(3000)}`,
  casts: `select 1${'::int'.repeat(5000)}`,
  'joins between ands': `select 1 from a${' join b on x and y'.repeat(4000)}`,
  'operators between commas': `select (1,${'2+(1,'.repeat(3000)}1${')'.repeat(3001)}`,
}

for (const [what, text] of Object.entries(DEEP)) {
  test(`what nests too deeply is refused, and the parser goes on: ${what}`, () => {
    assert.equal(codeOf(parser.parse(text)), 'SQL_TOO_LARGE')
    assert.equal(codeOf(parser.parse('select 1')), 'parsed')
  })
}

const WIDE: Readonly<Record<string, string>> = {
  rows: `insert into t values ${Array(5000).fill('(1, 2)').join(',')}`,
  list: `select * from t where a in (${Array(5000).fill('1').join(',')})`,
  conditions: `select * from t where a = 1${' or b = 2 and c = 3'.repeat(2000)}`,
  columns: `select ${Array(2000).fill('a + 1 as b').join(', ')} from t`,
  branches: `select case ${'when a = 1 then 2 '.repeat(2000)} end`,
}

for (const [what, text] of Object.entries(WIDE)) {
  test(`what is wide is parsed: ${what}`, () => {
    assert.equal(codeOf(parser.parse(text)), 'parsed')
  })
}

test('a string, a comment or a quoted name hides no depth, and makes none', () => {
  const tokens = parser.scan(`select ')))(((' || "((" /* ((( */ || $$((($$ -- (((`)
  assert.ok(tokens !== undefined)
  assert.ok(estimateDepth(tokens) < 10)
})

test('after a trap everything is refused until a fresh parser is there', async () => {
  let ready: (library: ParserLibrary) => void = () => {}
  const fresh = new Promise<ParserLibrary>((resolve) => (ready = resolve))
  const good: ParserLibrary = {
    parseSync: () => ({ stmts: [] }),
    scanSync: () => ({ version: 0, tokens: [] }),
    loadModule: async () => {},
  }
  const trapping: ParserLibrary = {
    ...good,
    parseSync: () => {
      throw new RangeError('Maximum call stack size exceeded')
    },
  }
  let renewals = 0
  const broken = createParser(trapping, () => {
    renewals++
    return fresh
  })
  assert.equal(codeOf(broken.parse('select 1')), 'SQL_UNSUPPORTED')
  assert.equal(codeOf(broken.parse('select 1')), 'SQL_UNSUPPORTED')
  assert.equal(renewals, 1)
  ready(good)
  await fresh
  await Promise.resolve()
  assert.equal(codeOf(broken.parse('select 1')), 'parsed')
})

test('a fresh parser is an instance of its own', async () => {
  const library = await import('libpg-query')
  const address = 'libpg-query/wasm/index.js?instance=test'
  const fresh = (await import(address)) as ParserLibrary
  await fresh.loadModule()
  assert.notEqual(fresh.parseSync, library.parseSync)
  assert.equal(fresh.parseSync('select 1').stmts?.length, 1)
})
