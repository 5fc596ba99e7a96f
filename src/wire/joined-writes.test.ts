import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JoinedWrites } from './joined-writes.ts'

/** A stream that writes nothing before it is told to. */
function setUp() {
  const queue: { readonly bytes: Buffer; readonly written: () => void }[] = []
  const out: Buffer[] = []
  let drained = 0
  const stream = {
    get writableLength() {
      return queue.reduce((sum, { bytes }) => sum + bytes.length, 0)
    },
    write(bytes: Buffer, written: () => void) {
      queue.push({ bytes, written })
      return true
    },
  }
  const writes = new JoinedWrites(stream, () => void drained++)
  return {
    writes,
    queue,
    out,
    drainedTimes: () => drained,
    next: () => {
      const { bytes, written } = queue.shift()!
      out.push(bytes)
      written()
    },
  }
}

test('while a write is under way, small pieces become one, and all stays in order', () => {
  const { writes, queue, out, next } = setUp()
  const said = Array.from({ length: 5000 }, (_, n) => Buffer.from(`${n},`))
  for (const piece of said) assert.equal(writes.write(piece), true)
  assert.equal(queue.length, 1)
  const large = Buffer.alloc(20_000, 'L')
  writes.write(large)
  writes.write(Buffer.from('end'))
  while (queue.length > 0) next()
  assert.ok(out.length <= 4, `${out.length} writes`)
  assert.deepEqual(Buffer.concat(out), Buffer.concat([...said, large, Buffer.from('end')]))
})

test('a full one says so, and tells once when it is empty again', () => {
  const { writes, queue, next, drainedTimes } = setUp()
  let pieces = 0
  while (writes.write(Buffer.alloc(1000))) pieces++
  assert.ok(pieces < 70, `${pieces} pieces were taken`)
  assert.equal(writes.write(Buffer.alloc(1)), false)
  while (queue.length > 0) next()
  assert.equal(drainedTimes(), 1)
  assert.equal(writes.write(Buffer.alloc(1)), true)
})
