import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionOn, conditionsOf, staleAnswer, tagged } from './conditions.ts'

const SEEN = { type: 'tag', tag: 'W/"a"' } as const
const stale = { code: 'APPROVAL_STALE' }

test('a write goes on under the condition of what was seen', () => {
  assert.deepEqual(conditionOn(SEEN, {}), [['if-match', 'W/"a"']])
  assert.deepEqual(conditionOn({ type: 'absent' }, {}), [['if-none-match', '*']])
})

test("a client's own condition gives way where it holds, and is refused where it does not", () => {
  for (const ifMatch of ['*', 'W/"a"', '"a"', '"b", "a"', 'a']) {
    assert.deepEqual(conditionOn(SEEN, { ifMatch }), [['if-match', 'W/"a"']], ifMatch)
  }
  for (const ifMatch of ['"b"', '', '"A"', '"b", W/"c"']) {
    assert.throws(() => conditionOn(SEEN, { ifMatch }), stale, ifMatch)
  }
  assert.deepEqual(conditionOn(SEEN, { ifNoneMatch: '"b"' }), [['if-match', 'W/"a"']])
  for (const ifNoneMatch of ['*', '"a"', '"b", "a"']) {
    assert.throws(() => conditionOn(SEEN, { ifNoneMatch }), stale, ifNoneMatch)
  }
  assert.throws(() => conditionOn({ type: 'absent' }, { ifMatch: '*' }), stale)
  assert.deepEqual(conditionOn({ type: 'absent' }, { ifNoneMatch: '"a"' }), [
    ['if-none-match', '*'],
  ])
})

test('repeated headers are one list', () => {
  const { ifMatch } = conditionsOf([
    ['if-match', '"b"'],
    ['if-match', '"a"'],
  ])
  assert.deepEqual(conditionOn(SEEN, { ifMatch }), [['if-match', 'W/"a"']])
})

test('a tag that could not stand in a header is none', () => {
  for (const tag of ['', ' a', 'a\r\nx: y', 'é', 7, undefined]) {
    assert.equal(tagged(tag), undefined)
  }
  assert.deepEqual(tagged('W/"datetime\'2026-11-24T15%3A00\'"'), {
    type: 'tag',
    tag: 'W/"datetime\'2026-11-24T15%3A00\'"',
  })
})

test('an unmet condition of ours is a stale approval, one of the client is its own affair', () => {
  const failed = { status: 412, headers: [] }
  assert.equal(staleAnswer(failed, {}), undefined)
  assert.equal(staleAnswer(failed, { seen: { text: '', digest: '' } }), undefined)
  const condition = conditionOn(SEEN, {})
  const seen = { text: '', digest: '', condition }
  assert.equal(staleAnswer(failed, { seen })?.type, 'refused')
  assert.equal(staleAnswer({ status: 200, headers: [] }, { seen }), undefined)
  const leased = { status: 412, headers: [['x-ms-error-code', 'LeaseIdMissing']] } as const
  assert.equal(staleAnswer(leased, { seen }), undefined)
  const there = { status: 409, headers: [['x-ms-error-code', 'BlobAlreadyExists']] } as const
  assert.equal(staleAnswer(there, { seen })?.type, 'refused')
})
