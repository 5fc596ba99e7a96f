import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ChaperoneError } from '../../core/errors.ts'
import { FIELDS, parseSearch } from './language.ts'

const NOW_MS = Date.UTC(2026, 10, 24, 9)
const parse = (text: string) => parseSearch(text, NOW_MS)

describe('a search is read', () => {
  const field = (name: string, ...value: string[]) => ({
    type: 'field',
    field: name,
    value,
    not: false,
  })
  const word = (text: string) => ({ type: 'word', word: text, not: false })
  const cases: readonly (readonly [string, readonly object[]])[] = [
    ['', []],
    ['  \t\n ', []],
    ['agent:etl-1', [field('agent', 'etl-1')]],
    ['agent:etl-*', [field('agent', 'etl-', '')]],
    ['agent:"etl-*"', [field('agent', 'etl-*')]],
    ['action:sql.*.drop*', [field('action', 'sql.', '.drop', '')]],
    ['table:"my \\"t\\" \\\\ \\n"', [field('table', 'my "t" \\ \\n')]],
    ['session:a:b', [field('session', 'a:b')]],
    ['drop  TABLE', [word('drop'), word('TABLE')]],
    ['"drop table: orders"', [word('drop table: orders')]],
    ['count(*)', [word('count(*)')]],
    ['-drop', [{ ...word('drop'), not: true }]],
    ['-agent:x', [{ ...field('agent', 'x'), not: true }]],
    ['-"a b"', [{ ...word('a b'), not: true }]],
    ['verdict:refused', [{ type: 'verdict', effect: 'refused', not: false }]],
    ['verdict:held', [{ type: 'verdict', effect: 'hold', not: false }]],
    ['-verdict:allowed', [{ type: 'verdict', effect: 'allow', not: true }]],
    ['verdict:deny', [{ type: 'verdict', effect: 'deny', not: false }]],
    ['after:2026-10-01', [{ type: 'after', at_ms: Date.UTC(2026, 9, 1) }]],
    ['before:2026-10-01T12:30:00+02:00', [{ type: 'before', at_ms: Date.UTC(2026, 9, 1, 10, 30) }]],
    ['after:36h', [{ type: 'after', at_ms: NOW_MS - 36 * 3_600_000 }]],
  ]
  for (const [text, terms] of cases) {
    test(text === '' ? '(empty)' : text, () => assert.deepEqual(parse(text), terms))
  }
})

describe('what is wrong is told with its column', () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['agent:', 1, /value is missing/],
    ['drop agent: x', 6, /value is missing/],
    ['-', 1, /word is missing/],
    ['a -', 3, /word is missing/],
    ['color:red', 1, /no field "color"/],
    ['AGENT:x', 1, /no field "AGENT"/],
    ['constructor:x', 1, /no field "constructor"/],
    ['x sales::int', 3, /no field "sales"/],
    ['"open', 1, /not closed/],
    ['agent:"open', 7, /not closed/],
    ['""', 1, /nothing between/],
    ['ab"c', 3, /middle of a word/],
    ['"a"b', 4, /space is missing/],
    ['table:"my ""table"""', 12, /space is missing/],
    ['verdict:maybe', 1, /no such verdict/],
    ['verdict:toString', 1, /no such verdict/],
    ['after:yesterday', 1, /time after after:/],
    ['after:2026-02-30', 1, /time after after:/],
    ['after:2026-10-01T10:00', 1, /time after after:/],
    ['-after:2026-10-01', 2, /cannot be turned round/],
    ['a '.repeat(51), 101, /at most 50/],
  ]
  for (const [text, column, message] of cases) {
    test(text.slice(0, 30), () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof ChaperoneError)
          assert.equal(error.code, 'SEARCH_SYNTAX')
          assert.match(error.message, message)
          assert.equal(error.place?.column, column)
          assert.ok(error.hint !== undefined)
          return true
        },
      )
    })
  }
})

test('any text is read or refused with SEARCH_SYNTAX', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...FIELDS.map((field) => `${field}:`),
      '"',
      '\\',
      '-',
      '*',
      ' ',
      ':',
      '2026-10-01',
      'held',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  const texts = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
  let read = 0
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parse(text)
        read += 1
      } catch (error) {
        assert.ok(error instanceof ChaperoneError)
        assert.equal(error.code, 'SEARCH_SYNTAX')
        const column = error.place?.column ?? 0
        assert.ok(column >= 1 && column <= text.length + 1, `column ${column}`)
      }
    }),
    { numRuns: 500 },
  )
  assert.ok(read > 0)
})

test('a quoted text is found again whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      const quoted = `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
      assert.deepEqual(parse(quoted), [{ type: 'word', word: text, not: false }])
      const [term] = parse(`agent:${quoted}`)
      assert.deepEqual(term, { type: 'field', field: 'agent', value: [text], not: false })
    }),
  )
})
