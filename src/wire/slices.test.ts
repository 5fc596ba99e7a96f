import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coalesce } from './slices.ts'

const MEMORY = Buffer.from('abcdefgh')

test('slices that lie next to each other become one, without a copy; all others stay', () => {
  const texts = (...buffers: Buffer[]) => coalesce(buffers).map(String)
  const at = (start: number, end: number) => MEMORY.subarray(start, end)
  assert.deepEqual(texts(), [])
  assert.deepEqual(texts(at(1, 3)), ['bc'])
  assert.deepEqual(texts(at(0, 2), at(2, 3), at(3, 8)), ['abcdefgh'])
  assert.deepEqual(texts(at(0, 2), at(3, 4)), ['ab', 'd'], 'a gap')
  assert.deepEqual(texts(at(2, 4), at(0, 2)), ['cd', 'ab'], 'the other way round')
  assert.deepEqual(texts(at(0, 2), at(1, 4)), ['ab', 'bcd'], 'one over the other')
  assert.deepEqual(texts(at(0, 2), at(2, 2), at(2, 4)), ['abcd'], 'an empty one between them')
  const [joined] = coalesce([at(0, 2), at(2, 4)])
  assert.equal(joined!.buffer, MEMORY.buffer)
})

test('slices of two memories are two, wherever they lie', () => {
  const other = Buffer.from(new ArrayBuffer(16), MEMORY.byteOffset % 8, 8).fill('x')
  for (let start = 0; start <= 8; start++) {
    const one = Buffer.from(new ArrayBuffer(16), 0, start).fill('a')
    const two = Buffer.from(other.buffer, start, 2).fill('b')
    assert.deepEqual(coalesce([one, two]).map(String), ['a'.repeat(start), 'bb'])
  }
})
