import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fifo } from './fifo.ts'

test('order is kept, however long it is never empty', () => {
  const fifo = new Fifo<number>()
  fifo.push(-1)
  for (let index = 0; index < 10_000; index++) {
    fifo.push(index)
    assert.equal(fifo.shift(), index - 1)
    assert.equal(fifo.size, 1)
    assert.equal(fifo.head, index)
  }
  assert.deepEqual(fifo.drain(), [9999])
  assert.equal(fifo.size, 0)
  assert.equal(fifo.shift(), undefined)
})

test('a long queue is drained in order', () => {
  const fifo = new Fifo<number>()
  const all = Array.from({ length: 5000 }, (_, index) => index)
  all.forEach((index) => fifo.push(index))
  const taken = Array.from({ length: 3000 }, () => fifo.shift())
  assert.deepEqual([...taken, ...fifo.pending()], all)
})
