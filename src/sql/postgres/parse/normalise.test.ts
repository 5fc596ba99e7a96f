import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { normalise } from './normalise.ts'

describe('normalise', () => {
  const folds: readonly (readonly [text: string, key: string])[] = [
    ['SELECT a FROM t WHERE id = 17', 'SELECT a FROM t WHERE id = \u0001i'],
    ['select a from t where id=-17 and b', 'select a from t where id=-17 and b'],
    ['SELECT a FROM t WHERE id = -17', 'SELECT a FROM t WHERE id = -\u0001i'],
    ["SELECT a FROM t WHERE n = 'o''hara'", 'SELECT a FROM t WHERE n = \u0001s'],
    [`SELECT a FROM t WHERE n = '{"a": 1}'`, 'SELECT a FROM t WHERE n = \u0001s'],
    ['SELECT a FROM t WHERE x >= 1.5', 'SELECT a FROM t WHERE x >= \u0001d'],
    ['SELECT a FROM t LIMIT 5 OFFSET 10;', 'SELECT a FROM t LIMIT \u0001i OFFSET \u0001i;'],
    [
      "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
      'INSERT INTO t VALUES (\u0001i, \u0001s), (\u0001i, \u0001s)',
    ],
    ['DELETE FROM t WHERE id IN (1,2)', 'DELETE FROM t WHERE id IN (\u0001i,\u0001i)'],
    [
      'SELECT a FROM t WHERE b BETWEEN 1 AND 2',
      'SELECT a FROM t WHERE b BETWEEN \u0001i AND \u0001i',
    ],
    ['SELECT  a /* x /* y */ */ FROM t -- z\n WHERE b = 1', 'SELECT a FROM t WHERE b = \u0001i'],
    ["SELECT a FROM t WHERE b = 'x'  ", 'SELECT a FROM t WHERE b = \u0001s '],
  ]
  for (const [text, key] of folds) it(`folds ${text}`, () => assert.equal(normalise(text), key))

  const keeps: readonly string[] = [
    'SELECT a, b FROM t ORDER BY 1',
    'SELECT a, b FROM t ORDER BY a, 2',
    'SELECT a, b FROM t GROUP BY 1, 2',
    "SELECT set_config('role', 'admin', false)",
    "SELECT nextval('secrets_seq')",
    "SELECT a FROM t WHERE o = 'secrets'::regclass",
    "SELECT a FROM t WHERE o = 'secrets' :: regclass",
    "SELECT a FROM t WHERE o IN ('secrets'::regclass)",
    "SELECT a FROM t WHERE o = regclass 'secrets'",
    "SELECT interval '1' day",
    "SELECT a->>'b' FROM t",
    "SELECT x.in('secrets')",
    "SELECT x.values('secrets')",
    'SELECT f(x => 5)',
    "SELECT f(x := 5, y := 'secrets')",
    'SELECT a FROM t WHERE a IN (SELECT b FROM u ORDER BY c, 2)',
    'SELECT a FROM t WHERE a IN ((SELECT b FROM u) ORDER BY b, 2)',
    'SELECT a FROM t WHERE b = 1234567890',
    'SELECT a FROM t WHERE b = $1',
    'SELECT "a""b = 5" FROM t',
  ]
  for (const text of keeps)
    it(`keeps every literal of ${text}`, () => assert.equal(normalise(text), text))

  const refuses: readonly string[] = [
    '',
    ' ',
    '-- nothing',
    'SET role = 5',
    "COPY t FROM 'x'",
    '(SELECT 1)',
    'EXPLAIN SELECT 1',
    'SELECT 1; SELECT 2',
    'SELECT 1;;',
    "SELECT a FROM t WHERE b = E'x'",
    "SELECT a FROM t WHERE b = e'x'",
    "SELECT a FROM t WHERE b = U&'x'",
    "SELECT a FROM t WHERE b = u&'x' UESCAPE '!'",
    'SELECT U&"x" FROM t',
    "SELECT B'1', X'1F'",
    "SELECT N'x'",
    'SELECT $$x$$',
    'SELECT $a$x$a$',
    'SELECT $1a',
    "SELECT a FROM t WHERE b = 'x'\n'y'",
    "SELECT a FROM t WHERE b = 'x' -- c\n'y'",
    "SELECT f('x'\n'y')",
    "SELECT a FROM t WHERE b = 'x\\'",
    "SELECT a FROM t WHERE b = 'x",
    'SELECT a FROM t WHERE b = 1e5',
    'SELECT a FROM t WHERE b = 1_000',
    'SELECT a FROM t WHERE b = 0x1F',
    'SELECT a FROM t WHERE b = 5abc',
    'SELECT a FROM t WHERE b = .5',
    'SELECT a FROM t WHERE b = 5.',
    'SELECT a FROM t WHERE b = 1..2',
    'SELECT /* a',
    'SELECT 1 -- a\0',
    'SELECT 1 /* a\0 */',
    'SELECT /* /* a */',
    'SELECT "a',
    'SELECT a\u000bFROM t',
    'SELECT a\0FROM t',
    'SELECT a FROM t WHERE b = \u0001i',
    "SELECT a FROM t WHERE b = '\u0001'",
    'SELECT a)',
    `SELECT ${'('.repeat(40)}1${')'.repeat(40)}`,
    `SELECT '${'x'.repeat(70_000)}'`,
  ]
  for (const text of refuses) {
    it(`gives no key to ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.equal(normalise(text), undefined)
    })
  }

  it('takes what looks like white space for a letter, as the server does', () => {
    assert.equal(normalise('SELECT a\u00a0= 5'), 'SELECT a\u00a0= \u0001i')
    assert.equal(normalise('LIMIT'), undefined)
    assert.equal(normalise('SELECT a LIMIT\u30005'), 'SELECT a LIMIT\u30005')
  })
})
