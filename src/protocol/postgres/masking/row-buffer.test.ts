import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { message } from '../messages/writer.ts'
import { RowBuffer } from './row-buffer.ts'

const DATA_ROW = 0x44

function taken(rows: RowBuffer): Buffer {
  const out: Buffer[] = []
  rows.takeInto(out)
  return Buffer.concat(out)
}

const pieces = fc.array(fc.uint8Array({ maxLength: 3000, size: 'max' }), { maxLength: 8 })
const written = fc.array(fc.record({ pieces, isTaken: fc.boolean(), isLeft: fc.boolean() }), {
  maxLength: 30,
})

test('what is taken is each row that was ended, once and in order', () => {
  fc.assert(
    fc.property(written, (all) => {
      const rows = new RowBuffer()
      const got: Buffer[] = []
      const expected: Buffer[] = []
      for (const { pieces, isTaken, isLeft } of all) {
        rows.begin(10)
        for (const piece of pieces) rows.copy(Buffer.from(piece), 0, piece.length)
        if (!isLeft) {
          rows.end()
          expected.push(message(DATA_ROW, Buffer.concat(pieces)))
        }
        if (isTaken) rows.takeInto(got)
      }
      rows.takeInto(got)
      assert.deepEqual(Buffer.concat(got), Buffer.concat(expected))
      assert.equal(taken(rows).length, 0)
    }),
  )
})

test('what was taken stays as it is, and an answer that is over leaves nothing', () => {
  const rows = new RowBuffer()
  const first: Buffer[] = []
  rows.begin(10)
  rows.int32(-1)
  rows.end()
  rows.takeInto(first)
  rows.begin(10)
  rows.int32(7)
  rows.end()
  assert.deepEqual(Buffer.concat(first), message(DATA_ROW, Buffer.from([255, 255, 255, 255])))
  rows.release()
  assert.deepEqual(taken(rows), message(DATA_ROW, Buffer.from([0, 0, 0, 7])))
  rows.release()
  assert.equal(rows.bytes.length, 0)
})
