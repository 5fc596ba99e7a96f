import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArray } from './containers.ts'
import { OID } from './types.ts'

function int32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, index * 4)
  return bytes
}

const element = (text: string | null) =>
  text === null ? int32(-1) : Buffer.concat([int32(text.length), Buffer.from(text)])

function array(dimensions: readonly number[], elements: readonly (string | null)[], flags = 0) {
  const sizes = dimensions.flatMap((size) => [size, 1])
  const head = int32(dimensions.length, flags, OID.text, ...sizes)
  return Buffer.concat([head, ...elements.map(element)])
}

const texts = (bytes: Buffer) =>
  readArray(bytes)?.elements.map((one) => one.bytes?.toString() ?? null)

test('an array is read to its last byte, of no dimension up to six', () => {
  assert.deepEqual(texts(array([], [])), [])
  assert.deepEqual(texts(array([2], ['a', ''])), ['a', ''])
  assert.deepEqual(texts(array([2], ['a', null], 1)), ['a', null])
  assert.deepEqual(texts(array([2, 2], ['a', 'b', 'c', 'd'])), ['a', 'b', 'c', 'd'])
  assert.deepEqual(texts(array([1, 1, 1, 1, 1, 1], ['a'])), ['a'])
  assert.equal(readArray(array([1], ['a']))?.typeOid, OID.text)
})

test('bytes that are no array, or hold more than it says, are none', () => {
  const good = array([2], ['a', 'b'])
  for (let length = 0; length < good.length; length++) {
    assert.equal(readArray(good.subarray(0, length)), undefined, String(length))
  }
  for (const bad of [
    Buffer.concat([good, Buffer.of(0)]),
    Buffer.concat([good, element('c')]),
    array([3], ['a', 'b']),
    array([1], ['a', 'b']),
    array([], ['a']),
    array([1, 1, 1, 1, 1, 1, 1], ['a']),
    array([1], ['a'], 2),
    array([1], ['a'], -1),
    array([-1], []),
    Buffer.concat([int32(-1, 0, OID.text), element('a')]),
    Buffer.concat([int32(1, 0, OID.text, 1, 1), int32(-2)]),
  ]) {
    assert.equal(readArray(bad), undefined, bad.toString('hex'))
  }
})
