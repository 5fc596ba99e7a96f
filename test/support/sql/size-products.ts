/**
 * Statements that multiply two sizes which whoever writes them chooses, in little text: columns by
 * references, tables by levels, and so on. Analysis must cost what the text is worth, or be refused.
 */
export type SizeProduct = readonly [name: string, write: (bytesMax: number) => string]

/** As many pieces as fit in `bytesMax`, between a head and a tail. */
function fill(
  bytesMax: number,
  head: string,
  piece: (index: number) => string,
  between: string,
  tail = '',
): string {
  const pieces: string[] = []
  let bytes = head.length + tail.length
  for (let index = 0; ; index++) {
    const next = piece(index)
    bytes += next.length + between.length
    if (bytes > bytesMax && index > 0) break
    pieces.push(next)
  }
  return head + pieces.join(between) + tail
}

function wide(bytesMax: number, alias = 't'): string {
  return fill(bytesMax, '(SELECT ', (i) => `1 c${i}`, ',', `) ${alias}`)
}

/** 1,600 real columns, whose reading is written down (fake-catalog.ts). */
const WIDE = 'public.wide'

function doubling(levels: number, step: (before: string) => string, first: string): string {
  const tables = [`t0 AS (${first})`]
  for (let i = 1; i <= levels; i++) tables.push(`t${i} AS (${step(`t${i - 1}`)})`)
  return `WITH ${tables.join(', ')} SELECT 1 FROM t${levels} LIMIT 0`
}

function references(bytesMax: number, from: string, piece: (i: number) => string): string {
  return fill(bytesMax - from.length, 'SELECT ', piece, ',', ` FROM ${from}`)
}

function manyTables(bytesMax: number): string {
  return fill(bytesMax, '', (i) => `(SELECT 1 d${i}) t${i}`, ', ')
}

