import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectPath } from '../../../core/object.ts'
import type { Operation } from '../../../core/operation.ts'
import { createTraffic } from './traffic.ts'

function operation(kind: string, action: string, object: ObjectPath): Operation {
  return {
    kind,
    fingerprint: '',
    accesses: [{ action, object, grant: 'required' }],
    predicates: [],
    results: [],
    facts: { statements: 1, readOnly: false, hasWhere: true },
  }
}

const TABLE = ['sales', 'scratch', 't']
const read = operation('SELECT', 'sql.select', TABLE)
const readOther = operation('SELECT', 'sql.select', ['sales', 'public', 't'])

test('what takes a name away does not go while others use it', () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join(), traffic.join()]
  const takers = [
    operation('DROP', 'sql.ddl.drop', TABLE),
    operation('DROP', 'sql.ddl.drop', ['sales', 'scratch']),
    operation('BEGIN; ALTER', 'sql.ddl.alter', TABLE),
    operation('REVOKE', 'sql.revoke', ['sales', 'scratch']),
  ]
  const harmless = [
    operation('ALTER TABLE', 'sql.ddl.alter', TABLE),
    operation('REVOKE', 'sql.revoke', TABLE),
    operation('DROP', 'sql.ddl.drop', ['sales', 'public', 't']),
    operation('DROP', 'sql.ddl.drop', ['sales']),
  ]
  const arrived = other.enter(read)
  for (const taker of takers) assert.deepEqual(one.conflict(taker), taker.accesses[0]!.object)
  for (const taker of harmless) assert.equal(one.conflict(taker), undefined)
  assert.equal(other.conflict(takers[0]!), undefined, 'its own statements come before it')
  arrived()
  for (const taker of takers) assert.equal(one.conflict(taker), undefined)
})

test('what uses a name does not go until the transaction that takes it away is over', () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join(), traffic.join()]
  const arrived = one.enter(operation('DROP', 'sql.ddl.drop', TABLE))
  one.settle()
  assert.deepEqual(other.conflict(read), TABLE, 'it was still on its way')
  arrived()
  assert.deepEqual(other.conflict(read), TABLE)
  assert.equal(other.conflict(readOther), undefined)
  assert.equal(one.conflict(read), undefined)
  one.settle()
  assert.equal(other.conflict(read), undefined)
})

test('a session that is gone takes nothing away', () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join(), traffic.join()]
  one.enter(operation('DROP', 'sql.ddl.drop', TABLE))
  one.enter(read)
  one.leave()
  assert.equal(other.conflict(read), undefined)
  assert.equal(other.conflict(operation('DROP', 'sql.ddl.drop', TABLE)), undefined)
})

test('who takes more away than can be remembered takes everything away', () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join(), traffic.join()]
  const drop = (name: string) => operation('DROP', 'sql.ddl.drop', ['sales', 'scratch', name])
  one.enter(drop('t0'))()
  for (let round = 0; round < 2000; round++) one.enter(drop('t0'))()
  assert.equal(other.conflict(read), undefined, 'the same one counts once')
  for (let at = 1; at < 2000; at++) one.enter(drop(`t${at}`))()
  assert.deepEqual(other.conflict(read), ['sales'])
  assert.deepEqual(other.conflict(operation('SELECT', 'sql.select', ['hr', 'a', 't'])), undefined)
  one.settle()
  assert.equal(other.conflict(read), undefined)
})

test('what is heard of a session that is gone takes nothing away', () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join(), traffic.join()]
  const arrived = one.enter(operation('DROP', 'sql.ddl.drop', TABLE))
  one.leave()
  arrived()
  assert.equal(other.conflict(read), undefined)
})

test('a transaction that takes names away is not left for others to commit', () => {
  const own = createTraffic().join()
  const left = operation('PREPARE TRANSACTION', 'sql.transaction.prepared', ['sales'])
  const drop = operation('DROP', 'sql.ddl.drop', TABLE)
  const both = { ...drop, accesses: [...drop.accesses, ...left.accesses] }
  own.enter(read)()
  assert.equal(own.conflict(left), undefined)
  assert.deepEqual(own.conflict(both), TABLE)
  own.enter(drop)()
  assert.deepEqual(own.conflict(left), TABLE)
  own.settle()
  assert.equal(own.conflict(left), undefined)
})
