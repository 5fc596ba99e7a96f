import type { BypassCase } from './case.ts'
import { allowed, denied, masked } from './case.ts'

const HUGE = 1_200_000

/** The same statement, written so that a reader who is not the server's own parser loses it. */
export const SPELLING: readonly BypassCase[] = [
  ...masked({
    'comment in the middle': 'SELECT/**/email/**/FROM/**/customers',
    'nested comment': 'SELECT /* a /* b */ name, -- */ */ email FROM customers',
    'line comment end by carriage return': 'SELECT name -- x\r, email FROM customers',
    'quotes in a comment': "SELECT /* ' */ email /* ' */ FROM customers",
    'quoted identifiers': 'SELECT "email" FROM "public"."customers"',
    'U& identifiers': 'SELECT U&"em\\0061il" FROM U&"c\\0075stomers"',
    'U& with UESCAPE': `SELECT U&"em!0061il" UESCAPE '!' FROM customers`,
    'upper case': 'SELECT EMAIL FROM CUSTOMERS',
    'dollar quotes as an alias': 'SELECT $a$ FROM customers $a$ AS x, email FROM customers',
    'dollar quote in a dollar quote': "SELECT $x$ $y$ ' $x$, email FROM customers",
    'E escapes': "SELECT E'\\' FROM orders --', email FROM customers --'\n",
    'backslash in a plain string': "SELECT '\\', email FROM customers --'",
    'string continued on the next line': "SELECT 'a'\n'b', email FROM customers",
    'form feed and tab': 'SELECT\temail\fFROM\tcustomers',
    'no spaces': 'SELECT(email)FROM"customers"',
    'number glued to AS': 'SELECT(1)x,email FROM customers',
    'trailing semicolons': ';;SELECT email FROM customers;;',
    'parameters that are literals': "SELECT email FROM customers WHERE name = 'Ada' AND id = 1",
    'the same shape with another literal':
      "SELECT email FROM customers WHERE name = 'Bo' AND id = 2",
    'order by position': 'SELECT id, name, email FROM customers ORDER BY 1',
    'order by another position': 'SELECT id, name, email FROM customers ORDER BY 2',
    'two statements': 'SELECT 1; SELECT email FROM customers',
    'statement behind a comment': 'SELECT 1 /* ; */; SELECT email FROM customers -- ; SELECT 2',
    'many statements': `${'SELECT 1;'.repeat(90)} TABLE customers`,
    'multi-statement with a transaction': 'BEGIN; SELECT email FROM customers; COMMIT',
    'unicode alias': 'SELECT email AS "e\u0301mail😀" FROM customers',
    'operator with a comment': "SELECT email||/* x */'' FROM customers",
    'OPERATOR()': "SELECT email OPERATOR(pg_catalog.||) '' FROM customers",
    'at time zone': "SELECT (now() AT TIME ZONE 'UTC')::date, email FROM customers",
  }),
  ...masked(
    {
      'parameter in a computation': 'SELECT email || $1 FROM customers',
      'parameter as a table-valued argument':
        'SELECT t FROM customers c, unnest(ARRAY[c.email, $1]) t',
    },
    { mode: 'extended', values: ['x'] },
  ),
  ...denied('SQL_UNRESOLVED', {
    'denied after a commit': 'SELECT 1; COMMIT; DELETE FROM orders',
  }),
  ...denied('POLICY_NO_MATCH', {
    'denied behind an allowed one': 'SELECT 1; DROP TABLE orders',
    'denied between comments': '/* SELECT */ DELETE /* FROM */ FROM orders',
    'denied in a data-modifying CTE': 'WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d',
    'CTE that is never read': "WITH i AS (INSERT INTO dump VALUES (9, 'x')) SELECT 1",
    'CTE with UPDATE of a view':
      "WITH u AS (UPDATE v_clean SET name = 'x' RETURNING 1) SELECT count(*) FROM u",
    'CTE with MERGE below EXPLAIN ANALYZE':
      'EXPLAIN ANALYZE WITH d AS (DELETE FROM dump RETURNING 1) SELECT 1',
    'EXPLAIN of a denied one': 'EXPLAIN DELETE FROM orders',
    'EXPLAIN ANALYZE of a denied one': 'EXPLAIN (ANALYZE, FORMAT JSON) DELETE FROM orders',
    'EXPLAIN ANALYZE, old spelling': 'EXPLAIN ANALYZE VERBOSE UPDATE orders SET id = id',
    'U& name of a denied one': 'DELETE FROM U&"ord\\0065rs"',
    'PREPARE of a denied one': 'PREPARE p AS DELETE FROM orders',
    'SELECT INTO': 'SELECT id INTO stolen FROM orders',
    'SELECT INTO in a set operation': 'SELECT id INTO stolen FROM orders UNION SELECT 1',
    'SELECT INTO TEMP': 'SELECT id INTO TEMP stolen FROM orders',
    'SELECT of another schema': 'SELECT * FROM other.customers',
    'view of another schema': 'SELECT name FROM other.through',
  }),
  ...denied('SQL_SYNTAX', {
    'unfinished comment': 'SELECT 1 /* DROP TABLE orders',
    'unfinished string': "SELECT 'x; DROP TABLE orders",
    'not SQL': 'HELP ME; DROP TABLE orders',
    'statement with a syntax error behind': 'SELECT email FROM customers; SELEC 1',
  }),
  ...denied(['SQL_TOO_LARGE', 'MESSAGE_TOO_LARGE'], {
    'over the size bound': `SELECT email FROM customers -- ${'x'.repeat(HUGE)}`,
    'nested over the bound': `SELECT ${'('.repeat(2000)}1${')'.repeat(2000)}`,
    'sub-selects over the bound': `SELECT ${'(SELECT '.repeat(900)}1${')'.repeat(900)}`,
    'more statements than the bound': 'SELECT 1;'.repeat(1500),
  }),
  ...denied('SQL_ENCODING', {
    client_encoding: "SET client_encoding = 'SQL_ASCII'",
    'client_encoding TO': 'SET client_encoding TO latin1',
    'SET NAMES': "SET NAMES 'BIG5'",
    'client_encoding, quoted name': `SET "Client_Encoding" = 'SJIS'`,
    'client_encoding LOCAL': 'BEGIN; SET LOCAL client_encoding = win1252',
    'client_encoding by set_config': "SELECT set_config('CLIENT_encoding', 'SJIS', false)",
    'client_encoding by set_config, computed value':
      "SELECT set_config('client_encoding', 'SJ' || 'IS', false)",
    standard_conforming_strings: 'SET standard_conforming_strings = off',
    'standard_conforming_strings, other words': 'SET SESSION standard_conforming_strings TO 0',
    'standard_conforming_strings, short word': "SET standard_conforming_strings TO 'f'",
    'standard_conforming_strings by set_config':
      "SELECT pg_catalog.set_config('standard_conforming_strings', 'no', true)",
    'standard_conforming_strings in a CTE':
      "WITH x AS (SELECT set_config('standard_conforming_strings', 'off', false)) TABLE x",
    backslash_quote: 'SET backslash_quote = on',
    'client_encoding in an EXPLAIN':
      "EXPLAIN ANALYZE SELECT set_config('client_encoding', 'SJIS', false)",
  }),
  ...denied('SQL_UNSUPPORTED', {
    'application_name by set_config': "SELECT set_config('Application_Name', 'x', false)",
    'set_config with a computed name': "SELECT set_config('client_' || 'encoding', 'SJIS', false)",
    'set_config over a table of names':
      "SELECT set_config(name, 'x', false) FROM orders, (VALUES ('client_encoding')) v(name)",
  }),
  ...allowed({
    'standard_conforming_strings stays': 'SET standard_conforming_strings = on',
    'client_encoding stays': "SET client_encoding = 'UTF8'",
    'RESET ALL': 'RESET ALL',
    application_name: "SET application_name = 'x'",
    'application_name LOCAL': "BEGIN; SET LOCAL application_name TO 'x'; COMMIT",
    'DISCARD ALL': 'DISCARD ALL',
  }),
]
