import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Inbox } from './inbox.ts'

const BYTES = 50_000

function numbered(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, index) => index % 251))
}

for (const size of [1, 3, 1000, 20_000, BYTES]) {
  test(`what comes in pieces of ${size} is read whole and in order`, () => {
    const whole = numbered(BYTES)
    const inbox = new Inbox()
    for (let at = 0; at < BYTES; at += size) {
      assert.equal(inbox.gather(BYTES), false)
      inbox.push(Buffer.from(whole.subarray(at, at + size)))
    }
    assert.equal(inbox.bytes, BYTES)
    assert.ok(inbox.gather(BYTES))
    assert.deepEqual(inbox.buffer.subarray(inbox.at, inbox.at + BYTES), whole)
  })

  test(`what comes in pieces of ${size} is consumed in other pieces`, () => {
    const whole = numbered(BYTES)
    const inbox = new Inbox()
    const read: Buffer[] = []
    for (let at = 0; at < BYTES; at += size) {
      inbox.push(Buffer.from(whole.subarray(at, at + size)))
      while (inbox.bytes >= 7) {
        assert.ok(inbox.gather(7))
        read.push(Buffer.from(inbox.buffer.subarray(inbox.at, inbox.at + 7)))
        inbox.consume(7)
      }
    }
    const rest = inbox.bytes
    assert.ok(inbox.gather(rest))
    read.push(inbox.buffer.subarray(inbox.at, inbox.at + rest))
    assert.deepEqual(Buffer.concat(read), whole)
  })
}

test('what is owned is no longer part of the chunk that brought it', () => {
  const inbox = new Inbox()
  const first = numbered(100)
  const second = Buffer.from(first)
  inbox.push(first)
  inbox.consume(40)
  inbox.push(second)
  assert.ok(!inbox.own(159))
  assert.ok(inbox.own(160))
  first.fill(255)
  second.fill(255)
  assert.ok(inbox.gather(160))
  const expected = Buffer.concat([numbered(100).subarray(40), numbered(100)])
  assert.deepEqual(inbox.buffer.subarray(inbox.at, inbox.at + 160), expected)
  inbox.consume(160)
  assert.ok(inbox.own(0))
  assert.equal(inbox.buffer.length, 0)
})
