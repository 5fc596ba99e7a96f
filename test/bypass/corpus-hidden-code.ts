import type { BypassCase } from './case.ts'
import { denied, masked } from './case.ts'

/** Code in the database that reads what the statement does not name. */
export const HIDDEN_CODE: readonly BypassCase[] = [
  ...masked({
    'SQL function': 'SELECT f_sql()',
    'immutable function': 'SELECT f_imm(1)',
    'function under an alias': 'SELECT x.f_sql AS harmless FROM f_sql() x',
    'table function': 'SELECT a, b FROM f_table()',
    'table function in the select list': 'SELECT f_table()',
    'star of a table function': 'SELECT (f_table()).*',
    'set of rows': 'SELECT email FROM f_setof()',
    'record with definitions': 'SELECT b FROM f_record() AS r(a int, b text)',
    'record in ROWS FROM':
      'SELECT b FROM ROWS FROM (f_record() AS (a int, b text)) WITH ORDINALITY',
    'OUT parameters': 'SELECT (f_out()).a, b FROM f_out()',
    'security definer': 'SELECT f_definer()',
    'function that echoes': 'SELECT f_echo(email) FROM customers',
    'function in a CASE': 'SELECT CASE WHEN true THEN f_sql() END',
    'function in a lateral': 'SELECT l FROM orders o, LATERAL f_imm(o.id) l',
    'function in ORDER BY': 'SELECT id FROM orders ORDER BY f_imm(id)',
    'RAISE EXCEPTION in the select list': 'SELECT f_raise()',
    'RAISE EXCEPTION in WHERE': 'SELECT id FROM orders WHERE f_raise()',
    'RAISE EXCEPTION in LIMIT': 'SELECT id FROM orders LIMIT (CASE WHEN f_raise() THEN 1 END)',
    'RAISE EXCEPTION in ORDER BY': 'SELECT id FROM orders ORDER BY f_raise()',
    'RAISE EXCEPTION in JOIN ON': 'SELECT 1 FROM orders a JOIN orders b ON f_raise()',
    'RAISE NOTICE in the select list': 'SELECT f_notice()',
    'RAISE NOTICE in WHERE': 'SELECT id FROM orders WHERE f_notice()',
    'RAISE NOTICE in EXISTS': 'SELECT 1 FROM orders WHERE EXISTS (SELECT 1 WHERE f_notice())',
    'RAISE NOTICE in a CTE': 'WITH x AS MATERIALIZED (SELECT f_notice()) SELECT 1 FROM x',
    'RAISE NOTICE in an unread sub-query': 'SELECT 1 FROM (SELECT f_notice() OFFSET 0) q',
    'RAISE NOTICE in FROM': 'SELECT 1 FROM f_notice()',
    'RAISE NOTICE in HAVING': 'SELECT 1 FROM orders HAVING f_notice()',
    'RAISE NOTICE in FILTER': 'SELECT count(*) FILTER (WHERE f_notice()) FROM orders',
    'RAISE NOTICE in VALUES': 'VALUES (f_notice())',
    'RAISE NOTICE in COPY': 'COPY (SELECT 1 WHERE f_notice()) TO STDOUT',
    'RAISE NOTICE in EXPLAIN ANALYZE': 'EXPLAIN ANALYZE SELECT 1 WHERE f_notice()',
    'RAISE NOTICE in a cursor': [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT 1 WHERE f_notice()',
      'FETCH c',
    ],
    'RAISE NOTICE in EXECUTE': ['PREPARE p AS SELECT 1 WHERE f_notice()', 'EXECUTE p'],
    'RAISE NOTICE in a parameter of EXECUTE': [
      'PREPARE p(bool) AS SELECT 1',
      'EXECUTE p(f_notice())',
    ],
    'RAISE NOTICE in the second statement': 'SELECT 1; SELECT 2 WHERE f_notice(); SELECT 3',
    'RAISE NOTICE of an argument': 'SELECT 1 FROM orders WHERE f_shout(note)',
    'fields of an error': 'SELECT 1 WHERE f_errcode()',
    'procedure with an output': "CALL p_out('x')",
    'procedure with a notice': 'CALL p_notice()',
    'operator of a user': 'SELECT 1 ##> 2',
    'operator of a user, qualified': 'SELECT 1 OPERATOR(public.##>) 2',

    'operator of a user in ANY': 'SELECT 1 ##> ANY (ARRAY[1])',
    'operator of a user in BETWEEN':
      "SELECT 1 WHERE ROW('a')::box_t BETWEEN ROW('b')::box_t AND ROW('c')::box_t",
    'cast of a user': "SELECT ROW('a')::box_t::int",
    'cast of a user, CAST': "SELECT CAST(ROW('a')::box_t AS int)",
    'cast of a user, functional': "SELECT int4(ROW('a')::box_t)",
    'domain that raises': "SELECT 'x'::d_leak",
    'domain that raises, in WHERE': "SELECT 1 WHERE 'x'::d_leak = 'x'",
    'domain that raises, in an array': "SELECT '{x}'::d_leak[]",
    'domain that raises, in an XMLTABLE':
      "SELECT x.e FROM XMLTABLE('/r' PASSING ('<r>1</r>'::xml) COLUMNS e d_leak PATH '.') x",
    'domain that raises, typed literal': "SELECT d_leak 'x'",
    'domain that raises, in a record':
      'SELECT 1 FROM jsonb_to_record(\'{"a": "x"}\') AS r(a d_leak)',

    'function that replaces a view': [
      'BEGIN',
      'SELECT f_replace_view()',
      'SELECT name FROM v_clean',
    ],

    'function that replaces a view under a prepared statement': [
      'BEGIN',
      'PREPARE p AS SELECT name FROM v_clean',
      'SELECT f_replace_view()',
      'EXECUTE p',
    ],
    'function that replaces a view under a COPY': [
      'BEGIN',
      'SELECT f_replace_view()',
      'COPY (TABLE v_clean) TO STDOUT',
    ],
  }),
  ...masked({
    'an application_name that code has set is reported': ['SELECT f_application()', 'SELECT 1'],
    'SHOW of an application_name that code has set': [
      'SELECT f_application()',
      'SHOW application_name',
    ],
    'a function that listens where the agent may not': [
      'SELECT f_listen()',
      'SELECT f_notify()',
      'SELECT 1',
    ],
  }),
  ...denied(
    'POLICY_NO_MATCH',
    { 'function without a grant': 'SELECT f_sql()' },
    { policy: 'strict' },
  ),
  ...denied(
    'POLICY_NO_MATCH',
    {
      'operator without a grant': 'SELECT 1 ##> 2 AS strict_operator',
      'cast without a grant': "SELECT ROW('s')::box_t::int",

      'BETWEEN without a grant':
        "SELECT 1 WHERE ROW('s')::box_t BETWEEN ROW('b')::box_t AND ROW('c')::box_t",
      'aggregate without a grant': 'SELECT glue(name) FROM customers',
    },
    { policy: 'strict' },
  ),
  ...denied(['POLICY_NO_MATCH', 'SQL_UNRESOLVED'], {
    'function that sets a setting': [
      'BEGIN',
      'SELECT f_setting()',
      "SELECT current_setting('my.email')",
    ],
    'function that makes a temporary table': [
      'BEGIN',
      'SELECT f_temp()',
      'SELECT email FROM stolen',
    ],
    'function that replaces a view, in one text':
      'BEGIN; SELECT f_replace_view(); SELECT name FROM v_clean',
    'function that makes a shadow': [
      'BEGIN',
      'SELECT f_temp()',
      'SELECT count(*) FROM stolen WHERE length(email) > 40',
    ],
    'function declared STABLE that sets the search_path': [
      'SELECT f_stable_path()',
      "SELECT 'x' || name FROM customers",
    ],
    'a setting of unknown name': 'SELECT current_setting(email) FROM customers',
    'SHOW of what a function has set': ['BEGIN', 'SELECT f_setting()', 'SHOW my.email'],
  }),
  ...masked({ 'strict: domain that raises': "SELECT 's'::d_leak" }, { policy: 'strict' }),
  ...masked(
    { 'a function that notifies': ['LISTEN heard', 'SELECT f_notify_heard()', 'SELECT 1'] },
    { differs: 'a notification tells the process of who notified' },
  ),
  ...masked(
    {
      'operator of a user in WHERE': "SELECT 1 WHERE (1 ##> 2) LIKE 'zq%'",
    },
    { differs: 'the number of rows tells' },
  ),
]
