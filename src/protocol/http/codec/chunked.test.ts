import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChunkedReader } from './chunked.ts'
import { REQUEST_RULES } from './wire-request.ts'

/** Reads the line that says how long a chunk is, and its data as far as it is there. */
function read(text: string): string {
  let data = ''
  const events = { data: (slice: Buffer) => void (data += slice.toString()), end() {} }
  new ChunkedReader(REQUEST_RULES).read(Buffer.from(text), 0, events, () => false)
  return data
}

test('the size of a chunk is a number that can be counted down exactly', () => {
  assert.equal(read('3\r\nabc\r\n'), 'abc')
  assert.equal(read(`${(2 ** 53 - 1).toString(16)}\r\nabc`), 'abc')
  const broken = { code: 'PROTOCOL_VIOLATION' }
  for (const size of [2 ** 53, 2 ** 53 + 2, 2 ** 59]) {
    assert.throws(() => read(`${size.toString(16)}\r\nabc`), broken, String(size))
  }
  for (const size of ['1'.repeat(16), '', '-1', '+1', '0x3', ' 3', '3 ', '3;a=b', '3_0']) {
    assert.throws(() => read(`${size}\r\nabc\r\n`), broken, size)
  }
})
