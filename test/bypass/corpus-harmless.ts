import type { BypassCase } from './case.ts'
import { allowed, masked } from './case.ts'

/** Everyday statements that must not be touched; the exceptions are in `OVER_MASKED`. */
export const HARMLESS: readonly BypassCase[] = allowed({
  'harmless: clean columns': 'SELECT id, name, born FROM customers ORDER BY id',
  // What it filters is an error then; nobody sees more.
  'harmless: row_security': 'SET row_security = off',
  'harmless: count': 'SELECT count(*) FROM customers',
  'harmless: group by a clean column':
    'SELECT country, count(*), min(born) FROM customers GROUP BY country',
  'harmless: join': 'SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer = c.id',
  'harmless: window':
    'SELECT id, sum(total) OVER (ORDER BY id), lag(note) OVER (ORDER BY id) FROM orders',
  'harmless: JSON': "SELECT jsonb_build_object('id', id, 'n', name) FROM customers",
  'harmless: row of clean columns': 'SELECT ROW(id, name) FROM customers',

  'harmless: whole row of a clean table, 1': 'SELECT o FROM orders o',
  'harmless: clean member of JSON of a row': "SELECT to_jsonb(c) ->> 'name' FROM customers c",
  'harmless: clean member of JSON of a row with other names':
    "SELECT to_jsonb(c) ->> 'name' FROM customers c(email, label)",
  'harmless: whether there is a row, whatever is in it':
    'SELECT id, EXISTS (SELECT * FROM customers c WHERE c.id = o.customer) FROM orders o',
  'harmless: range of clean values': 'SELECT text_range(name, NULL) FROM customers',
  'harmless: whole row of a clean table, 2': 'SELECT to_jsonb(o) FROM orders o',
  'harmless: whole row of a clean table, 3': 'SELECT o::text FROM orders o',
  'harmless: system columns': 'SELECT tableoid::regclass, ctid, id FROM orders',
  'harmless: clean view': 'SELECT * FROM v_clean',
  'harmless: clean column of a view with masked ones': 'SELECT id FROM v_alias',
  'harmless: aggregates':
    "SELECT string_agg(name, ', ' ORDER BY id), array_agg(born ORDER BY id) FROM customers",
  'harmless: CTE': 'WITH x AS (SELECT id, email, name FROM customers) SELECT id, name FROM x',
  'harmless: lateral':
    'SELECT c.name, t.s FROM customers c, LATERAL (SELECT sum(total) s FROM orders o WHERE o.customer = c.id) t',
  'harmless: recursive':
    'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) FROM r',
  'harmless: set operation': 'SELECT id FROM customers UNION SELECT id FROM orders ORDER BY 1',
  'harmless: partitioned': 'SELECT * FROM lists',
  'harmless: dates':
    "SELECT date_trunc('year', born), extract(year FROM born), age(born) > interval '1 year' FROM customers",
  'harmless: text':
    "SELECT upper(name), left(name, 1), name LIKE 'A%', regexp_replace(name, 'a', 'b') FROM customers",
  'harmless: constants': "SELECT 1, 'x', now() > '2000-01-01', ARRAY[1, 2], '{}'::jsonb",
  'harmless: generate_series': 'SELECT g FROM generate_series(1, 3) g',
  'harmless: COPY': 'COPY (SELECT id, name FROM customers) TO STDOUT (FORMAT csv, HEADER)',
  'harmless: cursor': [
    'BEGIN',
    'DECLARE c CURSOR FOR SELECT id, name FROM customers',
    'FETCH ALL c',
    'CLOSE c',
  ],
  'harmless: prepared': [
    'PREPARE p(int) AS SELECT name FROM customers WHERE id = $1',
    'EXECUTE p(1)',
  ],
  'harmless: settings': ["SET statement_timeout = '10s'", "SET TimeZone = 'UTC'", 'SHOW timezone'],
  'harmless: CASE on clean columns':
    "SELECT CASE WHEN id = 1 THEN 'one' ELSE 'other' END FROM customers",
  'harmless: two statements': 'SELECT 1; SELECT name FROM customers',
  'harmless: field of a row': 'SELECT (c).name FROM customers c',
  'harmless: functional notation of a clean column': 'SELECT note(o) FROM orders o',

  'harmless: count of rows': 'SELECT count(c) FROM customers c',

  'harmless: type of a masked column': 'SELECT pg_typeof(email) FROM customers LIMIT 1',
  'harmless: filter by a masked column': 'SELECT name FROM customers WHERE email IS NOT NULL',
  'harmless: EXISTS over a masked table':
    'SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer)',
  'harmless: EXPLAIN': 'EXPLAIN (COSTS OFF) SELECT name FROM customers',
  'harmless: EXPLAIN of a clean table':
    "EXPLAIN (ANALYZE, VERBOSE, TIMING OFF, SUMMARY OFF) SELECT o.* FROM orders o JOIN customers c ON c.id = o.customer WHERE note = 'x'",
  'harmless: IS NOT NULL of an outer join':
    'SELECT o.id, c.id IS NOT NULL FROM orders o LEFT JOIN customers c ON c.id = o.customer',
})

/** Harmless too, and masked all the same; docs/design/004-bypass-findings.md says why. */
export const OVER_MASKED: readonly BypassCase[] = masked({
  'harmless: clean field out of a row in a sub-query':
    'SELECT (q.c).name FROM (SELECT c FROM customers c) q',
})
