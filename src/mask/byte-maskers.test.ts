import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { MaskerSpec } from '../core/verdict.ts'
import { createByteMasker, MORE_BYTES_MAX } from './byte-maskers.ts'
import { createMasker } from './maskers.ts'

const KEYS = { hashKey: Buffer.alloc(32, 1) }

/** What stands around the value must not matter, nor be written over. */
function maskBytes(spec: MaskerSpec, value: Buffer, behind = '.com@x'): Buffer | undefined {
  const around = Buffer.concat([Buffer.from('a@b.co'), value, Buffer.from(behind)])
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

  test('does what the masker of texts does with every byte, wherever it stands', () => {
    const texts = (byte: number) =>
      [[byte], [byte, 0x61], [0x61, byte], [0x61, 0x40, 0x62, 0x2e, 0x63, byte]].map((bytes) =>
        Buffer.from([...bytes, ...Buffer.from('@host.org')]),
      )
    const partial: MaskerSpec = { name: 'partial', keepStart: 1, keepEnd: 2 }
    for (let byte = 0; byte < 0x100; byte++) {
      for (const value of [...texts(byte), Buffer.from([0x61, 0x40, 0x2e, 0x63, byte])]) {
        const email = createMasker({ name: 'email' }, 'text', KEYS)(value.toString('latin1'))
        const masked = maskBytes({ name: 'email' }, value)
        assert.equal(masked?.toString('latin1'), email, `${byte} in ${value.toString('latin1')}`)
      }
      for (const value of [Buffer.from([byte]), Buffer.from([0x61, 0x62, 0x63, 0x64, byte])]) {
        const expected = createMasker(partial, 'text', KEYS)(value.toString('latin1'))
        const masked = maskBytes(partial, value)
        assert.equal(masked?.toString(), byte < 0x80 ? expected : undefined, String(byte))
      }
    }
  })

  test('takes no byte behind the value for one of it', () => {
    for (const spec of [{ name: 'email' }, { name: 'partial', keepEnd: 2 }] as const) {
      for (const value of ['', 'ann', 'ann@b.org', 'ann@', '1234567890123456']) {
        const expected = createMasker(spec, 'text', KEYS)(value)
        for (const behind of ['', 'é', '\0', '@', '.com', 'm', '9']) {
          assert.equal(maskBytes(spec, Buffer.from(value), behind)?.toString(), expected, behind)
        }
      }
    }
  })

  test('keeps ends of any length only where enough between them is hidden', () => {
    for (let length = 0; length <= 24; length++) {
      const value = 'abcdefghijklmnopqrstuvwx'.slice(0, length)
      for (let keepStart = 0; keepStart <= 8; keepStart++) {
        for (let keepEnd = 0; keepEnd <= 8; keepEnd++) {
          const spec = { name: 'partial', keepStart, keepEnd } as const
          const expected = createMasker(spec, 'text', KEYS)(value)
          assert.equal(maskBytes(spec, Buffer.from(value))?.toString(), expected)
        }
      }
    }
  })

  test('is there only for text', () => {
    assert.equal(createByteMasker({ name: 'email' }, 'json'), undefined)
    assert.equal(createByteMasker({ name: 'hash' }, 'text'), undefined)
  })
})
