import type { BypassCase } from './case.ts'
import { allowed, denied, masked } from './case.ts'

const strict = { policy: 'strict' } as const
const writer = { policy: 'writer' } as const

/** An outer column that lies in wait under the name that an inner one really has. */
const trapped = (name: string, inner: string) =>
  `SELECT q.s FROM (SELECT 1 AS "${name}", email FROM customers) c, LATERAL (SELECT "${name}" AS s FROM ${inner}) q`

const OPEN = `jsonb_populate_record(NULL::orders, '{}')`

/** Names that mean another column than it seems, and values that go through what nobody reads. */
export const NAMES: readonly BypassCase[] = [
  ...masked({
    'trap: scalar VALUES': trapped('column1', '(SELECT (VALUES (c.email))) i'),
    'trap: scalar star': trapped('foo', '(SELECT (SELECT * FROM (SELECT c.email AS foo) x)) i'),
    'trap: scalar union': trapped(
      'foo',
      "(SELECT (SELECT c.email AS foo UNION SELECT 'x' LIMIT 1 OFFSET 1)) i",
    ),
    'trap: scalar ordered union': trapped(
      'foo',
      '(SELECT (SELECT c.email AS foo UNION ALL SELECT c.email LIMIT 1)) i',
    ),
    'trap: cast of a scalar star': trapped(
      'foo',
      '(SELECT (SELECT * FROM (SELECT c.email AS foo) x)::varchar) i',
    ),
    'trap: CASE with a scalar star': trapped(
      'foo',
      '(SELECT CASE WHEN false THEN $$x$$ ELSE (SELECT * FROM (SELECT c.email AS foo) x) END) i',
    ),
    'trap: CTE of a scalar': trapped(
      'foo',
      '(WITH w AS (SELECT (SELECT * FROM (SELECT c.email AS foo) x)) SELECT * FROM w) i',
    ),
    'trap: function in ROWS FROM with an alias': trapped(
      'string_to_table',
      "ROWS FROM (string_to_table(c.email, '~'), generate_series(1, 1)) AS r",
    ),
    'trap: unnest of two with an alias': trapped(
      'unnest',
      "unnest(ARRAY[c.email], ARRAY['x']) AS r",
    ),
    'trap: COALESCE in FROM': trapped('coalesce', "COALESCE(c.email, '')"),
    'trap: CAST in FROM': trapped('email', 'CAST(c.email AS text)').replace(
      '1 AS "email", email',
      '1 AS email_, email',
    ),
    'trap: GREATEST in FROM': trapped('greatest', 'GREATEST(c.email)'),
    'trap: composite COALESCE in FROM': trapped('b', 'COALESCE(ROW(1, c.email)::pair) AS r'),
    'trap: union whose first branch is open': trapped(
      'b',
      "(SELECT * FROM jsonb_populate_record(NULL::pair, '{}') UNION ALL SELECT 1, c.email) u",
    ),
    'trap: function of one composite column': trapped('email', 'f_one_row(c.id)').replace(
      '1 AS "email", email',
      '1 AS email_, id',
    ),
    'join alias over unknown columns': `SELECT upper(j.c7) FROM (${OPEN} o JOIN customers c ON true) AS j(c1, c2, c3, c4, c5, c6, c7)`,
    'join alias over unknown columns, natural': `SELECT lower(j.c6) FROM (customers c NATURAL JOIN ${OPEN} o) AS j(c1, c2, c3, c4, c5, c6, c7) UNION ALL SELECT lower(j.c6) FROM (${OPEN} o CROSS JOIN (SELECT id AS k, name n, email e FROM customers) c) AS j(c1, c2, c3, c4, c5, c6, c7)`,
    'column behind unknown ones': `SELECT r.string_to_table || '' FROM customers c, ROWS FROM (${OPEN}, string_to_table(c.email, '~')) AS r(x)`,
    'column behind unknown ones, plainly': `SELECT string_to_table FROM customers c, ROWS FROM (${OPEN}, string_to_table(c.email, '~')) AS r(x)`,
    'SEARCH over unknown columns':
      "WITH RECURSIVE r AS (SELECT * FROM jsonb_populate_record(NULL::pair, jsonb_build_object('b', (SELECT max(email) FROM customers))) UNION ALL SELECT a, b FROM r WHERE a > 5) SEARCH DEPTH FIRST BY b SET path SELECT path::text FROM r",
    'count of a set in the select list':
      'SELECT (SELECT count(*) FROM (SELECT generate_series(1, length(c.email))) q) FROM customers c',
    'count of unnested letters':
      'SELECT (SELECT count(*) FROM (SELECT unnest(string_to_array(c.email, NULL))) q) FROM customers c',
    'count of XMLTABLE':
      "SELECT (SELECT count(*) FROM XMLTABLE('//x' PASSING xmlparse(content '<r>' || repeat('<x>1</x>', length(c.email)) || '</r>') COLUMNS a int PATH '.') t) FROM customers c WHERE email IS NOT NULL",
    'child of a table whose mask names the parent': 'SELECT email, upper(email) FROM heirs_1',
    'grandchild, whole row': 'SELECT h FROM heirs_1a h',
    'grandchild by COPY': 'COPY heirs_1a TO STDOUT',
  }),
  ...denied(
    'MASKED_PREDICATE',
    {
      'strict: a value that nobody reads':
        "WITH q AS MATERIALIZED (SELECT id, 1 / (position('q7' in email) - 2) AS x FROM customers) SELECT id FROM q",
      'strict: a volatile value that nobody reads':
        "SELECT id FROM (SELECT id, 1 / (position('q7' in email) - 2) * random() AS x FROM customers OFFSET 0) q",
      'strict: VALUES that nobody reads':
        "SELECT c.id FROM customers c, LATERAL (VALUES (1 / (position('q7' in c.email) - 2), random()) OFFSET 0) v",
      'strict: pg_typeof': "SELECT pg_typeof(1 / (position('q7' in email) - 2)) FROM customers",
      'strict: count of a set in the select list':
        'SELECT count(*) FROM (SELECT generate_series(1, length(email)) FROM customers) q',
      'strict: rows of XMLTABLE':
        "SELECT c.id FROM customers c, XMLTABLE('//x' PASSING xmlparse(content '<r>' || repeat('<x>1</x>', length(c.email)) || '</r>') COLUMNS a text PATH '.') t",
      'strict: NATURAL JOIN with unknown columns': `SELECT c.id FROM customers c NATURAL JOIN jsonb_populate_record(NULL::parent, '{"id": 1, "email": "zq7canary.wv@kx9plover.example"}') p`,
      'strict: a count that nobody reads':
        'WITH q AS (SELECT count(DISTINCT email) AS n FROM customers) SELECT 1 FROM q',
      'strict: EXISTS over a computation':
        'SELECT EXISTS (SELECT 1 / length(email) FROM customers) AS e',
      'strict: child of a masked parent': "SELECT id FROM heirs_1 WHERE email LIKE 'z%'",
    },
    strict,
  ),
  ...denied(
    'POLICY_NO_MATCH',
    {
      'cast without a grant, functional': "SELECT int4(ROW('s')::box_t)",
    },
    strict,
  ),
  ...denied(
    'MASK_UNPROVABLE',
    {
      'setval of a masked value': "SELECT setval('seq', card::bigint) FROM customers WHERE id = 1",
      'setval by regclass': "SELECT setval('seq'::regclass, length(email)) FROM customers",
      'EXECUTE with a function for a parameter that is written': [
        'PREPARE p(text) AS INSERT INTO dump VALUES (1, $1)',
        'EXECUTE p(f_sql())',
      ],
      'EXECUTE with a function for a parameter that is sent': [
        "PREPARE p(text) AS SELECT pg_notify('leak', $1)",
        'EXECUTE p(f_sql())',
      ],
      'rotating what a mask shows':
        'UPDATE customers SET card = substr(card, 5) || left(card, 4) WHERE id = 1',
      'rotating by ON CONFLICT':
        "INSERT INTO customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET card = reverse(customers.card)",
      'rotating by MERGE':
        'MERGE INTO customers c USING orders o ON c.id = o.id WHEN MATCHED THEN UPDATE SET card = left(c.card, 12)',
      'rotating into another row':
        "INSERT INTO customers (id, name, card) SELECT 91, 'x', left(card, 12) FROM customers WHERE id = 1",
    },
    writer,
  ),
  ...denied(
    // What goes along is not known, so it could be what a rule denies.
    ['POLICY_NO_MATCH', 'POLICY_DENIED'],
    {
      'TRUNCATE CASCADE': 'TRUNCATE dump CASCADE',
      'DROP CASCADE': 'DROP VIEW v_all CASCADE',
    },
    writer,
  ),
  ...masked(
    {
      'code in a view that replaces another': [
        'SELECT x FROM v_code',
        'SELECT upper(name) FROM v_clean',
      ],
      'code in a view of a view': [
        'SELECT count(*) FROM (SELECT * FROM v_code) q',
        'SELECT upper(name) FROM v_clean',
      ],
    },
    writer,
  ),
  ...denied(
    'SQL_UNRESOLVED',
    { 'code in a view, in one text': 'SELECT x FROM v_code; SELECT upper(name) FROM v_clean' },
    writer,
  ),
  ...allowed(
    {
      'UPDATE of a clean column by itself': "UPDATE orders SET note = note || '!' WHERE id = 1",
      'UPDATE in place under an opaque mask':
        'UPDATE customers SET email = lower(email) WHERE id = 1',
    },
    writer,
  ),
]
