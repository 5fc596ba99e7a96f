import * as fc from 'fast-check'

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
export const filling = fc.array(literalPair, { minLength: HOLES_MAX, maxLength: HOLES_MAX })

/** The text with one side of each pair in its holes. */
export function fill(text: string, pairs: readonly (readonly string[])[], side: 0 | 1): string {
  let next = 0
  return text.replaceAll(HOLE, () => pairs[next++ % HOLES_MAX]![side]!)
}

/** A soup of pieces, with holes for literals. */
export const soup = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constant(HOLE)), { maxLength: 16 }),
    fc.constantFrom('', ' '),
  )
  .map(([parts, space]) => `SELECT ${parts.join(space)}`)

/** Valid statements: what the soup above seldom makes. */
export const { expression, statement } = fc.letrec<{
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
