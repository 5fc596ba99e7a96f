import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as library from 'libpg-query'
import { readCases } from '../../../../test/support/sql/cases.ts'
import { classifyAll } from '../../../../test/support/sql/fake-catalog.ts'
import { fingerprint } from './fingerprint.ts'
import { loadParser } from './parser.ts'

const parser = await loadParser()

function print(sql: string, withSecrets = false): string {
  const parsed = parser.parse(sql)
  assert.ok(parsed.type === 'parsed', sql)
  return fingerprint(
    parsed.statements.map(({ node }) => node),
    withSecrets,
  )
}

test('it stays the same from release to release', () => {
  assert.equal(print('select a from t where b = 1'), 'b0660198ac2baee95c4e0ec83d8774ca')
  assert.equal(print(''), 'e3b0c44298fc1c149afbf4c8996fb924')
})

const ALIKE: readonly (readonly string[])[] = [
  [
    'select a from t where b = 1',
    "SELECT a FROM t /* x */ WHERE b = 'x'",
    'select a from t where b=$1',
  ],
  ['select a from t where b in (1)', 'select a from t where b in (1, $2, null)'],
  ['insert into t values (1, 2)', 'insert into t values (1, 2), (3, 4)'],
  ['select a as x from t', 'select a as y from t', 'select a from t'],
  ['delete from t returning a as x', 'delete from t returning a as y'],
  ['select array[1, 2]', 'select array[1, 2, 3]'],
  ['select 1 as x union select 2 as x', 'select 1 as y union select 2 as y'],
  ['savepoint a', 'savepoint b'],
  ['prepare a as select 1', 'prepare b as select 2'],
  ['fetch 1 from a', 'fetch 100 from b'],
  ["comment on table t is 'a'", "comment on table t is 'b'"],
]

for (const texts of ALIKE) {
  test(`alike: ${texts.join(' | ')}`, () => {
    assert.equal(new Set(texts.map((text) => print(text))).size, 1)
  })
}

const DIFFERENT: readonly (readonly string[])[] = [
  [
    'select a from t',
    'select b from t',
    'select a from u',
    'select a from s.t',
    'select a, b from t',
  ],
  ['update t set a = 1', 'update t set b = 1', 'update t set a = 1 where c = 1'],
  [
    'insert into t values (1) on conflict (a) do update set b = 1',
    'insert into t values (1) on conflict (a) do update set c = 1',
  ],
  [
    'merge into t using s on true when matched then update set a = 1',
    'merge into t using s on true when matched then update set b = 1',
  ],
  ['select a from t where b = 1 and c = 2', 'select a from t where b = 1 or c = 2'],
  ["select 'x'::regclass", "select 'x'::text"],
  ['select 1', 'select 1; select 1', ''],
  ['explain select 1', 'explain analyze select 1', 'explain (analyze false) select 1'],
  ["do 'a'", "do 'b'"],
  // What ends one name begins no other.
  ['select a.b', 'select "a.b"', 'select "a\u0001b"', 'select "String:{sval:a"'],
]

for (const texts of DIFFERENT) {
  test(`different: ${texts.join(' | ')}`, () => {
    assert.equal(new Set(texts.map((text) => print(text))).size, texts.length)
  })
}

test('a password does not count, so that nobody can try passwords on it', () => {
  const of = (sql: string) => {
    const result = classifyAll(sql)
    assert.ok(result.type === 'classified', sql)
    return result.operation.fingerprint
  }
  for (const sql of [
    "alter role x password '#'",
    "create user x with login password '#'",
    "create user mapping for u server s options (user 'u', password '#')",
    "create subscription s connection 'password=#' publication p",
    "select dblink_connect('password=#')",
  ]) {
    assert.equal(of(sql.replace('#', 'one')), of(sql.replace('*', 'two')), sql)
  }
  assert.notEqual(of("alter role x password 'one'"), of("alter role y password 'one'"))
})

test("what PostgreSQL's own fingerprint tells apart is told apart", () => {
  const theirs = new Map<string, string>()
  let compared = 0
  for (const { sql } of ['select', 'modify', 'utility'].flatMap(readCases)) {
    if (sql === '' || parser.parse(sql).type === 'refused') continue
    const known = theirs.get(print(sql))
    const own = library.fingerprintSync(sql)
    assert.equal(known ?? own, own, sql)
    theirs.set(print(sql), own)
    compared++
  }
  assert.ok(compared > 200, `${compared} statements`)
})
