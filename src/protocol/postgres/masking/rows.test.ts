import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { maskRow } from '../../../../test/support/masking/mask-row.ts'
import type { Output } from '../../../core/operation.ts'
import { MASKER_NAMES, type MaskerSpec, type MaskRule } from '../../../core/verdict.ts'
import { planMasks } from '../../../mask/plan.ts'
import type { FieldDescription } from '../messages/message.ts'
import { createRowMasker } from './rows.ts'
import { OID } from './types.ts'

const KEYS = { hashKey: Buffer.alloc(32, 7) }

function field(name: string, typeOid: number, format = 0): FieldDescription {
  return { name, tableOid: 1, columnNumber: 1, typeOid, typeModifier: -1, format }
}

function output(name: string, exact = true): Output {
  return { name, sources: [{ column: ['d', 's', 't', name], exact }] }
}

function maskOf(column: string, spec: MaskerSpec): MaskRule {
  return {
    type: 'columns',
    covers: (path) => path.at(-1) === column,
    with: spec,
    predicates: 'allow',
    policy: 'p',
    rule: 'r',
  }
}

const SCAN: MaskRule = {
  type: 'detect',
  detectors: ['email', 'payment-card'],
  with: { name: 'redact' },
  policy: 'p',
  rule: 'r',
}

function body(...values: (Buffer | string | null)[]): Buffer {
  const parts: Buffer[] = [Buffer.from([values.length >> 8, values.length & 0xff])]
  for (const value of values) {
    const bytes = value === null ? undefined : Buffer.from(value)
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes === undefined ? -1 : bytes.length)
    parts.push(length, bytes ?? Buffer.alloc(0))
  }
  return Buffer.concat(parts)
}

function message(...values: (Buffer | string | null)[]): Buffer {
  const row = body(...values)
  const header = Buffer.from([0x44, 0, 0, 0, 0])
  header.writeInt32BE(row.length + 4, 1)
  return Buffer.concat([header, row])
}

describe('a masked row', () => {
  const fields = [field('id', OID.int4), field('email', OID.text), field('note', OID.text)]
  const outputs = fields.map(({ name }) => output(name))
  const masker = () =>
    createRowMasker(fields, planMasks(outputs, [maskOf('email', { name: 'email' })]), KEYS)

  test('is a whole message with the other values as they were', () => {
    assert.deepEqual(
      maskRow(masker(), body('1', 'alice@example.com', 'x')),
      message('1', 'a***@***.com', 'x'),
    )
  })

  test('keeps NULL in a column that comes out as itself', () => {
    assert.deepEqual(maskRow(masker(), body('1', null, null)), message('1', null, null))
  })

  test('is counted by the columns that were changed', () => {
    const one = masker()
    assert.equal(one.isPass, false)
    maskRow(one, body('1', null, 'x'))
    assert.deepEqual(one.masked(), [])
    maskRow(one, body('1', 'alice@example.com', 'x'))
    assert.deepEqual(one.masked(), ['email'])
  })

  test('is the same after a longer row', () => {
    const one = masker()
    maskRow(one, body('1', 'a'.repeat(1000), 'x'))
    assert.deepEqual(maskRow(one, body('1', 'b@c.de', 'x')), message('1', 'b***@***.de', 'x'))
  })

  test('does not tell NULL from a value where it is derived', () => {
    const plan = planMasks(
      [output('id'), output('email', false), output('note')],
      [maskOf('email', { name: 'email' })],
    )
    const one = createRowMasker(fields, plan, KEYS)
    const expected = message('1', '[redacted]', 'x')
    assert.deepEqual(maskRow(one, body('1', null, 'x')), expected)
    assert.deepEqual(maskRow(one, body('1', 'v', 'x')), expected)
  })

  test('loses all values when its columns are not the planned ones', () => {
    const others = [field('email', OID.text), field('id', OID.int4), field('note', OID.text)]
    const plan = planMasks(outputs, [maskOf('email', { name: 'email' })])
    const one = createRowMasker(others, plan, KEYS)
    assert.deepEqual(
      maskRow(one, body('a@b.co', '1', 'x')),
      message('[redacted]', null, '[redacted]'),
    )
  })

  test('passes where nothing is to do', () => {
    assert.ok(
      createRowMasker(fields, planMasks(outputs, [maskOf('z', { name: 'null' })]), KEYS).isPass,
    )
    assert.ok(createRowMasker(fields.slice(0, 1), planMasks('unknown', [SCAN]), KEYS).isPass)
  })
})