export const SIZE_PRODUCTS: readonly SizeProduct[] = [
  [
    'tables that double',
    () => doubling(25, (t) => `SELECT x.*, y.* FROM ${t} x, ${t} y`, 'SELECT 1 a, 2 b'),
  ],
  [
    'tables that double, bare star',
    () => doubling(25, (t) => `SELECT * FROM ${t} x, ${t} y`, 'SELECT 1 a, 2 b'),
  ],
  [
    'joins that double',
    () => doubling(25, (t) => `SELECT * FROM ${t} x JOIN ${t} y ON true`, 'SELECT 1 a, 2 b'),
  ],
  [
    'natural joins',
    () =>
      doubling(25, (t) => `SELECT *, 1 z FROM ${t} x NATURAL JOIN ${t} y`, `SELECT * FROM ${WIDE}`),
  ],
  [
    'nested stars',
    () => {
      let text = `SELECT 1 a`
      for (let i = 0; i < 25; i++)
        text = `SELECT * FROM (${text}) x, (${text.length < 10_000 ? text : 'SELECT 1'}) y`
      return text
    },
  ],
  [
    'values that double',
    () =>
      doubling(
        25,
        (t) => `SELECT a || b a, b || a b FROM ${t}`,
        `SELECT w::text a, w::text b FROM ${WIDE} w`,
      ),
  ],
  [
    'recursive that doubles',
    () =>
      `WITH RECURSIVE r AS (SELECT w.* FROM ${WIDE} w UNION ALL SELECT r.* FROM r JOIN r s ON r.c1 = s.c2) SELECT r.*, s.* FROM r, r s, r u`,
  ],
  [
    'recursive chains',
    () => {
      const columns = Array.from({ length: 400 }, (_, i) => `c${i}`)
      return `WITH RECURSIVE r AS (SELECT ${columns.join(',')} FROM ${WIDE} UNION ALL SELECT ${columns.map((_, i) => `c${(i + 1) % 400}||c${i}`).join(',')} FROM r) SELECT 1 FROM r`
    },
  ],
  ['names over many columns', (n) => references(n / 2, wide(n / 2), () => 'c9')],
  ['qualified names over many columns', (n) => references(n / 2, wide(n / 2), () => 't.c9')],
  ['names over a wide table', (n) => references(n, `${WIDE} t`, () => 'c1599')],
  ['all names over a wide table', (n) => references(n, `${WIDE} t`, (i) => `c${i % 1600}`)],
  ['whole rows', (n) => references(n / 2, wide(n / 2), () => 't')],
  ['whole rows of a wide table', (n) => references(n, `${WIDE} t`, () => 't')],
  ['stars of a wide table', (n) => references(n, `${WIDE} t`, () => 't.*')],
  ['whole rows as text', (n) => references(n, `${WIDE} t`, () => 't::text')],
  ['whole rows put together', (n) => fill(n, 'SELECT concat(', () => 't', ',', `) FROM ${WIDE} t`)],
  ['many tables', (n) => fill(n, `SELECT * FROM `, (i) => `${WIDE} w${i}`, ',')],
  [
    'many joins',
    (n) =>
      fill(
        Math.min(n, 9_000),
        `SELECT * FROM ${WIDE} w `,
        (i) => `JOIN ${WIDE} w${i} ON true`,
        ' ',
      ),
  ],
  [
    'names over many tables',
    (n) => `${references(n / 2, '(SELECT 1 c1) t', () => 'c1')}, ${manyTables(n / 2)}`,
  ],
  [
    'items over many tables',
    (n) => `${references(n / 2, '(SELECT 1 c1) t', () => 't.c1')}, ${manyTables(n / 2)}`,
  ],
  ['many common tables', (n) => fill(n, 'WITH ', (i) => `t${i} AS (SELECT 1 a)`, ',', ' SELECT 1')],
  [
    'many common tables, recursive',
    (n) => fill(n, 'WITH RECURSIVE ', (i) => `t${i} AS (SELECT 1 a)`, ',', ' SELECT 1'),
  ],
  [
    'chained common tables',
    (n) =>
      fill(
        n,
        `WITH t0 AS (SELECT * FROM ${WIDE}),`,
        (i) => `t${i + 1} AS (TABLE t${i})`,
        ',',
        ' SELECT 1',
      ),
  ],
  ['numbers in a list', (n) => fill(n, 'SELECT 1 WHERE 1 IN (', () => '1', ',', ')')],
  [
    'names in a list',
    (n) => fill(n, `SELECT 1 FROM ${WIDE} WHERE 1 IN (`, (i) => `c${i % 1600}`, ',', ')'),
  ],
  [
    'names in conditions',
    (n) => fill(n, `SELECT 1 FROM ${WIDE} WHERE `, (i) => `c${i % 1600}=1`, ' OR '),
  ],
  [
    'order by outputs',
    (n) =>
      `${references(n / 2, `${WIDE} t`, (i) => `1 a${i}`)} ORDER BY ${fill(n / 2, '', () => 'a9', ',')}`,
  ],
  [
    'order by positions',
    (n) =>
      `${references(n / 2, `${WIDE} t`, () => 't')} ORDER BY ${fill(n / 2, '', () => '1', ',')}`,
  ],
  [
    'group by outputs',
    (n) =>
      `${references(n / 2, `${WIDE} t`, () => 't')} GROUP BY ${fill(n / 2, '', () => 'c1', ',')}`,
  ],
  [
    'branches of unions',
    (n) => fill(Math.min(n, 12_000), '', () => `SELECT * FROM ${WIDE}`, ' UNION '),
  ],
  [
    'a union of wide rows',
    (n) =>
      `SELECT ${fill(n / 2, '', () => 't', ',')} FROM ${WIDE} t UNION SELECT ${fill(n / 2, '', () => 't', ',')} FROM ${WIDE} t`,
  ],
  [
    'nested conditions',
    () => {
      let text = `SELECT 1 FROM ${WIDE} w WHERE w IS NULL`
      for (let i = 0; i < 60; i++)
        text = `SELECT 1 FROM ${WIDE} w${i} WHERE w${i} IS NULL AND EXISTS (${text})`
      return text
    },
  ],
  [
    'sub-queries over conditions',
    (n) => fill(n, `SELECT `, () => `(SELECT 1 FROM ${WIDE} w WHERE w IS NULL)`, ','),
  ],
  [
    'deep scopes',
    (n) => {
      let text = `SELECT ${fill(n / 2, '', () => 'z', ',')}`
      for (let i = 0; i < 50; i++)
        text = `SELECT (SELECT 1 FROM (SELECT 1 a${i}) b${i} WHERE (${text}) IS NULL)`
      return `SELECT 1 FROM (SELECT 1 z) q WHERE (${text}) IS NULL`
    },
  ],
  [
    'inserts of wide rows',
    (n) =>
      `INSERT INTO ${WIDE} SELECT ${fill(Math.min(n, 3000), '', () => 't::text', ',')} FROM ${WIDE} t`,
  ],
  [
    'updates by wide rows',
    (n) => fill(n, `UPDATE ${WIDE} SET `, (i) => `c${i % 1600}=t::text`, ',', ` FROM ${WIDE} t`),
  ],
  [
    'conflicts',
    (n) =>
      fill(
        n,
        `INSERT INTO ${WIDE} AS t TABLE ${WIDE} ON CONFLICT (c1) DO UPDATE SET `,
        (i) => `c${i % 1600}=t::text`,
        ',',
      ),
  ],
  [
    'merges',
    (n) =>
      fill(
        n,
        `MERGE INTO ${WIDE} USING ${WIDE} t ON true `,
        () => `WHEN MATCHED THEN UPDATE SET c1=t::text`,
        ' ',
      ),
  ],
  [
    'returning wide rows',
    (n) => fill(n, `UPDATE ${WIDE} SET c1=c2 RETURNING `, () => 'old.*', ','),
  ],
  [
    'locks',
    (n) =>
      fill(
        n / 2,
        `SELECT 1 FROM ${fill(n / 2, '', (i) => `${WIDE} w${i}`, ',')} FOR UPDATE OF `,
        (i) => `w${i}`,
        ',',
      ),
  ],
  [
    'many statements',
    (n) =>
      fill(n, '', () => `SELECT * FROM ${WIDE}`, ';')
        .split(';')
        .slice(0, 1000)
        .join(';'),
  ],
  [
    'prepared in many statements',
    (n) =>
      fill(n, '', (i) => `PREPARE p${i} AS SELECT * FROM ${WIDE}`, ';')
        .split(';')
        .slice(0, 1000)
        .join(';'),
  ],
  ['views of views', (n) => fill(n, `SELECT 1 FROM `, (i) => `public.wide_view v${i}`, ',')],
  ['stars of views', (n) => references(n, `public.wide_view v`, () => 'v.*')],
  ['values lists', (n) => fill(n, 'VALUES ', () => '(1,1,1,1,1,1,1,1,1,1)', ',')],
  [
    'inserted values',
    (n) =>
      fill(
        n,
        `INSERT INTO ${WIDE} (c1,c2,c3) VALUES `,
        (i) => `(${i},'some text of a row ${i}',NULL)`,
        ',',
      ),
  ],
  ['operators', (n) => fill(n, 'SELECT ', (i) => `${i}+1`, ',')],
  ['functions', (n) => fill(n, `SELECT `, () => `upper('x')`, ',')],
  [
    'windows',
    (n) =>
      fill(
        n / 2,
        `SELECT ${fill(n / 2, '', () => 'count(*) OVER w', ',')} FROM ${WIDE} t WINDOW w AS (ORDER BY t)`,
        (i) => `, w${i} AS (ORDER BY t)`,
        '',
      ),
  ],
  ['JSON members', (n) => references(n, `${WIDE} t`, () => `to_jsonb(t)-'c1'`)],
  ['column aliases', (n) => fill(n, `SELECT 1 FROM ${WIDE} t(`, (i) => `a${i}`, ',', ')')],
  [
    'using',
    (n) =>
      fill(n, `SELECT 1 FROM ${WIDE} t JOIN ${WIDE} u USING (`, (i) => `c${i % 1600}`, ',', ')'),
  ],
  [
    'grouping sets',
    (n) => fill(n, `SELECT 1 FROM ${WIDE} t GROUP BY GROUPING SETS (`, () => '(t)', ',', ')'),
  ],
  [
    'cases',
    (n) => fill(n, `SELECT CASE `, () => `WHEN t IS NULL THEN t`, ' ', ` END FROM ${WIDE} t`),
  ],
  [
    'functions in FROM',
    (n) => fill(n, `SELECT 1 FROM ${WIDE} w, ROWS FROM (`, () => 'unnest(ARRAY[w])', ',', ')'),
  ],
  [
    'lateral tables',
    (n) => fill(n, `SELECT 1 FROM ${WIDE} w,`, (i) => `LATERAL (SELECT w, c1) l${i}`, ','),
  ],
]

