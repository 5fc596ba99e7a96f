import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gathered } from './gathered.ts'
import { Incoming } from './incoming.ts'

const BYTES = 100_000
const ONES = Array.from({ length: BYTES }, (_, at) => Buffer.from([at % 251]))
const WHOLE = Buffer.concat(ONES)

/** Bytes that are copied by `Buffer.prototype.copy` while `work` runs. */
function copied(work: () => void): number {
  const { copy } = Buffer.prototype
  let bytes = 0
  Buffer.prototype.copy = function (...given: Parameters<typeof copy>) {
    const count = copy.apply(this, given)
    bytes += count
    return count
  }
  try {
    work()
  } finally {
    Buffer.prototype.copy = copy
  }
  return bytes
}

test('a body in pieces of one byte costs twice its size, and three copies of each byte', () => {
  const body = new Gathered()
  const work = copied(() => ONES.forEach((piece) => body.add(piece)))
  assert.deepEqual(body.bytes, WHOLE)
  assert.ok(body.held <= 2 * BYTES, `it holds ${body.held}`)
  assert.ok(work <= 3 * BYTES, `${work} bytes were copied`)
})

test('a body of a known length never takes more than that', () => {
  const body = new Gathered(BYTES)
  let grown = 0
  for (const piece of ONES) {
    grown += body.growthFor(piece.length)
    body.add(piece)
    assert.equal(body.held, grown)
  }
  assert.equal(body.held, BYTES)
  assert.deepEqual(body.take(), WHOLE)
  assert.equal(body.held, 0)
})

test('what waits in pieces of one byte costs no more', () => {
  const incoming = new Incoming()
  const work = copied(() => ONES.forEach((piece) => incoming.add(piece)))
  assert.deepEqual(incoming.bytes, WHOLE)
  assert.ok(incoming.held <= 2 * BYTES, `it holds ${incoming.held}`)
  assert.ok(work <= 3 * BYTES, `${work} bytes were copied`)
})

test('a chunk that finds nothing waiting is not copied, and what was handed out stays as it is', () => {
  const incoming = new Incoming()
  const chunk = Buffer.from('first')
  incoming.add(chunk)
  assert.equal(incoming.bytes, chunk)
  incoming.skip(2)
  incoming.addCopy(Buffer.from(' second'))
  const taken = incoming.bytes.subarray(0, 6)
  incoming.skip(6)
  for (let n = 0; n < 100; n++) incoming.add(Buffer.from('x'))
  assert.equal(taken.toString(), 'rst se')
  assert.equal(incoming.take().toString(), `cond${'x'.repeat(100)}`)
  assert.equal(incoming.length, 0)
})
