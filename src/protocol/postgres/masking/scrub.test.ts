import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { DetectMask } from '../../../core/verdict.ts'
import type { MessageField } from '../messages/message.ts'
import type { Words } from './scrub.ts'
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

const said = (fields: readonly MessageField[], type = 'M') => new Map(fields).get(type)

describe('a message that may hold masked values', () => {
  const scrub = (fields: readonly MessageField[]) =>
    scrubMessage(fields, { words: 'values', feeds: undefined, detectMasks: [], keys: KEYS })

  test('keeps severity and SQLSTATE, and says by a code that it is withheld', () => {
    const fields = scrub(ERROR.filter(([type]) => type !== 'P'))
    assert.equal(said(fields, 'V'), 'ERROR')
    assert.equal(said(fields, 'C'), '22P02')
    assert.match(said(fields)!, /^invalid_text_representation /)
    assert.match(said(fields, 'D')!, /^code=MASK_UNPROVABLE\n/)
    assert.equal(said(fields, 't'), undefined)
  })

  test('of a violated constraint is what the server says, without the row', () => {
    const fields = scrub(violation())
    assert.equal(said(fields), 'duplicate key')
    assert.equal(said(fields, 't'), 'alice')
    assert.equal(said(fields, 'D'), undefined)
  })

  test('of a violated constraint that code claims has no names either', () => {
    const fields = scrub([...violation(), ['W', 'PL/pgSQL function f() line 1 at RAISE']])
    assert.match(said(fields)!, /withheld/)
    assert.equal(said(fields, 't'), undefined)
  })

  test('about the text of the statement is what the server says', () => {
    const fields: MessageField[] = [
      ['C', '42703'],
      ['M', 'column "nope" does not exist'],
      ['P', '8'],
    ]
    assert.equal(scrub(fields), fields)
    const inCode: MessageField[] = [...fields, ['W', 'SQL function "f" during inlining']]
    assert.match(said(scrub(inCode))!, /withheld/)
  })

  test('about the text of the statement has a code and a position that are real', () => {
    for (const [code, position] of [
      ['ALICE', '8'],
      ['42703', 'alice'],
      ['42703', '12345678901'],
    ] as const) {
      const fields = scrub([
        ['C', code],
        ['M', 'alice'],
        ['P', position],
      ])
      assert.match(said(fields)!, /withheld/)
    }
  })

  test('takes no code, severity or position that could carry a value', () => {
    const fields = scrub([
      ['S', 'alice'],
      ['V', 'alice'],
      ['C', 'ALICE'],
      ['P', 'alice'],
      ['M', 'x'],
    ])
    assert.equal(said(fields, 'C'), 'P0001')
    assert.equal(said(fields, 'S'), 'ERROR')
    assert.equal(said(fields, 'V'), 'ERROR')
    assert.equal(said(fields, 'P'), undefined)
  })

  test('a canary in any field is gone', () => {
    const type = fc.constantFrom(...Array.from('SVCMDHPpqWFLRstcdnXYZ'))
    fc.assert(
      fc.property(fc.array(type), (types) => {
        const fields = scrub(types.map((letter): MessageField => [letter, 'CANARY']))
        assert.ok(fields.every(([, value]) => !value.includes('CANARY')))
      }),
    )
  })

  test('a name that was looked for may be a value', () => {
    for (const code of ['42P01', '42704', '42883', '3F000', '42601']) {
      const fields = scrub([
        ['C', code],
        ['M', 'alice'],
      ])
      assert.match(said(fields)!, /withheld/, code)
    }
  })
})

function violation(): MessageField[] {
  return [
    ['C', '23505'],
    ['M', 'duplicate key'],
    ['D', 'Key (email)=(alice@example.com) already exists.'],
    ['t', 'alice'],
  ]
}

describe('a message of any other statement', () => {
  test('is searched', () => {
    const fields = scrubMessage(ERROR, {
      words: 'free',
      feeds: undefined,
      detectMasks: [DETECT],
      keys: KEYS,
    })
    assert.equal(new Map(fields).get('M'), '[redacted]')
    assert.equal(new Map(fields).get('P'), '8')
  })

  test('may quote what the client sent, and nothing that code says', () => {
    const quoted = (
      context: string,
      words: Words,
      feeds: string | undefined = 't',
      code = '22P02',
    ) =>
      said(
        scrubMessage(
          [
            ['C', code],
            ['M', 'bad input "x"'],
            ['W', context],
          ],
          { words, feeds, detectMasks: [], keys: KEYS },
        ),
      )
    const rows = 'COPY t, line 1, column n: "x"'
    const json = 'JSON data, line 1: x'
    assert.equal(quoted(rows, 'code'), 'bad input "x"')
    assert.equal(quoted(rows, 'values'), 'bad input "x"')
    // A file that is read as a table.
    assert.match(
      said(
        scrubMessage(
          [
            ['C', '22P02'],
            ['M', 'bad input "x"'],
            ['W', rows],
          ],
          { words: 'code', feeds: undefined, detectMasks: [], keys: KEYS },
        ),
      )!,
      /withheld/,
    )
    // Of a row, what defaults and triggers have put there; and types that run code.
    assert.match(quoted('COPY t, line 1: "1"', 'values')!, /withheld/)
    assert.match(quoted('COPY t, line 1: ", line 1, column n: "', 'values')!, /withheld/)
    assert.match(
      quoted('COPY t, line 1, column n, line 1: "1"', 'values', 't, line 1, column n')!,
      /withheld/,
    )
    assert.match(quoted(rows, 'values', '')!, /withheld/)
    assert.match(quoted(rows, 'any')!, /withheld/)
    assert.equal(quoted('COPY t, line 1: "1"', 'values', 't', '22P04'), 'bad input "x"')
    assert.equal(quoted(json, 'code'), 'bad input "x"')
    assert.match(quoted(json, 'values')!, /withheld/)
    for (const words of ['code', 'values'] as const) {
      for (const context of ['PL/pgSQL function f() line 1', `${rows}\nSQL function "f"`, '']) {
        assert.match(quoted(context, words)!, /withheld/)
      }
    }
  })

  test('about JSON shows a value whatever the code', () => {
    const fields: MessageField[] = [
      ['C', '57014'],
      ['M', 'canceling statement'],
      ['W', 'JSON data, line 1: alice'],
    ]
    const options = { words: 'values', feeds: undefined, detectMasks: [], keys: KEYS } as const
    assert.match(said(scrubMessage(fields, options))!, /withheld/)
  })

  test('about a row that is held says which', () => {
    const held: MessageField[] = [
      ['C', '40P01'],
      ['M', 'deadlock detected'],
      ['W', 'while updating tuple (0,1) in relation "t"'],
    ]
    assert.equal(
      said(scrubMessage(held, { words: 'values', feeds: undefined, detectMasks: [], keys: KEYS })),
      held[1]![1],
    )
  })

  test('is the same array where nothing is found', () => {
    const plain: readonly MessageField[] = [['M', 'division by zero']]
    for (const detectMasks of [[], [DETECT]]) {
      assert.equal(
        scrubMessage(plain, { words: 'free', feeds: undefined, detectMasks, keys: KEYS }),
        plain,
      )
    }
  })
})
