import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BodyTransform } from '../../http/api.ts'
import { OBJECT_BYTES_MAX } from '../limits.ts'
import type { ObjectMasker } from './object-mask.ts'
import { lines, wholeDocument } from './pieces.ts'

function run(transform: BodyTransform, text: string, size: number): string {
  let out = ''
  for (let at = 0; at < text.length; at += size) {
    out += transform.write(Buffer.from(text.slice(at, at + size))).toString()
  }
  return out + transform.end().toString()
}

const MAX = 8
const upper = (line: Buffer) => Buffer.from(line.toString().toUpperCase())
const bracketed = (line: Buffer) => Buffer.from(`(${line.toString()})`)

describe('lines', () => {
  test('are edited whole, wherever they are divided; the last one by its own', () => {
    for (const [text, wanted, rows] of [
      ['a\nbc\n\nd', 'A\nBC\n\n(d)', 4],
      ['a\n', 'A\n', 1],
      ['', '', 0],
      ['\n\n', '\n\n', 2],
      ['abcdefgh\nabcdefgh', 'ABCDEFGH\n(abcdefgh)', 2],
    ] as const) {
      for (const size of [1, 2, 3, 100]) {
        const transform = lines(upper, MAX, () => ['x'], bracketed)
        assert.equal(run(transform, text, size), wanted)
        assert.equal(transform.rows, rows, text)
        assert.deepEqual(transform.masked, ['x'])
      }
    }
  })

  test('are held up to a bound', () => {
    for (const size of [1, 3, 9]) {
      const long = () =>
        run(
          lines(upper, MAX, () => []),
          'a\nabcdefghi',
          size,
        )
      assert.throws(long, /too long to be masked/)
    }
    assert.throws(
      () =>
        run(
          lines(upper, MAX, () => []),
          'abcdefghi\n',
          1,
        ),
      /too long/,
    )
  })
})

test('a whole document is edited when it has ended, and held up to a bound', () => {
  const masker = { masked: new Set(['m']), mask: upper } as unknown as ObjectMasker
  const transform = wholeDocument(masker)
  assert.equal(transform.write(Buffer.from('a')).length, 0)
  assert.equal(transform.write(Buffer.from('b')).length, 0)
  assert.equal(transform.end().toString(), 'AB')
  assert.deepEqual(transform.masked, ['m'])
  assert.equal(wholeDocument(masker).end().length, 0)
  const full = wholeDocument(masker)
  full.write(Buffer.alloc(OBJECT_BYTES_MAX - 1))
  full.write(Buffer.alloc(1))
  assert.throws(() => full.write(Buffer.alloc(1)), /too large/)
})
