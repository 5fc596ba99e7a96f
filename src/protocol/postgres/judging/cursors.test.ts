import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Operation } from '../../../core/operation.ts'
import type { Classified } from '../../../sql/classification.ts'
import { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'
import { Cursors } from './cursors.ts'

const operation = { accesses: [], predicates: [], results: [] } as unknown as Operation
const query: Classified = { type: 'classified', operation, statements: [] }

const SCOPE = new CatalogScope('db', () => false)

function declared(): Cursors {
  const cursors = new Cursors()
  cursors.declare({ type: 'declare', cursor: 'plain', text: '', query, hold: false }, SCOPE)
  cursors.declare({ type: 'declare', cursor: 'held', text: '', query, hold: true }, SCOPE)
  return cursors
}

test('a cursor ends with its transaction, unless it is held', () => {
  const cursors = declared()
  cursors.transactionOver(true)
  assert.deepEqual([cursors.has('plain'), cursors.has('held')], [false, true])
  cursors.transactionOver(false)
  assert.equal(cursors.get('held')?.query, query)
})

test('a rollback ends what was to be held', () => {
  const cursors = declared()
  cursors.transactionOver(false)
  assert.equal(cursors.size, 0)
})
