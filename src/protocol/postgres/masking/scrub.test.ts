import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { DetectMask } from '../../../core/verdict.ts'
import type { MessageField } from '../messages/message.ts'
import { scrubMessage } from './scrub.ts'

const KEYS = { hashKey: Buffer.alloc(32, 7) }
const DETECT: DetectMask = {
  type: 'detect',
  detectors: ['email'],
  with: { name: 'null' },
  policy: 'p',
  rule: 'r',
}

const ERROR: readonly MessageField[] = [
  ['S', 'ERROR'],
  ['V', 'ERROR'],
  ['C', '22P02'],
  ['M', 'invalid input syntax for type integer: "alice@example.com"'],
  ['P', '8'],
  ['t', 'alice'],
]

describe('a message of a statement that reads masked columns', () => {
  const scrub = (fields: readonly MessageField[]) =>
    scrubMessage(fields, { words: 'withheld', detectMasks: [], keys: KEYS })

  test('keeps severity, SQLSTATE and position', () => {
    const fields = new Map(scrub(ERROR))
    assert.equal(fields.get('V'), 'ERROR')
    assert.equal(fields.get('C'), '22P02')
    assert.equal(fields.get('P'), '8')
    assert.match(fields.get('M')!, /^invalid_text_representation /)
  })

  test('keeps the names of a violated constraint, and no others', () => {
    const violation = ERROR.map(([type, value]): MessageField => [
      type,
      type === 'C' ? '23505' : value,
    ])
    assert.equal(new Map(scrub(violation)).get('t'), 'alice')
    assert.equal(new Map(scrub(ERROR)).has('t'), false)
  })

  test('takes no code, severity or position that could carry a value', () => {
    const fields = new Map(
      scrub([
        ['S', 'alice'],
        ['V', 'alice'],
        ['C', 'ALICE'],
        ['P', 'alice'],
        ['M', 'x'],
      ]),
    )
    assert.equal(fields.get('C'), 'P0001')
    assert.equal(fields.get('S'), 'ERROR')
    assert.equal(fields.get('V'), 'ERROR')
    assert.equal(fields.has('P'), false)
  })

  test('a canary in any field but a constraint name is gone', () => {
    const type = fc.constantFrom(...Array.from('SVCMDHPpqWFLRstcdnXYZ'))
    fc.assert(
      fc.property(fc.array(type), (types) => {
        const fields = scrub(types.map((letter): MessageField => [letter, 'CANARY']))
        assert.ok(fields.every(([, value]) => !value.includes('CANARY')))
      }),
    )
  })
})

describe('a message of any other statement', () => {
  test('is searched', () => {
    const fields = scrubMessage(ERROR, { words: 'free', detectMasks: [DETECT], keys: KEYS })
    assert.equal(new Map(fields).get('M'), '[redacted]')
    assert.equal(new Map(fields).get('P'), '8')
  })

  test('may quote what the client sent, and nothing that code says', () => {
    const said = (context: string): string | undefined => {
      const fields: MessageField[] = [
        ['C', '22P02'],
        ['M', 'bad input "x"'],
        ['W', context],
      ]
      return new Map(scrubMessage(fields, { words: 'row', detectMasks: [], keys: KEYS })).get('M')
    }
    assert.equal(said('COPY t, line 1, column n: "x"'), 'bad input "x"')
    assert.equal(said('JSON data, line 1: x'), 'bad input "x"')
    for (const context of [
      'PL/pgSQL function f() line 1',
      'COPY t, line 1\nSQL function "f"',
      '',
    ]) {
      assert.match(said(context) ?? '', /withheld/)
    }
  })

  test('is the same array where nothing is found', () => {
    const plain: readonly MessageField[] = [['M', 'division by zero']]
    for (const detectMasks of [[], [DETECT]]) {
      assert.equal(scrubMessage(plain, { words: 'free', detectMasks, keys: KEYS }), plain)
    }
  })
})
