import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { loadModule, parseSync } from 'libpg-query'
import { normalise } from './normalise.ts'

before(() => loadModule())

/** The parse tree without places and without the values of constants; undefined for a bad text. */
function shape(text: string): string | undefined {
  try {
    return JSON.stringify(parseSync(text), (key, value: unknown) => {
      if (
        /^(location|stmt_len|stmt_location|version|.*_location|rexpr_list_(start|end))$/.test(key)
      )
        return undefined
      return key === 'A_Const' ? constantKind(value as Record<string, unknown>) : value
    })
  } catch {
    return undefined
  }
}

function constantKind(constant: Record<string, unknown>): string {
  return ['sval', 'ival', 'fval', 'boolval', 'bsval'].find((kind) => kind in constant) ?? 'null'
}

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

/** Statements made of pieces that meet at awkward places. */
const pieces = [
  'SELECT',
  'select',
  'a',
  'b',
  'FROM t',
  'WHERE',
  'ORDER BY',
  'GROUP BY',
  'LIMIT',
  'OFFSET',
  'VALUES',
  'IN',
  'AND',
  'BETWEEN',
  'LIKE',
  'WITH x AS',
  'regclass',
  'date',
  'interval',
  'AS',
  'INSERT INTO t',
  'UPDATE t SET',
  'DELETE FROM t',
  'UNION',
  'CASE WHEN',
  'THEN',
  'END',
  'f(',
  'IN (',
  'VALUES (',
  '(',
  ')',
  ',',
  '.',
  ';',
  '::',
  ':',
  '=',
  '<',
  '>=',
  '<>',
  '=>',
  '-',
  '+',
  '->>',
  '||',
  '/',
  '*',
  '--',
  '--\n',
  '/*',
  '*/',
  ' ',
  '\n',
  '\t',
  '\u00a0',
  "'",
  "''",
  "'x'",
  "'y z'",
  "'it''s'",
  "E'",
  "U&'",
  '"',
  '"q"',
  '$',
  '$1',
  '$$',
  '1',
  '23',
  '1.5',
  '.5',
  '1e3',
  '9999999999',
  '0x1F',
  '1_0',
  '\\',
  '[',
  ']',
  '{',
  '\u0001i',
  '\u0001s',
  '\0',
  'é',
] as const

/** Two literals of one kind, often the same. */
const literalPair = fc
  .constantFrom(
    ['1', '2', '30'] as const,
    ["'x'", "'it''s'", "'secrets'"] as const,
    ['1.5', '20.25', '0.0'] as const,
    ['9999999999', '1', '.5'] as const,
  )
  .chain((kind) => fc.tuple(fc.constantFrom(...kind), fc.constantFrom(...kind)))

/** More than a statement ever has. */
const HOLES_MAX = 60
const HOLE = '\u0002'
const filling = fc.array(literalPair, { minLength: HOLES_MAX, maxLength: HOLES_MAX })

function fill(text: string, pairs: readonly (readonly string[])[], side: 0 | 1): string {
  let next = 0
  return text.replaceAll(HOLE, () => pairs[next++ % HOLES_MAX]![side]!)
}

/** A soup of pieces, with holes for literals. */
const soup = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constant(HOLE)), { maxLength: 16 }),
    fc.constantFrom('', ' '),
  )
  .map(([parts, space]) => `SELECT ${parts.join(space)}`)

