/** Statements that would make a masked column readable under another name, or by code. */
export const REFUSED: Readonly<Record<string, string>> = {
  'view replaced': 'CREATE OR REPLACE VIEW clean AS SELECT id, lower(email) AS name FROM customers',
  'view replaced, names given':
    'CREATE OR REPLACE VIEW clean (id, name) AS SELECT id, email FROM customers',
  'view of a view': 'CREATE OR REPLACE VIEW clean AS SELECT id, mail AS name FROM contacts',
  'view of a function': 'CREATE OR REPLACE VIEW clean AS SELECT id, reader(id) AS name FROM orders',
  'view of whole rows': 'CREATE VIEW w AS SELECT c FROM customers c',
  'view of all columns': 'CREATE VIEW w AS TABLE customers',
  'recursive view':
    'CREATE RECURSIVE VIEW w (n, e) AS SELECT 1, email FROM customers UNION ALL SELECT n + 1, e FROM w WHERE n < 2',
  'materialised view': 'CREATE MATERIALIZED VIEW w AS SELECT email FROM customers',
  'table of the rows': 'CREATE TABLE w AS SELECT email FROM customers',
  'column renamed': 'ALTER TABLE customers RENAME email TO contact',
  'column renamed as an attribute': 'ALTER TYPE customers RENAME ATTRIBUTE email TO contact',
  'column of a view renamed': 'ALTER VIEW contacts RENAME COLUMN mail TO address',
  'column of a view renamed as of a table': 'ALTER TABLE contacts RENAME mail TO address',
  'table renamed': 'ALTER TABLE customers RENAME TO clients',
  'table renamed as an index': 'ALTER INDEX customers RENAME TO clients',
  'view renamed': 'ALTER VIEW contacts RENAME TO addresses',
  'view moved': 'ALTER VIEW contacts SET SCHEMA other',
  'table moved': 'ALTER TABLE customers SET SCHEMA other',
  'schema renamed': 'ALTER SCHEMA public RENAME TO elsewhere',
  'database renamed': 'ALTER DATABASE sales RENAME TO elsewhere',
  'database copied': 'CREATE DATABASE elsewhere TEMPLATE sales',
  'shown by a parent': 'ALTER TABLE customers INHERIT twin',
  'shown by a partitioned table': 'ALTER TABLE whole ATTACH PARTITION loose DEFAULT',
  'partition taken from its parent': 'ALTER TABLE parts DETACH PARTITION parts_1',
  'child taken from its parent': 'ALTER TABLE child NO INHERIT parent',
  'type changed': 'ALTER TABLE customers ALTER name TYPE text USING email',
  'generated column':
    'ALTER TABLE customers ADD shout text GENERATED ALWAYS AS (upper(email)) STORED',
  'rule in place of a table':
    'CREATE RULE "_RETURN" AS ON SELECT TO bare DO INSTEAD SELECT id, email AS t FROM customers',
  'rule that answers': 'CREATE RULE r AS ON UPDATE TO bare DO INSTEAD SELECT email FROM customers',
  'rule that copies':
    'CREATE RULE r AS ON INSERT TO orders DO ALSO INSERT INTO bare SELECT id, email FROM customers',
  'function as a text': `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT email FROM customers'`,
  'function replaced': `CREATE OR REPLACE FUNCTION reader(int) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'`,
  'function as a query':
    'CREATE FUNCTION f() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT email FROM customers; END',
  'function as an expression':
    'CREATE FUNCTION f() RETURNS text LANGUAGE sql RETURN (SELECT max(email) FROM customers)',
  procedure: `CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN UPDATE orders SET note = email FROM customers; END'`,
  block: `DO 'BEGIN UPDATE orders SET note = email FROM customers; END'`,
  'foreign table':
    'CREATE FOREIGN TABLE w (email text) SERVER far OPTIONS (table_name $$customers$$)',
  'foreign table shows another':
    'ALTER FOREIGN TABLE distant OPTIONS (ADD table_name $$customers$$)',
  'foreign column shows another':
    'ALTER FOREIGN TABLE distant ALTER t OPTIONS (ADD column_name $$email$$)',
  'foreign schema': 'IMPORT FOREIGN SCHEMA public FROM SERVER far INTO public',
  'foreign server': 'ALTER SERVER far OPTIONS (ADD dbname $$sales$$)',
}

/** Definitions that carry nothing masked. */
export const ALLOWED: Readonly<Record<string, string>> = {
  'view of clean columns':
    'CREATE OR REPLACE VIEW clean AS SELECT id, upper(name) AS name FROM customers',
  'view of clean columns of a view': 'CREATE VIEW w AS SELECT name FROM contacts',
  'temporary view': 'CREATE TEMP VIEW w AS SELECT email FROM customers',
  'clean column renamed': 'ALTER TABLE customers RENAME name TO label',
  'clean column of a view renamed': 'ALTER VIEW contacts RENAME name TO label',
  'clean table renamed': 'ALTER TABLE orders RENAME TO deals',
  'clean view renamed': 'ALTER VIEW clean RENAME TO tidy',
  'clean view moved': 'ALTER VIEW clean SET SCHEMA other',
  'table made':
    'CREATE TABLE w (id int DEFAULT 1, y text, x text GENERATED ALWAYS AS (upper(y)) STORED)',
  'table like another': 'CREATE TABLE w (LIKE customers INCLUDING ALL)',
  'column added': 'ALTER TABLE customers ADD note text DEFAULT now()::text',
  'generated column': 'ALTER TABLE orders ADD shout text GENERATED ALWAYS AS (upper(note)) STORED',
  index: 'CREATE INDEX ON customers (lower(email))',
  'partition made': 'CREATE TABLE parts_3 PARTITION OF parts FOR VALUES IN (3)',
  'function as an expression':
    'CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE RETURN a + 1',
  'rule of clean columns': 'CREATE RULE r AS ON DELETE TO bare DO INSTEAD SELECT id FROM customers',
}