describe('a malformed row', () => {
  const fields = [field('a', OID.text), field('b', OID.text)]
  const one = createRowMasker(fields, planMasks('unknown', [maskOf('a', { name: 'redact' })]), KEYS)
  const row = body('x', 'y')
  const cases: Readonly<Record<string, Buffer>> = {
    'with too few columns': body('x'),
    'with too many columns': body('x', 'y', 'z'),
    'with a byte too much': Buffer.concat([row, Buffer.alloc(1)]),
    'with a length below -1': Buffer.concat([
      row.subarray(0, 2),
      Buffer.from([255, 255, 255, 254]),
      row.subarray(6),
    ]),
    'with a length beyond its end': Buffer.concat([
      row.subarray(0, 2),
      Buffer.from([127, 255, 255, 255]),
      row.subarray(6),
    ]),
    'that is empty': Buffer.alloc(0),
  }
  for (const [name, bytes] of Object.entries(cases)) {
    test(`${name} is refused`, () => {
      assert.throws(() => maskRow(one, bytes), { code: 'TARGET_PROTOCOL' })
      assert.throws(() => one.previewRow(bytes), { code: 'TARGET_PROTOCOL' })
    })
  }
  test('cut anywhere is refused', () => {
    for (let end = 0; end < row.length; end++) {
      assert.throws(() => maskRow(one, row.subarray(0, end)), { code: 'TARGET_PROTOCOL' })
    }
  })

  test('with a format that does not exist is refused', () => {
    const plan = planMasks('unknown', [SCAN])
    assert.throws(() => createRowMasker([field('a', OID.text, 2)], plan, KEYS), {
      code: 'TARGET_PROTOCOL',
    })
  })

  test('with a binary value of a wrong length is refused', () => {
    const hash = planMasks([output('a')], [maskOf('a', { name: 'hash' })])
    const binary = createRowMasker([field('a', OID.int4, 1)], hash, KEYS)
    assert.throws(() => maskRow(binary, body('abc')), { code: 'TARGET_PROTOCOL' })
  })
})