/** Valid statements: what the soup above seldom makes. */
const { expression, statement } = fc.letrec<{
  expression: string
  query: string
  statement: string
}>((tie) => {
  const operand = fc.oneof(
    fc.constant(HOLE),
    fc.constantFrom('a', 't.b', '$1', 'null', '"q"', '-5', '- 7', 'now()'),
    fc.constant(`f(${HOLE})`),
    fc.constant(`${HOLE}::regclass`),
    fc.constant(`f(${HOLE}, y => ${HOLE})`),
  )
  return {
    expression: fc.oneof(
      { maxDepth: 2 },
      operand,
      fc
        .tuple(
          operand,
          fc.constantFrom('=', '<', '<=', '<>', '!=', '||', '->>', '+', 'LIKE'),
          operand,
        )
        .map((p) => p.join(' ')),
      fc.tuple(operand, operand, operand).map(([x, y, z]) => `${x} BETWEEN ${y} AND ${z}`),
      fc
        .tuple(operand, fc.array(operand, { minLength: 1, maxLength: 4 }))
        .map(([x, list]) => `${x} IN (${list.join(', ')})`),
      fc.tuple(operand, tie('query')).map(([x, query]) => `${x} IN (${query})`),
      fc.tuple(tie('expression'), tie('expression')).map(([x, y]) => `(${x}) AND (${y})`),
    ),
    query: fc.oneof(
      { maxDepth: 2 },
      fc
        .tuple(operand, tie('expression'), operand, operand, operand)
        .map(
          ([x, where, order, second, limit]) =>
            `SELECT ${x}, a FROM t WHERE ${where} ORDER BY ${order}, ${second} LIMIT ${limit}`,
        ),
      fc
        .array(fc.tuple(operand, operand), { minLength: 1, maxLength: 3 })
        .map((rows) => `VALUES ${rows.map(([x, y]) => `(${x}, ${y})`).join(', ')}`),
      fc.tuple(tie('query'), operand).map(([query, x]) => `(${query}) ORDER BY a, ${x}`),
      tie('query').map((query) => `WITH w AS (${query}) SELECT * FROM w GROUP BY 1, 2`),
    ),
    statement: fc.oneof(
      tie('query'),
      tie('query').map((query) => `INSERT INTO t ${query}`),
      fc
        .tuple(tie('expression'), tie('expression'))
        .map(([x, y]) => `UPDATE t SET a = ${x} WHERE ${y}`),
      tie('expression').map((x) => `DELETE FROM t WHERE ${x} RETURNING a`),
    ),
  }
})

/** Fills every text twice; equal keys must mean equal trees. Returns how often keys were equal. */
function compareTwins(texts: fc.Arbitrary<string>, runs: number): number {
  let equal = 0
  fc.assert(
    fc.property(texts, filling, (text, pairs) => {
      const [one, other] = [fill(text, pairs, 0), fill(text, pairs, 1)]
      const key = normalise(one)
      if (one === other || key === undefined || key !== normalise(other)) return
      equal++
      assert.equal(shape(one), shape(other), JSON.stringify([one, other]))
    }),
    { numRuns: runs },
  )
  return equal
}

describe('normalise, against the real parser', () => {
  it('gives equal keys only to statements with equal parse trees', () => {
    const equal = compareTwins(statement, 6000)
    assert.ok(equal > 30, `only ${equal} pairs were equal`)
  })

  it('the same for conditions', () => {
    const equal = compareTwins(
      expression.map((condition) => `SELECT a FROM t WHERE ${condition}`),
      6000,
    )
    assert.ok(equal > 30, `only ${equal} pairs were equal`)
  })

  it('the same for tokens that meet at awkward places', () => {
    const equal = compareTwins(soup, 8000)
    assert.ok(equal > 20, `only ${equal} pairs were equal`)
  })

  it('keeps position numbers and function arguments in the key', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), (one, other) => {
        fc.pre(one !== other)
        for (const make of [
          (n: number) => `SELECT a, b FROM t ORDER BY ${n}`,
          (n: number) => `SELECT a, b FROM t WHERE a IN (SELECT x FROM u GROUP BY y, ${n})`,
          (n: number) => `SELECT f('${n}') FROM t WHERE a = 5`,
          (n: number) => `SELECT a FROM t WHERE a = '${n}'::regclass`,
        ]) {
          assert.notEqual(normalise(make(one)), normalise(make(other)))
        }
      }),
    )
  })
})
