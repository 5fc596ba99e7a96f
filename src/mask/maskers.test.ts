import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { MASKER_NAMES, type MaskerSpec } from '../core/verdict.ts'
import type { Kind } from './kind.ts'
import { createMasker } from './maskers.ts'
import { stricter } from './strictness.ts'

const KEYS = { hashKey: Buffer.alloc(32, 7) }
const KINDS: readonly Kind[] = [
  'text',
  'number',
  'smallint',
  'integer',
  'bigint',
  'date',
  'timestamp',
  'boolean',
  'uuid',
  'json',
  'bytes',
  'other',
]

function mask(spec: MaskerSpec, text: string, kind: Kind = 'text'): string | null {
  return createMasker(spec, kind, KEYS)(text)
}

describe('maskers', () => {
  test('redact says so where it can and is NULL elsewhere', () => {
    assert.equal(mask({ name: 'redact' }, 'x'), '[redacted]')
    assert.equal(mask({ name: 'redact' }, '{"a":1}', 'json'), '"[redacted]"')
    for (const kind of KINDS.filter((kind) => kind !== 'text' && kind !== 'json')) {
      assert.equal(mask({ name: 'redact' }, '1', kind), null)
    }
  })

  test('null and number', () => {
    assert.equal(mask({ name: 'null' }, 'x'), null)
    for (const kind of ['number', 'smallint', 'integer', 'bigint'] as const) {
      assert.equal(mask({ name: 'number' }, '41', kind), '0')
    }
    assert.equal(mask({ name: 'number' }, '2024-05-06', 'date'), null)
  })

  test('email keeps a character and the top-level domain', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['alice@example.com', 'a***@***.com'],
      ['a@mail.example.co.uk', 'a***@***.uk'],
      ['"x y"@example.com', '****@***.com'],
      ['alice@example.verylongbrand', 'a***@***'],
      ['alice@localhost', 'a***@***'],
      ['not an address', '***'],
      ['@x.com', '***'],
      ['', '***'],
    ]
    for (const [text, expected] of cases) assert.equal(mask({ name: 'email' }, text), expected)
  })

  test('partial keeps the ends, and nothing of what is too short', () => {
    const cases: readonly (readonly [string, number, number, string])[] = [
      ['4111111111111111', 0, 4, '****1111'],
      ['4111111111111111', 6, 4, '411111****1111'],
      ['abcd', 1, 1, 'a****d'],
      ['abc', 1, 1, '****'],
      ['ab', 1, 0, 'a****'],
      ['a', 1, 0, '****'],
      ['', 1, 1, '****'],
      ['secret', 0, 0, '****'],
      ['secret', 10, 10, '****'],
      ['😀😁😂🤣😃😄', 1, 1, '😀****😄'],
    ]
    for (const [text, keepStart, keepEnd, expected] of cases) {
      assert.equal(mask({ name: 'partial', keepStart, keepEnd }, text), expected)
    }
  })

  test('date keeps the year and the type', () => {
    assert.equal(mask({ name: 'date' }, '1984-05-06', 'date'), '1984-01-01')
    assert.equal(
      mask({ name: 'date' }, '1984-05-06 07:08:09.5', 'timestamp'),
      '1984-01-01 00:00:00',
    )
    assert.equal(
      mask({ name: 'date' }, '1984-05-06 07:08:09+05:30', 'timestamp'),
      '1984-01-01 00:00:00+05:30',
    )
    assert.equal(mask({ name: 'date' }, '1984-05-06'), '1984-01-01')
    for (const text of ['infinity', '06/05/1984', '0044-03-15 BC']) {
      assert.equal(mask({ name: 'date' }, text, 'date'), null)
    }
    assert.equal(mask({ name: 'date' }, 'born 1984'), '[redacted]')
  })

  test('hash is stable, keyed and of the right type', () => {
    const hash = { name: 'hash' } as const
    assert.equal(mask(hash, 'alice'), mask(hash, 'alice'))
    assert.notEqual(mask(hash, 'alice'), mask(hash, 'bob'))
    const other = createMasker(hash, 'text', { hashKey: Buffer.alloc(32, 8) })
    assert.notEqual(mask(hash, 'alice'), other('alice'))
    assert.match(mask(hash, 'alice')!, /^[0-9a-f]{16}$/)
    assert.match(
      mask(hash, '550E8400-e29b-41d4-a716-446655440000', 'uuid')!,
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    assert.equal(mask(hash, '5', 'smallint'), null)
    assert.ok(Number(mask(hash, '5', 'integer')) < 2 ** 31)
    assert.ok(Number.isSafeInteger(Number(mask(hash, '5', 'bigint'))))
    assert.doesNotThrow(() => JSON.parse(mask(hash, '{}', 'json')!))
  })

  test('no masker of any kind lets a canary through', () => {
    const word = fc.string({ minLength: 8, maxLength: 40 })
    fc.assert(
      fc.property(
        word,
        fc.constantFrom(...MASKER_NAMES),
        fc.constantFrom(...KINDS),
        fc.nat(3),
        fc.nat(3),
        (canary, name, kind, keepStart, keepEnd) => {
          const masked = mask({ name, keepStart, keepEnd }, canary, kind)
          assert.ok(masked === null || !masked.includes(canary))
        },
      ),
    )
  })
})

describe('stricter', () => {
  test('takes the masker that keeps less, whatever the order', () => {
    const order = ['null', 'redact', 'number', 'hash', 'date', 'email', 'partial'] as const
    order.forEach((strict, i) => {
      for (const lax of order.slice(i)) {
        assert.equal(stricter({ name: strict }, { name: lax }).name, strict)
        assert.equal(stricter({ name: lax }, { name: strict }).name, strict)
      }
    })
  })

  test('keeps of two partials what both keep', () => {
    assert.deepEqual(
      stricter({ name: 'partial', keepStart: 4 }, { name: 'partial', keepStart: 2, keepEnd: 4 }),
      { name: 'partial', keepStart: 2, keepEnd: 0 },
    )
  })
})