/** Texts that are long because what they carry is much: the work that each is worth suffices. */
export const LONG_AND_PLAIN: readonly SizeProduct[] = [
  [
    'an INSERT of many rows',
    (n) => fill(n, `INSERT INTO customers (id, name, email) VALUES `, (i) => `(${i},'x','y')`, ','),
  ],
  [
    'a list of numbers',
    (n) => fill(n, 'SELECT 1 FROM customers WHERE id IN (', () => '1', ',', ')'),
  ],
  [
    'a list of parameters',
    (n) => fill(n, 'SELECT 1 FROM customers WHERE id IN (', (i) => `$${i + 1}`, ',', ')'),
  ],
  [
    'alternatives',
    (n) => fill(n, 'SELECT 1 FROM customers c WHERE ', (i) => `c.id=${i} AND c.name='x'`, ' OR '),
  ],
  [
    'every column by name',
    (n) => references(n, 'wide w', (i) => `"w"."c${i % 1600}" AS "w_c${i}"`),
  ],
  ['every column by the shortest name', (n) => references(n, 'wide w', (i) => `c${i % 1600}`)],
  [
    'cases',
    (n) => fill(n, 'SELECT CASE ', (i) => `WHEN id=${i} THEN name`, ' ', ' END FROM customers'),
  ],
  [
    'statements',
    (n) => fill(Math.min(n, 30_000), '', () => `UPDATE customers SET name='x' WHERE id=1`, ';'),
  ],
  [
    'a union of many rows',
    (n) =>
      fill(Math.min(n, 9_000), '', (i) => `SELECT ${i} id, name FROM customers`, ' UNION ALL '),
  ],
  ['many short tables', (n) => fill(n, 'WITH ', (i) => `t${i} AS (SELECT 1)`, ',', ' SELECT 1')],
  ['calls', (n) => fill(n, 'SELECT ', () => `upper(name)`, ',', ' FROM customers')],
]
