import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TRANSCRIPT_CHARS_MAX } from '../limits.ts'
import { createTranscript } from './transcript.ts'

function setUp() {
  const written: string[] = []
  const transcript = createTranscript(
    ({ kind, text }) => void written.push(`${kind} ${text}`),
    () => 0,
  )
  return { written, transcript }
}

test('pieces of one kind are one record, in the order in which they came', () => {
  const { written, transcript } = setUp()
  for (const key of 'ls') transcript.add('i', key)
  transcript.add('o', 'l')
  transcript.add('o', 's')
  transcript.add('r', '80x24')
  transcript.add('r', '90x30')
  transcript.add('m', 'one')
  transcript.add('m', 'two')
  assert.equal(transcript.flush(), true)
  assert.equal(transcript.flush(), false)
  assert.deepEqual(written, ['i ls', 'o ls', 'r 90x30', 'm one', 'm two'])
})

test('no record is longer than records may be, and nothing is lost', () => {
  const { written, transcript } = setUp()
  const text = 'x'.repeat(1000)
  for (let n = 0; n < 100; n++) transcript.add('o', text)
  transcript.flush()
  assert.ok(written.every((one) => one.length <= TRANSCRIPT_CHARS_MAX + 2))
  assert.equal(written.join('').replaceAll('o ', '').length, 100_000)
})
