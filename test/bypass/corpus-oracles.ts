import type { BypassCase } from './case.ts'
import { allowed, denied, masked } from './case.ts'

const strict = { policy: 'strict' } as const

/** Questions about a masked value that are answered by rows, order or failure. */
export const ORACLES: readonly BypassCase[] = [
  ...denied(
    ['MASKED_PREDICATE', 'POLICY_NO_MATCH'],
    {
      WHERE: "SELECT id FROM customers WHERE email LIKE 'zq%'",
      'WHERE of a whole row': "SELECT id FROM customers c WHERE c::text LIKE '%zq%'",
      'WHERE through JSON': "SELECT id FROM customers c WHERE to_jsonb(c) ->> 'email' LIKE 'z%'",
      'WHERE of functional notation': "SELECT id FROM customers c WHERE email(c) > 'z'",
      'WHERE of a view': "SELECT id FROM v_alias WHERE contact LIKE 'z%'",
      'WHERE of a computed view': "SELECT id FROM v_case WHERE starts = 'yes'",
      'WHERE in a sub-query': "SELECT id FROM (SELECT id, email e FROM customers) q WHERE e > 'z'",
      'WHERE in a CTE': "WITH q AS (SELECT id FROM customers WHERE card LIKE '4%') SELECT * FROM q",
      'WHERE EXISTS':
        "SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.email LIKE 'z%')",
      'WHERE IN': 'SELECT id FROM orders WHERE note IN (SELECT email FROM customers)',
      'WHERE = ANY': 'SELECT id FROM orders WHERE note = ANY (SELECT email FROM customers)',
      'WHERE of a scalar': "SELECT id FROM orders WHERE 'z' < (SELECT max(email) FROM customers)",
      'WHERE of ROW': "SELECT id FROM customers WHERE (id, email) > (0, 'zq')",
      'JOIN ON': 'SELECT o.id FROM orders o JOIN customers c ON c.email = o.note',
      'LEFT JOIN ON': "SELECT o.id, c.id FROM orders o LEFT JOIN customers c ON c.email LIKE 'z%'",
      'JOIN USING': 'SELECT a.id FROM customers a JOIN v_all b USING (email)',
      'NATURAL JOIN of masked columns': 'SELECT id FROM customers NATURAL JOIN v_all',
      'ORDER BY': 'SELECT id FROM customers ORDER BY email',
      'ORDER BY position': 'SELECT id, email FROM customers ORDER BY 2',
      'ORDER BY alias': 'SELECT id, email AS e FROM customers ORDER BY e',
      'ORDER BY expression': 'SELECT id FROM customers ORDER BY length(email), id',
      'ORDER BY a row': 'SELECT id FROM customers c ORDER BY c',
      'GROUP BY': 'SELECT count(*) FROM customers GROUP BY email',
      'GROUP BY position': 'SELECT email, count(*) FROM customers GROUP BY 1',
      'GROUPING SETS': 'SELECT count(*) FROM customers GROUP BY GROUPING SETS ((email), ())',
      HAVING: "SELECT count(*) FROM customers HAVING max(email) > 'z'",
      DISTINCT: 'SELECT DISTINCT email FROM customers',
      'DISTINCT ON': 'SELECT DISTINCT ON (email) id FROM customers',
      UNION: "SELECT email FROM customers UNION SELECT 'zq7canary'",
      INTERSECT: "SELECT email FROM customers INTERSECT SELECT 'x'",
      'EXCEPT ALL': "SELECT email FROM customers EXCEPT ALL SELECT 'x'",
      'window order': 'SELECT id, rank() OVER (ORDER BY email) FROM customers',
      'window partition': 'SELECT count(*) OVER (PARTITION BY card) FROM customers',
      LIMIT: 'SELECT id FROM orders LIMIT (SELECT length(email) FROM customers WHERE id = 1)',
      OFFSET: 'SELECT id FROM orders OFFSET (SELECT count(email) FROM customers)',
      series: 'SELECT g FROM customers c, generate_series(1, length(c.email)) g',
      unnest: 'SELECT 1 FROM customers c, unnest(string_to_array(c.email, NULL)) g',
      'set-returning in the select list': 'SELECT generate_series(1, length(email)) FROM customers',
      'CASE in WHERE':
        "SELECT id FROM customers WHERE CASE WHEN email > 'z' THEN true ELSE false END",
      FILTER: "SELECT count(*) FILTER (WHERE email LIKE 'z%') FROM customers",
      'ordered aggregate': "SELECT string_agg(name, ',' ORDER BY email) FROM customers",
      'aggregate DISTINCT': 'SELECT count(DISTINCT email) FROM customers',
      recursive:
        'WITH RECURSIVE r(n, e) AS (SELECT 1, email FROM customers UNION ALL SELECT n + 1, e FROM r WHERE n < length(e)) SELECT n FROM r',
      TABLESAMPLE:
        'SELECT id FROM orders TABLESAMPLE SYSTEM ((SELECT length(email) FROM customers WHERE id = 1))',
      'PREPARE of a computation': 'PREPARE p AS SELECT id, email::int FROM customers',
      'PREPARE of a question':
        "PREPARE p AS SELECT CASE WHEN email LIKE 'z%' THEN 1 / (id - 1) END FROM customers",
      'cursor of a computation': [
        'BEGIN',
        'DECLARE c CURSOR WITH HOLD FOR SELECT string_agg(email, NULL)::int FROM customers',
      ],
      'cursor of a question': [
        'BEGIN',
        "DECLARE c CURSOR FOR SELECT CASE WHEN email LIKE 'z%' THEN 1 / (id - 1) END FROM customers",
      ],
      PREPARE: "PREPARE p AS SELECT id FROM customers WHERE email LIKE 'z%'",
      cursor: ['BEGIN', "DECLARE c CURSOR FOR SELECT id FROM customers WHERE email LIKE 'z%'"],
      'EXPLAIN ANALYZE': "EXPLAIN ANALYZE SELECT id FROM customers WHERE email LIKE 'z%'",
      COPY: "COPY (SELECT id FROM customers WHERE email LIKE 'z%') TO STDOUT",
      'division by zero':
        "SELECT 1 / (CASE WHEN email LIKE 'zq%' THEN 0 ELSE 1 END) FROM customers",
      'a cast that fails':
        "SELECT (CASE WHEN email LIKE 'zq%' THEN 'x' ELSE '1' END)::int FROM customers",
      'division by a position': "SELECT 1 / (position('q7' in email) - 2) FROM customers",
      'a cast of the value': 'SELECT email::int FROM customers',
      'a sub-query with too many rows': "SELECT (SELECT id FROM customers WHERE email > 'a')",
      'the bound of a partition':
        "SELECT relname FROM pg_class WHERE pg_get_expr(relpartbound, oid) LIKE '%zq%'",
      'COALESCE that fails': "SELECT coalesce(nullif(email, 'x'), (1 / 0)::text) FROM customers",
    },
    strict,
  ).map((one) => ({ ...one, name: `strict: ${one.name}` })),
  ...denied(
    'MASKED_PREDICATE',
    { 'strict, extended: WHERE with a parameter': 'SELECT id FROM customers WHERE email = $1' },
    { ...strict, mode: 'extended', values: ['x'] },
  ),
  ...masked({
    'EXISTS of a set of rows':
      "SELECT EXISTS (SELECT generate_series(1, position('z' in email) - 2) FROM customers WHERE id = 1)",
    "EXISTS of a user's set": 'SELECT EXISTS (SELECT f_table()), EXISTS (SELECT (f_setof()).email)',
    'EXISTS of a set by an operator': 'SELECT EXISTS (SELECT 1 ##> 1)',
    'EXISTS with DISTINCT and OFFSET':
      "SELECT EXISTS (SELECT DISTINCT email LIKE 'zq%' FROM customers OFFSET 1)",
    'EXISTS of a masked member':
      "SELECT EXISTS (SELECT 1 FROM customers c WHERE to_jsonb(c) ->> 'email' LIKE 'zq%')",
    'a masked member by another name':
      "SELECT to_jsonb(c) ->> 'email' FROM customers c(id, email, name)",
    'all members but a clean one': "SELECT to_jsonb(c) - 'name' FROM customers c",
    'a member of a row of renamed columns':
      "SELECT to_jsonb(q) ->> 'name' FROM (SELECT email, name FROM customers) q(name, email)",
    'a member by a name that is cut off':
      "SELECT to_jsonb(c) ->> 'name'::varchar(2) FROM customers c",
    'range of masked values':
      "SELECT text_range(email, NULL), lower(text_range(NULL, email)), text_range(email, email, '[]') FROM customers WHERE id = 1",
  }),
  ...masked(
    {
      'strict: plainly': 'SELECT id, email, card FROM customers',
      'strict: by a clean column': 'SELECT email FROM customers WHERE id = 1 ORDER BY name',
      'strict: UNION ALL': 'SELECT email FROM customers UNION ALL SELECT card FROM customers',
      'strict: joined by a clean column':
        'SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer',
      'strict: star of a view': 'SELECT * FROM v_alias WHERE id < 3',
    },
    strict,
  ),
  ...allowed(
    {
      'strict: clean columns': "SELECT id, name FROM customers WHERE name LIKE 'A%' ORDER BY born",
      'strict: count': 'SELECT count(*) FROM customers',
    },
    strict,
  ),
  ...masked(
    {
      'accepted: WHERE': "SELECT id FROM customers WHERE email LIKE 'zq%'",
      'accepted: ORDER BY': 'SELECT id FROM customers ORDER BY length(email)',
      'accepted: count of a sub-query':
        "SELECT count(*) FROM (SELECT 1 FROM customers WHERE email LIKE 'zq%') q",
      'accepted: division by zero':
        "SELECT 1 / (CASE WHEN email LIKE 'zq%' THEN 0 ELSE 1 END) FROM customers",
      'accepted: a cast that tells the value': 'SELECT email::int FROM customers',
      'accepted: a date that tells the value': 'SELECT card::date FROM customers',
      'accepted: an error in WHERE': 'SELECT id FROM customers WHERE email::int > 0',
      'accepted: an error in ORDER BY': 'SELECT id FROM customers ORDER BY card::date',
      'accepted: a bad regular expression': "SELECT id FROM customers WHERE name ~ ('(' || email)",
      'accepted: an unknown table by regclass':
        'SELECT email::regclass FROM customers WHERE id = 1',
      'accepted: an unknown configuration':
        "SELECT to_tsvector(email::regconfig, 'x') FROM customers WHERE id = 1",
      'accepted: bad JSON': 'SELECT email::json FROM customers WHERE id = 1',
      'accepted: bad XML': 'SELECT xmlparse(document email) FROM customers WHERE id = 1',
      'accepted: a bad time zone': 'SELECT now() AT TIME ZONE email FROM customers WHERE id = 1',
      'accepted: a bad encoding': "SELECT convert_to('x', email) FROM customers WHERE id = 1",
      'accepted: a bad enum': 'SELECT (email || card)::box_t FROM customers WHERE id = 1',
      'accepted: an error below a domain':
        'SELECT 1 FROM customers WHERE id = 1 AND email::d_short IS NOT NULL',
      'accepted: an error in LIMIT':
        'SELECT 1 LIMIT (SELECT email::int FROM customers WHERE id = 1)',
      'accepted: a collation of the value':
        'SELECT 1 FROM customers WHERE id = 1 AND pg_collation_for(email) = email::int::text',
      'accepted: pg_typeof of what fails':
        'SELECT pg_typeof(email::int) FROM customers WHERE id = 1',
      'accepted: an error in an unread column':
        'SELECT id FROM (SELECT id, email::int FROM customers OFFSET 0) q WHERE id = 1',
      'accepted: an error in COPY': 'COPY (SELECT email::int FROM customers) TO STDOUT',
      'accepted: an error in a cursor': [
        'BEGIN',
        'DECLARE c CURSOR FOR SELECT card::date FROM customers',
        'FETCH ALL c',
      ],
      'accepted: an error in EXECUTE': [
        'PREPARE p AS SELECT 1 FROM customers WHERE email::int = 1',
        'EXECUTE p',
      ],
      'accepted: json_object with a null key': 'SELECT json_object_agg(email, 1) FROM customers',
      'accepted: format with a bad specifier':
        "SELECT format('%' || email) FROM customers WHERE id = 1",
    },
    { differs: 'no mask hides whether a statement fails, and how many rows there are' },
  ),
]
