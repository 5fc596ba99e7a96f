import type { BypassCase } from './case.ts'
import { allowed, denied, masked } from './case.ts'

/** COPY, cursors, prepared statements, EXPLAIN, roles, settings and their like. */
export const COMMANDS: readonly BypassCase[] = [
  ...masked({
    'COPY of a table': 'COPY customers TO STDOUT',
    'COPY of columns': 'COPY customers (card, email) TO STDOUT',
    'COPY of a query': 'COPY (SELECT email FROM customers) TO STDOUT',
    'COPY in CSV': 'COPY customers TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)',
    'COPY with odd delimiters':
      "COPY customers TO STDOUT (FORMAT csv, DELIMITER 'q', QUOTE 'z', ESCAPE '@')",
    'COPY with a delimiter out of the value':
      "COPY customers (id, email) TO STDOUT (DELIMITER '@', NULL 'zq')",
    'COPY in binary': 'COPY customers TO STDOUT (FORMAT binary)',
    'COPY in binary, old spelling': 'COPY BINARY customers TO STDOUT',
    'COPY of a CTE': 'COPY (WITH x AS (TABLE customers) SELECT upper(email) FROM x) TO STDOUT',
    'COPY of rows': 'COPY (SELECT c FROM customers c) TO STDOUT',
    'COPY of a partition': 'COPY people_1 TO STDOUT',
    'COPY of a materialised view': 'COPY (TABLE m_copy) TO STDOUT',
    'COPY of a function': 'COPY (SELECT f_sql()) TO STDOUT',
    cursor: ['BEGIN', 'DECLARE c CURSOR FOR SELECT email FROM customers', 'FETCH ALL FROM c'],
    'cursor, scrolled and binary': [
      'BEGIN',
      'DECLARE c BINARY SCROLL CURSOR FOR TABLE customers',
      'FETCH LAST FROM c',
      'FETCH BACKWARD 1 FROM c',
    ],
    'cursor WITH HOLD': [
      'BEGIN',
      'DECLARE c CURSOR WITH HOLD FOR SELECT email FROM customers',
      'COMMIT',
      'FETCH FIRST FROM c',
    ],
    'cursor declared again': [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT name FROM customers',
      'CLOSE c',
      'DECLARE c CURSOR FOR SELECT email FROM customers',
      'FETCH c',
    ],
    'cursor over code, read on': [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT f_shout(email) FROM customers',
      'FETCH 1 FROM c',
      'FETCH 1 FROM c',
    ],
    'cursor in one text':
      'BEGIN; DECLARE c CURSOR FOR SELECT name, email FROM customers; FETCH ALL c',
    'cursor after a savepoint': [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT email FROM customers',
      'SAVEPOINT s',
      'ROLLBACK TO s',
      'FETCH c',
    ],
    'PREPARE and EXECUTE': ['PREPARE p AS SELECT email FROM customers', 'EXECUTE p'],
    'PREPARE with parameters': [
      'PREPARE p(int) AS SELECT email FROM customers WHERE id = $1',
      'EXECUTE p(1)',
    ],
    'PREPARE again under the same name': [
      'PREPARE p AS SELECT name FROM customers',
      'DEALLOCATE p',
      'PREPARE p AS SELECT email FROM customers',
      'EXECUTE p',
    ],
    'EXECUTE with a sub-query for a parameter': [
      'PREPARE p(text) AS SELECT $1',
      'EXECUTE p((SELECT email FROM customers WHERE id = 1))',
    ],
    'PREPARE that outlives DISCARD PLANS': [
      'PREPARE p AS SELECT email FROM customers',
      'DISCARD PLANS',
      'EXECUTE p',
    ],
    'PREPARE in a rolled back transaction': [
      'BEGIN',
      'PREPARE p AS SELECT email FROM customers',
      'ROLLBACK',
      'EXECUTE p',
    ],
    'EXPLAIN of EXECUTE': ['PREPARE p AS SELECT email FROM customers', 'EXPLAIN ANALYZE EXECUTE p'],
    'EXPLAIN VERBOSE': "EXPLAIN (VERBOSE) SELECT email FROM customers WHERE email = 'x'",
    'EXPLAIN ANALYZE with a filter':
      "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT 1 FROM customers WHERE email LIKE 'zq%'",
    'EXPLAIN with an init plan':
      'EXPLAIN (ANALYZE, VERBOSE, FORMAT XML) SELECT (SELECT email FROM customers LIMIT 1)',
    'EXPLAIN that folds a function': 'EXPLAIN SELECT f_imm(1)',
    'EXPLAIN that folds into the filter of a view': 'EXPLAIN (VERBOSE) SELECT id FROM v_folded',
    'EXPLAIN that folds into a filter': 'EXPLAIN SELECT 1 FROM orders WHERE note = f_imm(1)',
    search_path: ['SET search_path = pg_catalog, public', 'SELECT email FROM customers'],
    'search_path by set_config': [
      "SELECT set_config('search_path', 'other, public', false)",
      'SELECT c.email FROM public.customers c',
    ],
    'search_path and back': [
      'BEGIN',
      'SET LOCAL search_path = other',
      'ROLLBACK',
      'SELECT email FROM customers',
    ],
    'DISCARD ALL and then': [
      'SET search_path = other',
      'DISCARD ALL',
      'SELECT email FROM customers',
    ],
    'bytea_output and datestyle': [
      'SET bytea_output = escape',
      'SELECT email::bytea FROM customers',
    ],
    xmlbinary: ['SET xmlbinary = hex', 'SELECT xmlelement(name e, email::bytea) FROM customers'],
    quote_all_identifiers: ['SET quote_all_identifiers = on', 'SELECT email FROM v_all'],
  }),
  ...denied('POLICY_NO_MATCH', {
    'COPY to a file': "COPY customers TO '/tmp/x'",
    'COPY to a program': "COPY customers TO PROGRAM 'cat'",
    'COPY from a program': "COPY dump FROM PROGRAM 'id'",
    'COPY from a file': "COPY dump FROM '/etc/passwd'",
    'COPY of a data-modifying query': 'COPY (DELETE FROM orders RETURNING id) TO STDOUT',
    'COPY in': 'COPY dump FROM STDIN',
    DO: "DO $$BEGIN RAISE NOTICE '%', (SELECT email FROM public.customers LIMIT 1); END$$",
    'DO in another language': "DO LANGUAGE plpgsql 'BEGIN PERFORM 1; END'",
    'SET ROLE': 'SET ROLE postgres',
    'SET SESSION AUTHORIZATION': 'SET SESSION AUTHORIZATION postgres',
    'SET ROLE by set_config': "SELECT set_config('role', 'postgres', false)",
    'a setting that loads code': "SET session_preload_libraries = 'x'",
    "a setting of one's own": "SET my.setting = 'x'",
    session_replication_role: 'SET session_replication_role = replica',
    'ALTER SYSTEM': "ALTER SYSTEM SET log_statement = 'none'",
    'ALTER ROLE': "ALTER ROLE gateway SET search_path = 'x'",
    'ALTER DATABASE': "ALTER DATABASE sales SET search_path = 'x'",
    LOAD: "LOAD 'auto_explain'",
    NOTIFY: "NOTIFY leak, 'x'",
    'pg_notify of a value': "SELECT pg_notify('leak', email) FROM customers",
    LISTEN: 'LISTEN leak',
    VACUUM: 'VACUUM customers',
    ANALYZE: 'ANALYZE VERBOSE customers',
    REFRESH: 'REFRESH MATERIALIZED VIEW m_copy',
    LOCK: 'LOCK TABLE customers',
    'CREATE EXTENSION': 'CREATE EXTENSION dblink',
    'CREATE FUNCTION':
      "CREATE FUNCTION stolen() RETURNS text LANGUAGE sql AS 'SELECT email FROM customers'",
    'CREATE TEMP VIEW': 'CREATE TEMP VIEW customers2 AS SELECT email AS e FROM customers',
    'CREATE TEMP TABLE AS': 'CREATE TEMP TABLE t AS SELECT id FROM customers',
    'CREATE TABLE AS EXECUTE': [
      'PREPARE p AS SELECT id FROM customers',
      'CREATE TABLE t AS EXECUTE p',
    ],
    'ALTER TABLE RENAME': 'ALTER TABLE customers RENAME COLUMN email TO x',
    GRANT: 'GRANT ALL ON customers TO PUBLIC',
    COMMENT: "COMMENT ON TABLE customers IS 'x'",
    'SECURITY LABEL': "SECURITY LABEL ON TABLE customers IS 'x'",
    TRUNCATE: 'TRUNCATE dump',
    nextval: "SELECT nextval('seq')",
    'setval of a value': "SELECT setval('seq', length(email)) FROM customers",
    'PREPARE TRANSACTION': ['BEGIN', "PREPARE TRANSACTION 'x'"],
    'CALL of another schema': 'CALL other.nothing()',
    INSERT: "INSERT INTO dump VALUES (1, 'x')",
    MERGE: 'MERGE INTO dump d USING orders o ON d.id = o.id WHEN MATCHED THEN DELETE',
  }).map((one) =>
    one.name === 'CALL of another schema' ||
    one.name === 'pg_notify of a value' ||
    one.name === 'setval of a value'
      ? { ...one, expect: { denied: ['POLICY_NO_MATCH', 'SQL_UNRESOLVED', 'MASK_UNPROVABLE'] } }
      : one,
  ),
  ...denied(['SQL_UNRESOLVED', 'SQL_UNSUPPORTED'], {
    'EXECUTE of nothing': 'EXECUTE nothing',
    'FETCH of nothing': 'FETCH nothing',
    'a prepared statement made by code': ['SELECT f_prepare()', 'EXECUTE hidden'],
    'a cursor made by code': ['BEGIN', "SELECT f_cursor('cur')", 'FETCH ALL FROM cur'],
    'a cursor whose rows set the search path, by MOVE': [
      'BEGIN',
      "DECLARE c CURSOR FOR SELECT set_config('search_path', 'other', false)",
      "SELECT 'x' || name FROM customers",
      'MOVE c; SELECT 1 FROM customers',
    ],
    'a read behind the COMMIT that undoes a SET LOCAL': [
      'SET search_path = other',
      'BEGIN',
      'SET LOCAL search_path = public',
      "COMMIT; SELECT 'x' || name FROM customers",
    ],
    'EXECUTE behind the COMMIT that undoes a SET LOCAL': [
      'SET search_path = other',
      'BEGIN',
      'SET LOCAL search_path = public',
      "PREPARE p AS SELECT 'x' || name FROM customers",
      'COMMIT AND CHAIN; EXECUTE p',
    ],
    'a cursor declared behind another search_path in one text':
      "BEGIN; SET LOCAL search_path = other; DECLARE c CURSOR FOR SELECT 'x' || name FROM customers",
    'a statement prepared behind another search_path in one text':
      "BEGIN; SET LOCAL search_path = other; PREPARE p AS SELECT 'x' || name FROM customers",
    'a cursor of an earlier transaction, replaced by code': [
      'BEGIN',
      "DECLARE cur CURSOR FOR SELECT 'x' || id AS e FROM customers",
      'COMMIT',
      'BEGIN',
      "SELECT f_cursor('cur')",
      'FETCH ALL FROM cur',
    ],
    'a cursor of an earlier transaction, replaced by code that is declared STABLE': [
      'BEGIN',
      "DECLARE cur CURSOR FOR SELECT 'x' || id AS e FROM customers",
      'COMMIT',
      'BEGIN',
      "SELECT f_stable_cursor('cur')",
      'FETCH ALL FROM cur',
    ],
    'a cursor that was rolled back, replaced by code that is declared STABLE': [
      'BEGIN',
      'SAVEPOINT a',
      "DECLARE cur CURSOR FOR SELECT 'x' || id AS e FROM customers",
      'ROLLBACK TO a',
      "SELECT f_stable_cursor('cur')",
      'FETCH ALL FROM cur',
    ],
    'a held cursor whose transaction failed': [
      'BEGIN',
      'DECLARE cur CURSOR WITH HOLD FOR SELECT name FROM customers',
      'ROLLBACK',
      'FETCH ALL FROM cur',
    ],
    'a replaced cursor': [
      'BEGIN',
      'DECLARE cur CURSOR FOR SELECT 1',
      'CLOSE cur',
      "SELECT f_cursor('cur')",
      'FETCH ALL FROM cur',
    ],
    'a prepared statement replaced by code': [
      'PREPARE hidden AS SELECT name FROM customers',
      'DEALLOCATE hidden',
      'SELECT f_prepare()',
      'EXECUTE hidden',
    ],
  }),
  ...denied(
    'POLICY_DENIED',
    {
      'DELETE from the table of a partition that is denied': 'DELETE FROM estate WHERE id = 1',
      'TRUNCATE of the table of a partition that is denied': 'TRUNCATE estate',
      'DELETE through a view of such a table': 'DELETE FROM v_estate WHERE id = 1',
    },
    { policy: 'writer' },
  ),
  ...denied(
    'SQL_UNSUPPORTED',
    {
      'a default that sets the search path':
        "CREATE TABLE t1 (x text DEFAULT set_config('search_path', 'other', false))",
      'a check that sets the search path':
        "CREATE TABLE t2 (x text CHECK (length(set_config('search_path', 'other', false)) > 0))",
      'a domain that sets the search path':
        "CREATE DOMAIN d2 AS text CHECK (set_config('search_path', 'other', false) <> '')",
    },
    { policy: 'writer' },
  ),
  ...denied('SQL_UNSUPPORTED', {
    'COPY with a number for a delimiter':
      "COPY (SELECT 'a,b,' AS p, email, 'z' AS q FROM customers WHERE id = 1) TO STDOUT (FORMAT csv, DELIMITER 5)",
    'COPY with * for a delimiter':
      "COPY (SELECT E'a\\tb\\t' AS p, email, 'z' AS q FROM customers WHERE id = 1) TO STDOUT (DELIMITER *)",
    'COPY with a list for a delimiter':
      "COPY (SELECT 'a,b,' AS p, email, 'z' AS q FROM customers WHERE id = 1) TO STDOUT (FORMAT csv, DELIMITER (x))",
    'COPY with a number for a quote':
      "COPY (SELECT 'a,b' AS p, email FROM customers WHERE id = 1) TO STDOUT (FORMAT csv, QUOTE 5)",
    'COPY with a list for a format':
      'COPY (SELECT email, id FROM customers) TO STDOUT (FORMAT (binary))',
  }),
  ...allowed({
    SHOW: 'SHOW search_path',
    'transaction control': [
      'BEGIN ISOLATION LEVEL SERIALIZABLE',
      'SAVEPOINT a',
      'RELEASE a',
      'COMMIT',
    ],
  }),
  ...[
    ['DELETE that waits', 'DELETE FROM payouts WHERE id = 1'],
    [
      'UPDATE in a CTE that waits',
      'WITH u AS (UPDATE payouts SET amount = 1 RETURNING id) SELECT id FROM u',
    ],
    ['second statement that waits', 'SELECT 1; DELETE FROM payouts'],
    ['EXPLAIN ANALYZE that waits', 'EXPLAIN ANALYZE DELETE FROM payouts'],
    ['PREPARE that waits', 'PREPARE p AS DELETE FROM payouts'],
    ['TRUNCATE that waits', 'TRUNCATE payouts'],
    ['UPDATE through a view that waits', 'UPDATE v_payouts SET amount = 1 WHERE id = 1'],
    ['DELETE through views that waits', 'DELETE FROM v_v_payouts WHERE number = 1'],
    ['COPY of RETURNING that waits', 'COPY (DELETE FROM payouts RETURNING id) TO STDOUT'],
  ].map(([name, text]): BypassCase => ({
    name: name!,
    steps: [text!],
    policy: 'writer',
    expect: 'held',
  })),
]
