import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showProgress } from './progress.ts'

function run(reason: string, complete: boolean): { printed: string; isWell: boolean } {
  let printed = ''
  const progress = showProgress('/', (text) => (printed += text), complete)
  progress.passed({ name: 'one', file: '/a.test.ts', nesting: 0, skip: reason, details: {} })
  const isWell = progress.end()
  return { printed, isWell }
}

test('a missing program is a reason to skip, and said', () => {
  const { printed, isWell } = run('needs a PostgreSQL server', false)
  assert.equal(isWell, true)
  assert.match(printed, /skipped: a\.test\.ts › one: needs a PostgreSQL server/)
})

test('where all must be there, a missing program is a failure', () => {
  const { printed, isWell } = run('needs a PostgreSQL server', true)
  assert.equal(isWell, false)
  assert.match(printed, /✖ may not be skipped here: a\.test\.ts › one: needs a PostgreSQL server/)
})

test('what no package can change is skipped there too', () => {
  assert.equal(run('root may read every file', true).isWell, true)
})
