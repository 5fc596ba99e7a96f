import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ChaperoneError } from '../core/errors.ts'
import type { CommitWaiter } from '../record/lines/trail.ts'
import type { Gated } from './outbox.ts'
import { Outbox } from './outbox.ts'

const FAILED = new ChaperoneError('RECORD_UNAVAILABLE', 'no disk')

function setUp() {
  const waiters: CommitWaiter[] = []
  const events: string[] = []
  const recorder = { afterCommit: (waiter: CommitWaiter) => void waiters.push(waiter) }
  const text = (batch: readonly Gated[]) => batch.map(({ bytes }) => String(bytes)).join('+')
  const outbox = new Outbox<Gated>(recorder as never, {
    release: (batch) => void events.push(text(batch)),
    refuse: (batch, { code }) => void events.push(`${code} ${text(batch)}`),
  })
  const add = (word: string, gated: boolean) => outbox.add({ bytes: Buffer.from(word), gated })
  return { outbox, waiters, events, add }
}

describe('messages to the target', () => {
  test('go at once where none of them needs a record', () => {
    const { outbox, waiters, events, add } = setUp()
    assert.equal(outbox.clear, true)
    add('a', false)
    add('b', false)
    assert.deepEqual([outbox.clear, outbox.messages, outbox.bytes], [false, 2, 2])
    assert.deepEqual(events, [])
    outbox.flush()
    assert.deepEqual(events, ['a+b'])
    assert.deepEqual([outbox.clear, outbox.messages, outbox.bytes, waiters.length], [true, 0, 0, 0])
    outbox.flush()
    assert.deepEqual(events, ['a+b'])
  })

  test('wait for the record of any in their batch, wherever it stands', () => {
    for (const gated of [
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const { outbox, waiters, events, add } = setUp()
      gated.forEach((one, index) => add(String(index), one))
      outbox.flush()
      assert.deepEqual(events, [])
      assert.deepEqual([outbox.clear, outbox.messages, waiters.length], [false, 2, 1])
      waiters[0]!.committed()
      assert.deepEqual(events, ['0+1'])
      assert.deepEqual([outbox.clear, outbox.messages, outbox.bytes], [true, 0, 0])
    }
  })

  test('wait behind those that wait, and nothing is gated for longer than its batch', () => {
    const { outbox, waiters, events, add } = setUp()
    add('a', true)
    outbox.flush()
    add('b', false)
    outbox.flush()
    assert.deepEqual([events.length, outbox.messages, waiters.length], [0, 2, 2])
    assert.equal(outbox.pending().length, 2)
    for (const waiter of waiters) waiter.committed()
    assert.deepEqual(events, ['a', 'b'])
    add('c', false)
    outbox.flush()
    assert.deepEqual([events.at(-1), waiters.length], ['c', 2])
  })

  test('do not go where their record cannot be written; those behind may', () => {
    const { outbox, waiters, events, add } = setUp()
    add('a', true)
    outbox.flush()
    add('b', true)
    outbox.flush()
    waiters[0]!.failed(FAILED)
    assert.deepEqual(events, ['RECORD_UNAVAILABLE a'])
    assert.deepEqual([outbox.clear, outbox.messages, outbox.bytes], [false, 1, 1])
    waiters[1]!.committed()
    assert.deepEqual(events, ['RECORD_UNAVAILABLE a', 'b'])
    assert.equal(outbox.clear, true)
  })

  test('that were not released are told of when it is over, and never go', () => {
    const { outbox, waiters, events, add } = setUp()
    add('a', true)
    outbox.flush()
    add('b', false)
    assert.deepEqual(
      outbox.pending().map(({ bytes }) => String(bytes)),
      ['a', 'b'],
    )
    assert.deepEqual(
      outbox.abandon().map(({ bytes }) => String(bytes)),
      ['a', 'b'],
    )
    waiters[0]!.committed()
    waiters[0]!.failed(FAILED)
    outbox.flush()
    assert.deepEqual(events, [])
    assert.deepEqual(outbox.pending(), [])
  })
})