describe('types', () => {
  const mask = (typeOid: number, format: number, spec: MaskerSpec, value: Buffer | string) => {
    const plan = planMasks([output('a')], [maskOf('a', spec)])
    const masked = maskRow(createRowMasker([field('a', typeOid, format)], plan, KEYS), body(value))
    return masked.readInt32BE(7) === -1 ? null : masked.subarray(11)
  }

  test('binary values keep their type', () => {
    const number = { name: 'number' } as const
    assert.deepEqual(mask(OID.int2, 1, number, Buffer.from([1, 2])), Buffer.alloc(2))
    assert.deepEqual(mask(OID.int8, 1, number, Buffer.alloc(8, 1)), Buffer.alloc(8))
    assert.deepEqual(mask(OID.float8, 1, number, Buffer.alloc(8, 1)), Buffer.alloc(8))
    assert.deepEqual(mask(OID.numeric, 1, number, Buffer.alloc(8)), Buffer.alloc(8))
    assert.equal(mask(OID.uuid, 1, { name: 'hash' }, Buffer.alloc(16, 1))?.length, 16)
    assert.equal(mask(OID.int4, 1, { name: 'hash' }, Buffer.alloc(4, 1))?.length, 4)
    const year = mask(OID.date, 1, { name: 'date' }, Buffer.from([0, 0, 0, 100]))
    assert.deepEqual(year, Buffer.alloc(4))
    const json = mask(OID.jsonb, 1, { name: 'redact' }, Buffer.from('\u0001{"a":1}'))
    assert.equal(json?.toString(), '\u0001"[redacted]"')
  })

  test('the same value has the same hash in text and in binary', () => {
    const hash = { name: 'hash' } as const
    const asText = mask(OID.int4, 0, hash, '16909060')
    const asBinary = mask(OID.int4, 1, hash, Buffer.from([1, 2, 3, 4]))
    assert.equal(asBinary?.readInt32BE(0), Number(asText?.toString()))
  })

  test('what has no masked value of its own is NULL', () => {
    assert.equal(mask(OID.bool, 1, { name: 'redact' }, Buffer.from([1])), null)
    assert.equal(mask(OID.interval, 0, { name: 'partial', keepEnd: 4 }, '1 day'), null)
    assert.equal(mask(600, 0, { name: 'redact' }, '(1,2)'), null)
    assert.equal(mask(99999, 1, { name: 'redact' }, 'anything'), null)
    assert.equal(mask(99999, 1, { name: 'hash' }, 'anything'), null)
    assert.equal(mask(99999, 0, { name: 'redact' }, 'anything')?.toString(), '[redacted]')
  })

  test('a canary comes out of no masked column', () => {
    const oids = [...Object.values(OID), 0, 600, 1007, 1009, 99999]
    fc.assert(
      fc.property(
        fc.constantFrom(...oids),
        fc.constantFrom(0, 1),
        fc.constantFrom(...MASKER_NAMES),
        fc.boolean(),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (typeOid, format, name, exact, bytes) => {
          const canary = Buffer.from(bytes)
          canary.write('\u0001CANARY#\u00010', 0, 'latin1')
          const plan = planMasks(
            [output('a', exact)],
            [maskOf('a', { name, keepStart: 2, keepEnd: 2 })],
          )
          const one = createRowMasker([field('a', typeOid, format)], plan, KEYS)
          let masked: Buffer
          try {
            masked = maskRow(one, body(canary))
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'TARGET_PROTOCOL')
            return
          }
          assert.equal(masked.readInt32BE(1), masked.length - 1)
          assert.ok(!masked.includes('CANARY'))
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('scanned columns', () => {
  const scan = (typeOid: number, format: number, value: Buffer | string) => {
    const plan = planMasks('unknown', [SCAN])
    const masked = maskRow(createRowMasker([field('a', typeOid, format)], plan, KEYS), body(value))
    return masked.readInt32BE(7) === -1 ? null : masked.subarray(11).toString('latin1')
  }

  test('lose only what is found', () => {
    assert.equal(scan(OID.text, 0, 'to alice@example.com now'), 'to [redacted] now')
    assert.equal(scan(OID.text, 1, 'to alice@example.com now'), 'to [redacted] now')
    assert.equal(scan(OID.json, 0, '{"a":4111111111111111}'), '{"a":null}')
    assert.equal(scan(OID.jsonb, 1, '\u0001{"a":4111111111111111}'), '\u0001{"a":null}')
    assert.equal(scan(1009, 0, '{alice@example.com,x}'), '{[redacted],x}')
    assert.equal(scan(99999, 0, '(alice@example.com,x)'), '([redacted],x)')
  })

  test('are NULL where a part cannot be replaced', () => {
    assert.equal(scan(OID.int8, 0, '4111111111111111'), null)
    assert.equal(scan(1016, 0, '{4111111111111111}'), null)
    assert.equal(scan(OID.record, 0, '(alice@example.com)'), null)
    assert.equal(scan(OID.bytea, 0, `\\x${Buffer.from('alice@example.com').toString('hex')}`), null)
    assert.equal(scan(OID.bytea, 0, 'alice\\100example.com'), null)
    assert.equal(scan(99999, 1, 'x alice@example.com'), null)
  })

  test('keep bytes that are no UTF-8', () => {
    const value = Buffer.from('\xe9 alice@example.com \xff', 'latin1')
    assert.equal(scan(OID.text, 0, value), '\xe9 [redacted] \xff')
  })

  test('pass unchanged otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '"', '\\', ',', ' ') }), (text) => {
        assert.equal(scan(OID.text, 0, text), Buffer.from(text).toString('latin1'))
      }),
    )
  })
})

describe('a preview', () => {
  test('shows a masked row as text, binary too, and cuts long values', () => {
    const fields = [
      field('a', OID.int4, 1),
      field('b', OID.text),
      field('c', 99999, 1),
      field('d', OID.text),
    ]
    const one = createRowMasker(fields, planMasks('unknown', [SCAN]), KEYS)
    const masked = maskRow(
      one,
      body(Buffer.from([0, 0, 0, 5]), 'a@b.co', Buffer.from([1, 255]), null),
    )
    assert.deepEqual(one.previewRow(masked.subarray(5)), ['5', '[redacted]', '\\x01ff', null])
    const [, long] = one.previewRow(body(Buffer.alloc(4), 'é'.repeat(5000), '', null))
    assert.equal(long, `${'é'.repeat(200)}…`)
  })

  test('shows each value in its own form: text as it is, binary as its text, or as bytes', () => {
    const shown = (oid: number, format: 0 | 1, value: Buffer | string) =>
      createRowMasker([field('a', oid, format)], planMasks('unknown', [SCAN]), KEYS).previewRow(
        body(value),
      )[0]
    for (const [oid, text] of [
      [OID.int4, '5'],
      [OID.bool, 't'],
      [OID.date, '2000-01-02'],
      [OID.uuid, 'a'],
      [OID.jsonb, '{}'],
      [OID.text, 'x'],
    ] as const) {
      assert.equal(shown(oid, 0, text), text)
    }
    assert.equal(shown(OID.bool, 1, Buffer.of(1)), 't')
    assert.equal(shown(OID.date, 1, Buffer.from([0, 0, 0, 1])), '2000-01-02')
    assert.equal(shown(OID.text, 1, 'é'.repeat(300)), `${'é'.repeat(200)}…`)
    // What is too long to be decoded is shown as bytes, of which there are as many.
    assert.equal(shown(OID.text, 1, 'a'.repeat(801)), `\\x${'61'.repeat(99)}…`)
    assert.equal(shown(OID.text, 1, 'a'.repeat(800)), `${'a'.repeat(200)}…`)
  })
})
