import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Operation } from '../../../core/operation.ts'
import { OPERATION_CHARS_MAX, OPERATIONS_CHARS_MAX } from '../limits.ts'
import { createKeptOperations } from './http-session.ts'

const operation = (object: string): Operation => ({
  kind: 'GET',
  fingerprint: '',
  accesses: [{ action: 'k8s.get', object: [object], grant: 'required' }],
  predicates: [],
  results: [],
  facts: { statements: 1, readOnly: true, hasWhere: false },
})

test('what was kept stands for all that are equal, and what was only looked for does not', () => {
  const kept = createKeptOperations()
  const first = kept.find(operation('a'), 'a')
  assert.notEqual(kept.find(operation('a'), 'a'), first, 'a refused one is not kept')
  const second = kept.find(operation('a'), 'a')
  kept.keep(second)
  assert.equal(kept.find(operation('a'), 'a'), second)
  kept.keep(first)
  assert.equal(kept.find(operation('a'), 'a'), second)
})

test('long ones are not kept, whether by their text or by what they access', () => {
  const kept = createKeptOperations()
  const long = 'x'.repeat(OPERATION_CHARS_MAX + 1)
  for (const [object, text] of [
    ['a', long],
    [long, 'a'],
  ] as const) {
    const one = kept.find(operation(object), text)
    kept.keep(one)
    assert.notEqual(kept.find(operation(object), 'a'), one)
  }
})

test('all that a session keeps is bounded in its length', () => {
  const kept = createKeptOperations()
  const names = Array.from({ length: 400 }, (_, n) => `${n}`.padEnd(4000))
  for (const name of names) kept.keep(kept.find(operation(name), ''))
  const chars = names
    .filter((name) => {
      const asked = operation(name)
      return kept.find(asked, '') !== asked
    })
    .reduce((sum, name) => sum + JSON.stringify(operation(name)).length, 0)
  assert.ok(chars > 0 && chars <= OPERATIONS_CHARS_MAX, `${chars} characters are kept`)
})
