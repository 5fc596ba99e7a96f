import fc from 'fast-check'

/**
 * Random statements that multiply sizes: a source of some columns, made wider and deeper, and some
 * number of references to it in any place that takes them.
 */
const size = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 300 }))

function many(count: number, piece: (index: number) => string, between = ', '): string {
  return Array.from({ length: count }, (_, index) => piece(index)).join(between)
}

/** A FROM clause whose first item is called `t` and has a column `c0`. */
const source: fc.Arbitrary<string> = fc.oneof(
  fc.constant('public.wide t'),
  fc.constant('public.wide_view t'),
  size.map((n) => `(SELECT ${many(n, (i) => `${i} AS c${i}`)}) t`),
  size.map((n) => `(SELECT ${many(n, (i) => `c${i}`)} FROM public.wide) t`),
  size.map((n) => `public.wide t, ${many(n, (i) => `public.wide t${i}`)}`),
  size.map((n) => `(VALUES (${many(n, () => '1')})) t(c0)`),
  fc
    .integer({ min: 1, max: 30 })
    .map((n) => `public.wide t ${many(n, (i) => `JOIN public.wide j${i} ON j${i} IS NULL`, ' ')}`),
)

const wrap: fc.Arbitrary<(from: string) => string> = fc.constantFrom<((from: string) => string)[]>(
  (from) => `(SELECT t.* FROM ${from}) t`,
  (from) => `(SELECT t.*, t.c0 AS again FROM ${from}) t`,
  (from) => `(SELECT t.*, u.* FROM (SELECT t.* FROM ${from}) t, (SELECT t.* FROM ${from}) u) t`,
  (from) => `(SELECT t.* FROM ${from} UNION SELECT t.* FROM ${from}) t`,
  (from) => `(SELECT t.* FROM ${from} WHERE t IS NULL) t`,
  (from) => `(SELECT t::text AS c0, t::text AS d FROM ${from}) t`,
  (from) => `(WITH RECURSIVE t AS (SELECT t.* FROM ${from} UNION TABLE t) TABLE t) t`,
)

const reference = fc.constantFrom(
  't',
  't.*',
  'c0',
  't.c0',
  't::text',
  'coalesce(t)',
  '(SELECT t)',
  '(SELECT 1 WHERE t IS NULL)',
  'to_jsonb(t)',
  'count(*) OVER (ORDER BY t)',
  '1',
)

/** Where a list of references can stand. */
const place: fc.Arbitrary<(list: string, from: string) => string> = fc.constantFrom<
  ((list: string, from: string) => string)[]
>(
  (list, from) => `SELECT ${list} FROM ${from}`,
  (list, from) => `SELECT concat(${list}) FROM ${from}`,
  (list, from) => `SELECT 1 FROM ${from} WHERE 1 IN (${list.replaceAll('t.*', 't')})`,
  (list, from) => `SELECT t FROM ${from} ORDER BY ${list.replaceAll('t.*', 't')}`,
  (list, from) => `SELECT t.* FROM ${from} GROUP BY ${list.replaceAll('t.*', 't')}`,
  (list, from) => `SELECT ${list} FROM ${from} UNION SELECT ${list} FROM ${from}`,
  (list, from) => `INSERT INTO public.wide SELECT ${list} FROM ${from}`,
  (list, from) => `SELECT 1 FROM ${from}, LATERAL (SELECT ${list}) l`,
  (list, from) => `EXPLAIN SELECT ${list} FROM ${from}`,
  (list, from) => `PREPARE p AS SELECT ${list} FROM ${from}; SELECT ${list} FROM ${from}`,
)

export const randomProduct: fc.Arbitrary<string> = fc
  .tuple(source, fc.array(wrap, { maxLength: 8 }), reference, size, place)
  .map(([from, wraps, one, count, put]) => {
    const list = many(count, () => one)
    return put(
      list,
      wraps.reduce((inner, around) => (inner.length > 20_000 ? inner : around(inner)), from),
    )
  })
