import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { MaskerSpec } from '../core/verdict.ts'
import { createByteMasker, MORE_BYTES_MAX } from './byte-maskers.ts'
import { createMasker } from './maskers.ts'

const KEYS = { hashKey: Buffer.alloc(32, 1) }

/** What stands around the value must not matter, nor be written over. */
function maskBytes(spec: MaskerSpec, value: Buffer): Buffer | undefined {
  const around = Buffer.concat([Buffer.from('a@b.co'), value, Buffer.from('.com@x')])
  const out = Buffer.alloc(value.length + MORE_BYTES_MAX + 2, 0x21)
  const end = createByteMasker(spec, 'text')!(around, 6, 6 + value.length, out, 1)
  if (end === -1) return undefined
  assert.ok(end <= 1 + value.length + MORE_BYTES_MAX)
  assert.equal(out[0], 0x21)
  assert.ok(out.subarray(end).every((byte) => byte === 0x21))
  return out.subarray(1, end)
}

const specs: fc.Arbitrary<MaskerSpec> = fc.oneof(
  fc.constant<MaskerSpec>({ name: 'email' }),
  fc.record({
    name: fc.constant('partial' as const),
    keepStart: fc.integer({ min: 0, max: 6 }),
    keepEnd: fc.integer({ min: 0, max: 6 }),
  }),
)

const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('a', 'Z', '1', '@', '.', '.com', 'é', '😀', 'ſ', ' '))
    .map((parts) => parts.join('')),
)

describe('a masker of bytes', () => {
  test('does what the masker of texts does', () => {
    fc.assert(
      fc.property(specs, texts, (spec, text) => {
        const expected = createMasker(spec, 'text', KEYS)(text)!
        const masked = maskBytes(spec, Buffer.from(text))
        if (masked === undefined) assert.match(text, /[^\0-\x7f]/)
        else assert.equal(masked.toString(), expected)
      }),
      { numRuns: 2000 },
    )
  })

  test('masks what is no UTF-8 as the masker of texts masks its Latin 1', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (value) => {
        const bytes = Buffer.from(value)
        const expected = createMasker({ name: 'email' }, 'text', KEYS)(bytes.toString('latin1'))!
        assert.equal(maskBytes({ name: 'email' }, bytes)?.toString('latin1'), expected)
      }),
    )
  })

  test('is there only for text', () => {
    assert.equal(createByteMasker({ name: 'email' }, 'json'), undefined)
    assert.equal(createByteMasker({ name: 'hash' }, 'text'), undefined)
  })
})
