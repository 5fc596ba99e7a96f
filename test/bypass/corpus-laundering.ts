import type { BypassCase } from './case.ts'
import { allowed, denied, masked } from './case.ts'

const writer = { policy: 'writer' } as const

/** Moving a masked value to where no mask follows it, and writing that tells. */
export const LAUNDERING: readonly BypassCase[] = [
  ...denied(
    'MASK_UNPROVABLE',
    {
      'INSERT … SELECT': 'INSERT INTO dump SELECT id, email FROM customers',
      'INSERT … SELECT of a computation':
        'INSERT INTO dump SELECT id, reverse(email) FROM customers',
      'INSERT … SELECT of a CASE':
        "INSERT INTO dump SELECT id, CASE WHEN email LIKE 'z%' THEN 'y' END FROM customers",
      'INSERT of a sub-query':
        'INSERT INTO dump VALUES (1, (SELECT email FROM customers WHERE id = 1))',
      'INSERT through a CTE':
        'WITH x AS (SELECT id, email FROM customers) INSERT INTO dump SELECT * FROM x',
      'INSERT from RETURNING':
        'WITH u AS (UPDATE customers SET name = name RETURNING id, email) INSERT INTO dump SELECT * FROM u',
      'INSERT of a row as text': 'INSERT INTO dump SELECT id, c::text FROM customers c',
      'INSERT of a function': 'INSERT INTO dump SELECT 1, f_sql()',
      'INSERT of an aggregate': "INSERT INTO dump SELECT 1, string_agg(email, ',') FROM customers",
      'INSERT through a view': 'INSERT INTO dump SELECT id, contact FROM v_alias',
      'ON CONFLICT DO UPDATE':
        "INSERT INTO orders VALUES (1, 1, 'x', 1) ON CONFLICT (id) DO UPDATE SET note = (SELECT email FROM customers WHERE id = 1)",
      'ON CONFLICT with excluded':
        'INSERT INTO orders SELECT id, id, email, 1 FROM customers ON CONFLICT (id) DO UPDATE SET note = excluded.note',
      'UPDATE … FROM': 'UPDATE orders SET note = c.email FROM customers c WHERE c.id = customer',
      'UPDATE of a sub-query': 'UPDATE dump SET t = (SELECT max(email) FROM customers)',
      'UPDATE of several':
        'UPDATE orders SET (note, total) = (SELECT email, 1 FROM customers WHERE id = 1)',
      'UPDATE within the table': 'UPDATE customers SET name = email',
      'UPDATE of a masked column by another': 'UPDATE customers SET country = card',
      'MERGE that inserts':
        'MERGE INTO dump d USING customers c ON d.id = c.id WHEN NOT MATCHED THEN INSERT VALUES (c.id, c.email)',
      'MERGE that updates':
        'MERGE INTO dump d USING customers c ON d.id = c.id WHEN MATCHED THEN UPDATE SET t = c.email',
      'CREATE TABLE AS': 'CREATE TABLE t AS SELECT email AS x FROM customers',
      'CREATE TABLE AS TABLE': 'CREATE TABLE t AS TABLE customers WITH NO DATA',
      'CREATE TABLE AS EXECUTE of a masked one': [
        'PREPARE p AS SELECT email FROM customers',
        'CREATE TABLE t AS EXECUTE p',
      ],
      'CREATE MATERIALIZED VIEW': 'CREATE MATERIALIZED VIEW mv AS SELECT email AS x FROM customers',
      'SELECT INTO of a masked column': 'SELECT email AS x INTO t FROM customers',
      'a default of a masked value':
        "SELECT pg_notify('leak', (SELECT email FROM customers WHERE id = 1))",
      'NOTIFY of each value': "SELECT pg_notify('leak', email) FROM customers",
      'NOTIFY on a channel named so': "SELECT pg_notify(email, 'x') FROM customers",
      'NOTIFY of what a function returns': "SELECT pg_notify('leak', f_sql())",
      'NOTIFY that is counted':
        "SELECT count(pg_notify('leak', e)) FROM (SELECT reverse(email) AS e FROM customers) q",
      'NOTIFY in RETURNING': "UPDATE customers SET name = name RETURNING pg_notify('leak', email)",
      'a setting': "SELECT set_config('datestyle', email, false) FROM customers",
    },
    writer,
  ),
  ...masked(
    {
      'RETURNING of an UPDATE': 'UPDATE customers SET name = name RETURNING *',
      'RETURNING of an INSERT':
        "INSERT INTO customers (id, name) VALUES (90, 'x') RETURNING (SELECT email FROM customers WHERE id = 1)",
      'RETURNING of a DELETE':
        'DELETE FROM orders o USING customers c WHERE c.id = o.customer RETURNING c.email',
      'RETURNING of an UPDATE … FROM':
        'UPDATE orders SET note = note FROM customers c WHERE c.id = customer RETURNING c',
      'RETURNING of ON CONFLICT':
        "INSERT INTO customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'Ada' RETURNING email, customers.*",
      'RETURNING in a CTE':
        'WITH u AS (UPDATE customers SET name = name RETURNING email AS e) SELECT e FROM u',
      'RETURNING of a view': 'UPDATE v_all SET name = name RETURNING email',
      'RETURNING of a partitioned table': 'DELETE FROM people RETURNING email',
      'RETURNING of what a trigger wrote': "INSERT INTO triggered VALUES (1, 'x') RETURNING t",
      'failing row: CHECK': 'UPDATE customers SET id = -id',
      'failing row: CHECK, with a condition': 'UPDATE customers SET id = -1 WHERE id = 1',
      'failing row: NOT NULL': 'UPDATE customers SET name = NULL',
      'failing row: through a view': 'UPDATE v_clean SET name = NULL',
      'failing row: in a CTE': 'WITH u AS (UPDATE customers SET name = NULL WHERE id = 1) SELECT 1',
      'failing row: partition': 'UPDATE people SET id = 7',
      'failing row: ON CONFLICT':
        "INSERT INTO customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = NULL",
      'failing row: MERGE':
        'MERGE INTO customers c USING orders o ON c.id = o.id WHEN MATCHED THEN UPDATE SET name = NULL',
      'failing row: a new constraint':
        'ALTER TABLE customers ADD CONSTRAINT k CHECK (length(email) < 3)',
      'unique index over masked values': 'CREATE UNIQUE INDEX u ON customers ((email IS NOT NULL))',
      'unique index that tells the key': 'CREATE UNIQUE INDEX u ON customers ((1))',
      'index expression that fails': 'CREATE INDEX i ON customers ((email::int))',

      'foreign key that fails':
        'ALTER TABLE customers ADD FOREIGN KEY (email) REFERENCES "Odd Names" ("E mail")',
      'exclusion that fails':
        'ALTER TABLE people_1 ADD UNIQUE (email), ADD CHECK (length(email) < 3)',
      'trigger that raises a notice': "INSERT INTO triggered VALUES (1, 'x')",
      'trigger that raises an error': 'INSERT INTO failing VALUES (1)',
      'trigger below COPY': 'COPY (INSERT INTO triggered VALUES (1) RETURNING id) TO STDOUT',
      'trigger below MERGE':
        "MERGE INTO triggered t USING orders o ON false WHEN NOT MATCHED THEN INSERT VALUES (o.id, 'x')",

      'temporary shadow of a table': [
        'CREATE TEMP TABLE customers (id int, email text, name text)',
        'SELECT email FROM public.customers',
      ],
      'generated column over a masked one': [
        'ALTER TABLE customers ADD COLUMN shout text GENERATED ALWAYS AS (upper(email)) STORED',
        'SELECT shout FROM customers',
      ],
      'rename of a masked column': [
        'ALTER TABLE customers RENAME COLUMN email TO contact',
        'SELECT contact FROM customers',
      ],
      'rename of a table': ['ALTER TABLE customers RENAME TO clients', 'SELECT email FROM clients'],
      'swap of two columns': [
        'ALTER TABLE customers RENAME COLUMN email TO x; ALTER TABLE customers RENAME COLUMN name TO email; ALTER TABLE customers RENAME COLUMN x TO name',
        'SELECT name FROM customers',
      ],

      'view replaced': [
        'CREATE OR REPLACE VIEW v_clean AS SELECT id, email AS name FROM customers',
        'SELECT name FROM v_clean',
      ],
      'function made by the agent': [
        "CREATE FUNCTION mine() RETURNS text LANGUAGE sql AS 'SELECT email FROM public.customers WHERE id = 1'",
        'SELECT mine()',
      ],
      'inheritance made by the agent': [
        'CREATE TABLE mine () INHERITS (customers)',
        'SELECT email FROM mine, customers',
      ],
      'parent made by the agent': [
        'CREATE TABLE mine (id int, email text)',
        'ALTER TABLE people_1 INHERIT mine',
        'SELECT email FROM mine',
      ],
      'new parent over a masked table': [
        'CREATE TABLE mine (id int, name text, email text, card text, born date, country text)',
        'ALTER TABLE customers INHERIT mine',
        'SELECT email, card FROM mine',
      ],
      'partition attached': [
        'CREATE TABLE mine (id int, email text) PARTITION BY LIST (id)',
        'ALTER TABLE "Odd Names" RENAME COLUMN "E mail" TO email',
        'ALTER TABLE mine ATTACH PARTITION "Odd Names" DEFAULT',
        'SELECT email FROM mine',
      ],
    },
    writer,
  ),
  ...denied(
    ['SQL_UNRESOLVED', 'MASK_UNPROVABLE', 'POLICY_NO_MATCH'],
    {
      'relation with a rule': "INSERT INTO ruled VALUES (1, 'x')",

      'CREATE TABLE with a default that reads':
        "CREATE FUNCTION other.x() RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
      'temporary table of masked values': 'CREATE TEMP TABLE t AS SELECT email FROM customers',
      'UPDATE of the statistics': 'UPDATE pg_catalog.pg_class SET relname = relname',
      'NOTIFY of a computed payload':
        "SELECT pg_notify('leak', string_agg(card, ',')) FROM customers",
    },
    writer,
  ),
  ...allowed(
    {
      'INSERT of constants': "INSERT INTO dump VALUES (7, 'x')",
      'INSERT … SELECT of clean columns': 'INSERT INTO dump SELECT id, name FROM customers',
      'UPDATE with a condition': "UPDATE orders SET note = 'x' WHERE id = 1",
      'CREATE TABLE AS of clean columns': 'CREATE TABLE t AS SELECT id, name FROM customers',
      'MERGE of clean columns':
        'MERGE INTO dump d USING orders o ON d.id = o.id WHEN NOT MATCHED THEN INSERT VALUES (o.id, o.note)',
      'NOTIFY of a constant': "NOTIFY news, 'x'",
      DELETE: 'DELETE FROM dump',
    },
    writer,
  ),
  ...denied(
    ['MASK_UNPROVABLE', 'SQL_UNSUPPORTED'],
    {
      'type change that fails': 'ALTER TABLE customers ALTER email TYPE int USING email::int',
      'CREATE SCHEMA with elements':
        'CREATE SCHEMA s CREATE VIEW v AS SELECT email FROM public.customers',
    },
    writer,
  ),
  ...masked(
    {
      'view made by the agent': [
        'CREATE VIEW mine AS SELECT email AS e FROM customers',
        'SELECT e FROM mine',
      ],
      'rule made by the agent': [
        'CREATE TABLE mine (id int, email text)',
        'CREATE RULE "_RETURN" AS ON SELECT TO mine DO INSTEAD SELECT id, email FROM customers',
        'SELECT email FROM mine',
      ],
      'trigger below EXPLAIN ANALYZE': "EXPLAIN ANALYZE INSERT INTO triggered VALUES (1, 'x')",
    },
    { ...writer, differs: 'ids of new tables and timings' },
  ),
]
