import type { BypassCase } from './case.ts'
import { masked } from './case.ts'

/** Ways of asking for a column without seeming to. */
export const READING: readonly BypassCase[] = [
  ...masked({
    plainly: 'SELECT email, card FROM customers',
    star: 'SELECT * FROM customers',
    TABLE: 'TABLE customers',
    'qualified by database': 'SELECT sales.public.customers.email FROM sales.public.customers',
    'ONLY and descendants':
      'SELECT email FROM ONLY customers UNION ALL SELECT email FROM customers *',
    'alias with columns': 'SELECT q, r FROM customers AS t(p, o, q, r)',
    'alias that swaps names': 'SELECT name, note FROM customers AS t(id, email, name, note)',
    'alias of a join':
      'SELECT j.c3 FROM (customers a JOIN orders b ON a.id = b.customer) AS j(c1, c2, c3)',
    'whole row': 'SELECT customers FROM customers',
    'whole row of an alias': 'SELECT c FROM customers c',
    'whole row as text': 'SELECT c::text FROM customers c',
    'fields of a whole row': 'SELECT (c).email, (c).* FROM customers c',
    'star cast': 'SELECT (c.*)::text FROM customers c',
    'functional notation': 'SELECT email(customers) FROM customers',
    'functional notation of an alias': 'SELECT c.email, card(c) FROM customers c',
    'text as a function': 'SELECT text(c) FROM customers c',
    'row out of a sub-query': 'SELECT (SELECT c FROM customers c WHERE id = 1)',
    'field out of a sub-query': 'SELECT ((SELECT c FROM customers c WHERE id = 1)).email',
    'array of rows': 'SELECT (array(SELECT c FROM customers c))[1]',
    'array field': 'SELECT (array_agg(c))[1].email FROM customers c',
    ROW: 'SELECT ROW(id, email) FROM customers',
    'ROW star': 'SELECT ROW(c.*) FROM customers c',
    'cast to a composite type': 'SELECT (ROW(id, email)::pair).b FROM customers',
    lateral: 'SELECT l.e FROM customers c, LATERAL (SELECT c.email) AS l(e)',
    'lateral values':
      'SELECT v.x FROM customers c CROSS JOIN LATERAL (VALUES (c.email), (c.card)) v(x)',
    'lateral unnest': 'SELECT u FROM customers c, unnest(ARRAY[c.email, c.card]) u',
    'lateral function of a row': 'SELECT j.value FROM customers c, jsonb_each_text(to_jsonb(c)) j',

    'lateral jsonb_to_record':
      'SELECT r.email FROM customers c, jsonb_to_record(to_jsonb(c)) AS r(email text)',
    'ROWS FROM':
      'SELECT r.* FROM customers c, ROWS FROM (unnest(ARRAY[c.email]), generate_series(1, 2)) r',
    CTE: 'WITH x AS (SELECT email e FROM customers) SELECT e FROM x',
    'CTE with columns': 'WITH x(a, b) AS (SELECT id, email FROM customers) SELECT b FROM x',
    'CTE that shadows':
      'WITH customers AS (SELECT email AS name FROM public.customers) SELECT name FROM customers',
    'CTE in a CTE': 'WITH a AS (WITH b AS (SELECT email FROM customers) SELECT * FROM b) TABLE a',
    'CTE that seems to shadow':
      'SELECT x.email FROM (WITH customers AS (SELECT 1 AS email) SELECT 1) q, customers x',
    'recursive CTE':
      'WITH RECURSIVE r(n, e) AS (SELECT 1, email FROM customers UNION ALL SELECT n + 1, substr(e, 2) FROM r WHERE n < 5) SELECT * FROM r',
    'recursive CTE that swaps':
      'WITH RECURSIVE r(a, b, n) AS (SELECT name, email, 1 FROM customers UNION ALL SELECT b, a, n + 1 FROM r WHERE n < 3) SELECT a FROM r',
    'recursive with SEARCH':
      'WITH RECURSIVE r(e, n) AS (SELECT email, 1 FROM customers UNION ALL SELECT e, n + 1 FROM r WHERE n < 2) SEARCH DEPTH FIRST BY e SET path SELECT path FROM r',
    'recursive with CYCLE':
      'WITH RECURSIVE r(e, n) AS (SELECT email, 1 FROM customers UNION ALL SELECT e, n FROM r) CYCLE e SET done USING path SELECT path FROM r',
    UNION: 'SELECT name FROM customers UNION SELECT email FROM customers',
    'UNION ALL, second branch': "SELECT 'x' AS clean UNION ALL SELECT email FROM customers",

    EXCEPT: "SELECT email FROM customers EXCEPT SELECT 'x'",
    'nested set operations':
      "(SELECT name FROM customers EXCEPT SELECT 'x') UNION (SELECT 'y' UNION ALL (SELECT card FROM customers))",
    VALUES: 'VALUES ((SELECT email FROM customers WHERE id = 1))',
    'NATURAL JOIN': 'SELECT email FROM customers NATURAL JOIN (SELECT 1 AS id) x',
    USING: 'SELECT email FROM customers a JOIN v_all b USING (email)',
    'USING alias': 'SELECT u.email FROM customers a JOIN v_all b USING (email) AS u',
    'full join': "SELECT email FROM customers FULL JOIN (SELECT 'x' AS email) y USING (email)",
    'self join': 'SELECT b.email FROM customers a JOIN customers b ON a.id = b.id',
    'view of all': 'SELECT email FROM v_all',
    'view with an alias': 'SELECT contact, number FROM v_alias',
    'view on a view on a view': 'SELECT loud FROM v_deep',
    'view of a union': 'SELECT what FROM v_union',
    'view of rows': 'SELECT (c).email FROM v_row',
    'view of JSON': "SELECT j->>'email' FROM v_json",
    'view with a security barrier': 'SELECT e FROM v_barrier',
    'recursive view': 'SELECT e FROM v_rec',
    'materialised view': 'SELECT e FROM m_copy',
    'partitioned table': 'SELECT email FROM people',
    'partition asked directly': 'SELECT email FROM people_1',
    'a partition is masked, its table is read': 'SELECT email, note FROM estate',
    'a partition is masked, its table is packed': 'SELECT to_jsonb(e) FROM estate e',
    'a partition is masked, a view of its table is read': 'SELECT * FROM v_estate',
    'a child is masked, its parent is read': 'SELECT upper(email) FROM elder',
    'a child is masked, its parent is copied out': 'COPY (TABLE elder) TO STDOUT',
    'a view whose condition fails on a generated column': 'SELECT id FROM v_failing',
    'a view that fails on a generated column and tells its type': 'SELECT t FROM v_failing_type',
    'inheritance parent': 'SELECT email FROM parent',
    'inheritance child': 'SELECT email FROM child',
    'generated column': 'SELECT low FROM generated',
    'odd names': 'SELECT "E mail" FROM "Odd Names"',
    'odd names, whole row': 'SELECT o FROM "Odd Names" o',
    TABLESAMPLE: 'SELECT email FROM customers TABLESAMPLE SYSTEM (100)',
    'FOR UPDATE': 'SELECT email FROM customers FOR UPDATE',
    'FOR SHARE of a view': 'SELECT email FROM v_all FOR SHARE SKIP LOCKED',
    window:
      'SELECT first_value(email) OVER (ORDER BY id), lag(card) OVER w FROM customers WINDOW w AS (ORDER BY id)',
    'window by name':
      'SELECT nth_value(email, 1) OVER w2 FROM customers WINDOW w1 AS (PARTITION BY id), w2 AS (w1 ORDER BY name)',

    'DISTINCT ON': 'SELECT DISTINCT ON (email) email, card FROM customers',
    'star of two tables': 'SELECT * FROM orders, customers',
    'duplicate names': 'SELECT name AS x, email AS x, name AS x FROM customers',
    'a name of nothing': 'SELECT email AS "?column?" FROM customers',
    'fetch first': 'SELECT email FROM customers ORDER BY id FETCH FIRST 1 ROW WITH TIES',
  }),
  ...masked(
    { 'system columns beside': 'SELECT tableoid::regclass, cmin, email FROM customers' },
    { differs: 'cmin counts the commands of the transaction that wrote the row' },
  ),
  ...masked(
    {
      'rows in binary': 'SELECT email, card FROM customers',
      'whole row in binary': 'SELECT c FROM customers c',
      'arrays in binary': 'SELECT array_agg(email), ARRAY[card] FROM customers GROUP BY card',
      'JSON in binary': 'SELECT to_jsonb(c), to_json(c) FROM customers c',
      'bytea in binary': "SELECT convert_to(email, 'UTF8') FROM customers",
      'range in binary': 'SELECT text_range(email, NULL) FROM customers',
      'numeric in binary': 'SELECT card::numeric FROM customers',
      'vector in binary': "SELECT to_tsvector('simple', email) FROM customers",
      'unknown record in binary': 'SELECT f_setof()',
      'name in binary': 'SELECT email::name FROM customers',
    },
    { mode: 'binary' },
  ),
  ...masked(
    {
      'rows in the extended protocol': 'SELECT email, card FROM v_all',
      'union in the extended protocol':
        'SELECT name FROM customers UNION SELECT email FROM customers',
      'function in the extended protocol': 'SELECT f_sql(), f_imm(1)',
    },
    { mode: 'extended' },
  ),
  ...masked(
    {
      'lateral regexp': "SELECT r FROM customers c, regexp_split_to_table(c.email, '') r",
      INTERSECT: 'SELECT email FROM customers INTERSECT SELECT email FROM v_all',
      'GROUP BY': 'SELECT email FROM customers GROUP BY email',
      'GROUPING SETS':
        'SELECT email, card, count(*) FROM customers GROUP BY GROUPING SETS ((email), (card), ())',
      'CUBE and ROLLUP': 'SELECT email, id FROM customers GROUP BY CUBE (email), ROLLUP (id)',
    },
    { differs: 'the number and order of rows tell' },
  ),
]
