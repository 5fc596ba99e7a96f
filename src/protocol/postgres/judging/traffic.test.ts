import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectPath } from '../../../core/object.ts'
import type { Operation } from '../../../core/operation.ts'
import { createTraffic } from './traffic.ts'

/** `takes`: it takes the object away. */
function operation(action: string, object: ObjectPath, takes = false): Operation {
  return {
    kind: '',
    fingerprint: '',
    accesses: [{ action, object, grant: 'required' }],
    predicates: [],
    ...(takes ? { takes: [object] } : {}),
    results: [],
    facts: { statements: 1, readOnly: false, hasWhere: true },
  }
}

const TABLE = ['sales', 'scratch', 't']
const read = operation('sql.select', TABLE)
const readOther = operation('sql.select', ['sales', 'public', 't'])

test('what takes a name away does not go while others use it', () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join('db:5432'), traffic.join('db:5432')]
  const takers = [
    operation('sql.ddl.drop', TABLE, true),
    operation('sql.ddl.drop', ['sales', 'scratch'], true),
    operation('sql.ddl.alter', TABLE, true),
    operation('sql.revoke', ['sales', 'scratch'], true),
  ]
  const harmless = [
    operation('sql.ddl.alter', TABLE),
    operation('sql.revoke', TABLE),
    operation('sql.ddl.drop', ['sales', 'public', 't'], true),
    operation('sql.ddl.drop', ['sales'], true),
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
  const [one, other] = [traffic.join('db:5432'), traffic.join('db:5432')]
  const arrived = one.enter(operation('sql.ddl.drop', TABLE, true))
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
  const [one, other] = [traffic.join('db:5432'), traffic.join('db:5432')]
  one.enter(operation('sql.ddl.drop', TABLE, true))
  one.enter(read)
  one.leave()
  assert.equal(other.conflict(read), undefined)
  assert.equal(other.conflict(operation('sql.ddl.drop', TABLE, true)), undefined)
})

test('who takes more away than can be remembered takes everything away', () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join('db:5432'), traffic.join('db:5432')]
  const drop = (name: string) => operation('sql.ddl.drop', ['sales', 'scratch', name], true)
  one.enter(drop('t0'))()
  for (let round = 0; round < 2000; round++) one.enter(drop('t0'))()
  assert.equal(other.conflict(read), undefined, 'the same one counts once')
  for (let at = 1; at < 2000; at++) one.enter(drop(`t${at}`))()
  assert.deepEqual(other.conflict(read), ['sales'])
  assert.deepEqual(other.conflict(operation('sql.select', ['hr', 'a', 't'])), undefined)
  one.settle()
  assert.equal(other.conflict(read), undefined)
})

test('what is heard of a session that is gone takes nothing away', () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join('db:5432'), traffic.join('db:5432')]
  const arrived = one.enter(operation('sql.ddl.drop', TABLE, true))
  one.leave()
  arrived()
  assert.equal(other.conflict(read), undefined)
})

test('a transaction that takes names away is not left for others to commit', () => {
  const own = createTraffic().join('db:5432')
  const left = operation('sql.transaction.prepared', ['sales'])
  const drop = operation('sql.ddl.drop', TABLE, true)
  const both = { ...drop, accesses: [...drop.accesses, ...left.accesses] }
  own.enter(read)()
  assert.equal(own.conflict(left), undefined)
  assert.deepEqual(own.conflict(both), TABLE)
  own.enter(drop)()
  assert.deepEqual(own.conflict(left), TABLE)
  own.settle()
  assert.equal(own.conflict(left), undefined)
})

test('what is dropped on one server is used on another', () => {
  const traffic = createTraffic()
  const [one, other, third] = [
    traffic.join('staging:5432'),
    traffic.join('production:5432'),
    traffic.join('staging:5432'),
  ]
  one.enter(operation('sql.ddl.drop', TABLE, true))
  assert.equal(other.conflict(read), undefined)
  assert.deepEqual(third.conflict(read), TABLE, 'another resource may lead to the same server')
  one.leave()
  assert.equal(third.conflict(read), undefined)
})

test("sessions' temporary objects of one name are not the same", () => {
  const traffic = createTraffic()
  const [one, other] = [traffic.join('db:5432'), traffic.join('db:5432')]
  const temporary = ['sales', 'pg_temp', 't']
  const drop = operation('sql.ddl.drop', temporary, true)
  other.enter(operation('sql.select', temporary))
  assert.equal(one.conflict(drop), undefined)
  one.enter(drop)
  assert.equal(other.conflict(operation('sql.select', temporary)), undefined)
})
