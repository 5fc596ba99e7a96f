import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { classifyAll } from '../../../../test/support/sql/fake-catalog.ts'
import type { Classified } from '../../../sql/classification.ts'
import { loadParser } from '../../../sql/postgres/parse/parser.ts'
import { SessionNames } from './session-names.ts'

before(() => loadParser())

const CODE = 'select leak_rows()'
const PLAIN = 'select 1'

function setUp() {
  const changed: boolean[] = []
  const classifier = {
    epoch: 0,
    scope: {},
    catalogChanged: (all: boolean) => void changed.push(all),
    rolledBack() {},
  }
  const parts = { classifier, applicationName: 'start' }
  const names = new SessionNames(parts as never, { gone() {}, tell() {} })
  /** Declares a cursor whose making is known, so that it can be looked at again. */
  const declare = (cursor: string, sql: string, hold: boolean) => {
    const query = classifyAll(sql) as Classified
    names.apply({ type: 'declare', cursor, text: sql, query, hold })
    names.openingOf(cursor)!.at = 'now'
  }
  const suspects = () => names.openings().flatMap(([name, { suspect }]) => (suspect ? name : []))
  return { names, declare, suspects, changed }
}

describe('code that the end of a transaction runs', () => {
  test('is there only where a cursor that is held has some', () => {
    for (const [sql, hold, ends] of [
      [CODE, true, true],
      [CODE, false, false],
      [PLAIN, true, false],
      [PLAIN, false, false],
    ] as const) {
      const { names, declare, suspects, changed } = setUp()
      declare('a', sql, hold)
      assert.equal(names.endsWithCode, ends, `${sql} ${hold}`)
      names.codePutOffRan()
      assert.equal(names.codeRuns, ends ? 1 : 0)
      assert.deepEqual(changed, ends ? [false] : [])
      assert.deepEqual(suspects(), [], 'what runs does not close itself')
      assert.equal(names.endsWithCode, false)
    }
  })

  test('of one cursor makes all others suspect; of two, both as well', () => {
    const one = setUp()
    one.declare('other', PLAIN, true)
    one.declare('a', CODE, true)
    one.declare('later', PLAIN, false)
    one.names.codePutOffRan()
    assert.deepEqual(one.suspects(), ['other', 'later'])
    for (const count of [2, 3]) {
      const more = setUp()
      const cursors = Array.from({ length: count }, (_, index) => `c${index}`)
      for (const cursor of cursors) more.declare(cursor, CODE, true)
      more.names.codePutOffRan()
      assert.deepEqual(more.suspects(), cursors)
      assert.equal(more.names.codeRuns, 1)
    }
  })

  test('runs once, and what is declared afterwards is put off anew', () => {
    const { names, declare, suspects } = setUp()
    declare('a', CODE, true)
    names.codePutOffRan()
    names.codePutOffRan()
    assert.equal(names.codeRuns, 1)
    declare('b', CODE, true)
    assert.equal(names.endsWithCode, true)
    names.codePutOffRan()
    assert.deepEqual(suspects(), ['a'])
  })
})

describe('code that a statement runs', () => {
  test('makes every cursor suspect but the one that ran it, and takes what is not known', () => {
    const { names, declare, suspects } = setUp()
    for (const cursor of ['a', 'b', 'unknown']) declare(cursor, PLAIN, false)
    names.openingOf('unknown')!.at = undefined
    names.apply({ type: 'code', spares: 'a' })
    assert.deepEqual(suspects(), ['b'])
    assert.equal(names.cursors.has('unknown'), false)
    names.apply({ type: 'code' })
    assert.deepEqual(suspects(), ['a', 'b'])
    assert.equal(names.codeRuns, 2)
  })
})

test('names end: one cursor, all of them, all that was discarded', () => {
  const { names, declare } = setUp()
  const left = () => names.openings().map(([name]) => name)
  for (const cursor of ['a', 'b']) declare(cursor, PLAIN, true)
  names.apply({ type: 'close', cursor: 'a' })
  assert.deepEqual(left(), ['b'])
  declare('c', PLAIN, true)
  names.apply({ type: 'close', cursor: undefined })
  assert.deepEqual(left(), [])
  declare('d', PLAIN, true)
  names.apply({ type: 'discard' })
  assert.deepEqual(left(), [])
})

test('the catalog is seen anew as far as a statement changed it', () => {
  const { names, changed } = setUp()
  names.apply({ type: 'catalog', reach: 'session' })
  names.apply({ type: 'catalog', reach: 'database' })
  assert.deepEqual(changed, [false, true])
})
