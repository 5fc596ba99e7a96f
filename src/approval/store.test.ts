import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../store/sqlite.ts'
import type { ApprovalStore } from './store.ts'
import { openApprovalStore } from './store.ts'
import type { CountedAnswer } from './terms.ts'
import type { KeptApproval } from './view.ts'

function approval(id: string): KeptApproval {
  const request = {
    agent: { name: 'etl-1' },
    resource: { name: 'sales-db' },
    fingerprint: 'f1',
  } as KeptApproval['request']
  return { id, state: 'pending', requestedAt_ms: 1, expiresAt_ms: 9, request, answers: [] }
}

const ANSWER: CountedAnswer = {
  tenant: 't1',
  objectId: 'oid-ann',
  name: 'ann',
  at_ms: 5,
  answer: 'deny',
  reason: 'not on a Friday',
  speaksFor: [0, 2],
  interested: true,
}

/** Two stores over one state: what one writes, the other must find. */
function open(): [ApprovalStore, ApprovalStore] {
  const state = openStore(':memory:')
  return [openApprovalStore(state), openApprovalStore(state)]
}

test('a request and its answers are read back as they were given', () => {
  const [writer, reader] = open()
  writer.insert(approval('a'))
  assert.deepEqual(reader.find('a'), approval('a'))
  writer.answer('a', ANSWER, 'pending', 5)
  const { reason: _, ...silent } = ANSWER
  const second = { ...silent, objectId: 'oid-bob', interested: false, at_ms: 6 }
  writer.answer('a', { ...second, answer: 'approve' }, 'denied', 6)
  assert.deepEqual(reader.find('a'), {
    ...approval('a'),
    state: 'denied',
    settledAt_ms: 6,
    answers: [ANSWER, { ...second, answer: 'approve' }],
  })
})

test("a person's later answer replaces the earlier, with its reason", () => {
  const [writer, reader] = open()
  writer.insert(approval('a'))
  writer.answer('a', ANSWER, 'pending', 5)
  writer.answer('a', { ...ANSWER, answer: 'approve', reason: 'checked', at_ms: 7 }, 'pending', 7)
  assert.deepEqual(
    reader.find('a')?.answers.map(({ answer, reason }) => [answer, reason]),
    [['approve', 'checked']],
  )
})

test('what is settled stays settled', () => {
  const [writer, reader] = open()
  writer.insert(approval('a'))
  writer.settle('a', 'expired', 5)
  writer.settle('a', 'approved', 6)
  assert.deepEqual([reader.find('a')?.state, reader.find('a')?.settledAt_ms], ['expired', 5])
})

test('old settled requests are forgotten with their answers; new and open ones are kept', () => {
  const [writer, reader] = open()
  for (const id of ['old', 'new', 'open']) {
    writer.insert(approval(id))
    writer.answer(id, ANSWER, 'pending', 5)
  }
  writer.settle('old', 'denied', 9)
  writer.settle('new', 'denied', 10)
  writer.prune(10)
  assert.deepEqual(
    reader.page({ limit: 9 }).map(({ id, answers }) => [id, answers.length]),
    [
      ['open', 1],
      ['new', 1],
    ],
  )
  // The answers went too: a request of the same id begins without any.
  writer.insert(approval('old'))
  assert.deepEqual(reader.find('old')?.answers, [])
})
