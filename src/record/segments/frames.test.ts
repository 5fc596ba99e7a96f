import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { unpackFrames, unpackLastFrame } from './frames.ts'

const texts = ['first\n'.repeat(10_000), 'second\n', 'third\n']
const packed = Buffer.concat(texts.map((text) => zstdCompressSync(text)))

test('every frame is unpacked, not only the first', async () => {
  assert.equal((await unpackFrames(packed, 1_000_000)).toString(), texts.join(''))
})

test('the last frame is found by itself', () => {
  assert.equal(unpackLastFrame(packed).toString(), 'third\n')
})

test('more than the bound is refused', async () => {
  await assert.rejects(unpackFrames(packed, 1000))
})

test('what is cut off is refused', async () => {
  await assert.rejects(unpackFrames(packed.subarray(0, packed.length - 3), 1_000_000))
})

test('no bytes are no frames', async () => {
  assert.equal((await unpackFrames(Buffer.alloc(0), 10)).length, 0)
  assert.throws(() => unpackLastFrame(Buffer.alloc(0)))
})
