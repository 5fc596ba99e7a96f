import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'
import type { Opening } from '../judging/opening.ts'
import type { Conversation } from './conversation.ts'
import type { Expectation, Question } from './expectation.ts'
import { Openings } from './openings.ts'

/** A session with one cursor, and the questions that it asks. */
function world() {
  const cursor: Opening = { at: undefined, suspect: false, scope: {} as CatalogScope }
  const open = new Map([['c', cursor]])
  const questions = new Set<Question>()
  const names = {
    codeRuns: 0,
    openings: () => [...open],
    closed: (name: string) => void open.delete(name),
  }
  const conversation = {
    status: 'T',
    batchOpen: false,
    names,
    outbox: { flush() {} },
    forward(_bytes: Buffer, expects: Expectation | undefined) {
      if (expects?.type === 'question') questions.add(expects.question)
    },
  } as unknown as Conversation
  const answer = (at: string) => {
    for (const question of questions) {
      if (question.state !== 'asked') continue
      question.rows.push(['c', at])
      question.state = 'answered'
    }
  }
  const codeRuns = () => {
    names.codeRuns++
    cursor.suspect = true
  }
  return { openings: new Openings(conversation), cursor, open, questions, answer, codeRuns }
}

test('a cursor is still the one that was opened, or its name stands for nothing', () => {
  for (const [now, left] of [
    ['12:00', 1],
    ['12:01', 0],
  ] as const) {
    const { openings, cursor, open, answer, codeRuns } = world()
    assert.equal(openings.remember()?.type, 'wait')
    answer('12:00')
    assert.equal(openings.remember(), undefined)
    codeRuns()
    assert.equal(openings.verify(cursor)?.type, 'wait')
    answer(now)
    assert.equal(openings.verify(cursor), undefined)
    assert.equal(open.size, left)
  }
})

test('an answer from before code ran is asked for again', () => {
  const { openings, cursor, open, questions, answer, codeRuns } = world()
  openings.remember()
  answer('12:00')
  openings.remember()
  codeRuns()
  openings.verify(cursor)
  answer('12:00')
  // Whoever asked was refused meanwhile, and never looked; then code runs once more.
  codeRuns()
  assert.equal(openings.verify(cursor)?.type, 'wait')
  assert.equal(questions.size, 3)
  answer('12:01')
  assert.equal(openings.verify(cursor), undefined)
  assert.equal(open.size, 0)
})
