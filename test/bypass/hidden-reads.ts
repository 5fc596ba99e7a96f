import type { Canaries } from './canaries.ts'

/**
 * What a table has behind it that reads or carries masked values though no statement says so: row
 * level security, foreign keys, trigger functions of PostgreSQL. The gateway's role is an ordinary one, since
 * policies do not hold for a superuser.
 */
export function schema({ email }: Canaries): string {
  return `
  GRANT ALL ON SCHEMA public TO gateway;
  CREATE ROLE warden;
  GRANT ALL ON SCHEMA public TO warden;
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text UNIQUE);
  INSERT INTO customers VALUES (1, 'Ada', '${email}'), (2, 'Bo', NULL);
  CREATE FUNCTION f_owner(int) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    AS 'SELECT max(email)::int > $1 FROM public.customers';
  CREATE FUNCTION f_planned(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER
    AS 'BEGIN RETURN (SELECT max(email)::int > $1 FROM public.customers); END';

  CREATE FUNCTION f_inlined(int) RETURNS boolean LANGUAGE sql STABLE
    AS 'SELECT (SELECT max(email)::int FROM public.customers) > $1';

  CREATE TABLE own (id int, note text, email text);
  CREATE POLICY p ON own USING (email::int > 0);
  CREATE TABLE other (id int, note text);
  CREATE POLICY p ON other USING ((SELECT max(c.email)::int FROM customers c) > other.id);
  CREATE TABLE of_function (id int, note text);
  CREATE POLICY p ON of_function USING (f_owner(id));
  CREATE TABLE of_inlined (id int, note text);
  CREATE POLICY p ON of_inlined USING (f_inlined(id));
  CREATE TABLE of_planned (id int, note text);
  CREATE POLICY p ON of_planned USING (f_planned(1));
  CREATE TABLE checked (id int, note text);
  CREATE POLICY p ON checked USING (true) WITH CHECK (id > (SELECT max(email)::int FROM customers));
  CREATE TABLE selected (id int, note text);
  CREATE POLICY r ON selected FOR SELECT USING (true);
  CREATE POLICY w ON selected FOR UPDATE USING (id > (SELECT max(email)::int FROM customers));
  CREATE TABLE nested (id int, note text);
  CREATE POLICY p ON nested USING (EXISTS (SELECT FROM own WHERE own.id = nested.id));
  CREATE TABLE parted (id int, email text) PARTITION BY LIST (id);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
  CREATE POLICY p ON parted USING (email::int > 0);
  CREATE TABLE elsewhere (id int, email text);
  CREATE POLICY p ON elsewhere TO warden USING (email::int > 0);
  CREATE POLICY q ON elsewhere TO gateway USING (true);
  ALTER TABLE elsewhere OWNER TO postgres;
  CREATE TABLE tenants (id int, tenant int, email text);
  CREATE POLICY p ON tenants USING (tenant = current_setting('app.tenant', true)::int);
  CREATE TABLE off (id int, email text);
  CREATE POLICY p ON off USING (email::int > 0);
  ${SECURED.map((table) => `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;`).join(' ')}
  INSERT INTO own VALUES (1, 'n', '${email}');
  INSERT INTO nested VALUES (1, 'n');
  INSERT INTO other VALUES (1, 'n');
  INSERT INTO of_function VALUES (1, 'n');
  INSERT INTO of_inlined VALUES (1, 'n');
  INSERT INTO of_planned VALUES (1, 'n');
  INSERT INTO checked VALUES (1, 'n');
  INSERT INTO selected VALUES (1, 'n');
  INSERT INTO parted VALUES (1, '${email}');
  INSERT INTO elsewhere VALUES (1, '${email}');
  INSERT INTO off VALUES (1, '${email}');
  INSERT INTO tenants VALUES (1, 1, '${email}');
  CREATE VIEW v_own WITH (security_invoker) AS SELECT id, note FROM own;
  CREATE VIEW v_warden WITH (security_barrier) AS SELECT id FROM elsewhere;
  GRANT ALL ON ALL TABLES IN SCHEMA public TO warden;
  ALTER VIEW v_warden OWNER TO warden;

  CREATE TABLE orders (id int PRIMARY KEY, buyer text UNIQUE
    REFERENCES customers (email) ON UPDATE CASCADE DEFERRABLE);
  INSERT INTO orders VALUES (1, '${email}');
  CREATE TABLE shipments (id int, recipient text REFERENCES orders (buyer) ON UPDATE CASCADE);
  INSERT INTO shipments VALUES (1, '${email}');
  CREATE TABLE archive (id int, who text) PARTITION BY LIST (id);
  CREATE TABLE archive_1 PARTITION OF archive FOR VALUES IN (1);
  ALTER TABLE archive_1 ADD FOREIGN KEY (who) REFERENCES customers (email);
  INSERT INTO archive VALUES (1, '${email}');
  CREATE VIEW v_orders AS SELECT id, buyer AS b FROM orders;
  CREATE TABLE letters (id int, email text, config regconfig DEFAULT 'simple', tsv tsvector, tsv2 tsvector);
  CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON letters FOR EACH ROW
    EXECUTE FUNCTION tsvector_update_trigger(tsv, 'pg_catalog.simple', email);
  CREATE TRIGGER fill2 BEFORE INSERT OR UPDATE ON letters FOR EACH ROW
    EXECUTE FUNCTION tsvector_update_trigger_column(tsv2, config, email);
  INSERT INTO letters VALUES (1, '${email}');
  GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway;
`
}

const SECURED = [
  'own',
  'other',
  'of_function',
  'of_inlined',
  'of_planned',
  'checked',
  'selected',
  'nested',
  'parted',
  'elsewhere',
  'tenants',
]

const COLUMNS = ['customers', 'own', 'parted', 'elsewhere', 'tenants', 'off', 'letters']
  .map((table) => `sales.public.${table}.email`)
  .join(', ')

const rules = (predicates: 'allow' | 'deny') => `
rules:
  - id: all
    allow:
      actions: [sql.select, sql.insert, sql.update, sql.delete, sql.merge, sql.set]
      objects: [sales.public.*, sales.setting.*]
    mask: [{ columns: [${COLUMNS}], with: redact, predicates: ${predicates} }]
`

export const POLICIES = {
  'reader.yaml': `
name: reader
subjects: { agents: [etl-1] }${rules('allow')}`,
  'strict.yaml': `
name: strict
subjects: { agents: [etl-2] }${rules('deny')}`,
}

/** The target's own policies fail on a masked value, and say so with it. */
export const FAILING: Readonly<Record<string, string | readonly string[]>> = {
  'own column': 'SELECT id FROM own',
  'a bare count': 'SELECT count(*) FROM own',
  TABLE: 'TABLE own',
  'in a sub-query': 'SELECT 1 WHERE EXISTS (SELECT 1 FROM own)',
  'in a join': 'SELECT a.id FROM own a JOIN own b USING (id)',
  'in a CTE': 'WITH q AS MATERIALIZED (SELECT id FROM own) SELECT * FROM q',
  COPY: 'COPY own (id) TO STDOUT',
  'COPY of a query': 'COPY (SELECT id FROM own) TO STDOUT',
  'FETCH of a cursor': ['BEGIN', 'DECLARE c CURSOR FOR SELECT id FROM own', 'FETCH ALL c'],
  EXECUTE: ['PREPARE p AS SELECT id FROM own', 'EXECUTE p'],
  'EXPLAIN ANALYZE': 'EXPLAIN ANALYZE SELECT id FROM own',
  UPDATE: "UPDATE own SET note = 'x'",
  DELETE: 'DELETE FROM own WHERE id = 1',
  'FOR UPDATE': 'SELECT id FROM selected FOR UPDATE',
  'UPDATE alone': "UPDATE selected SET note = 'x'",
  MERGE: 'MERGE INTO own o USING (SELECT 1 AS id) s ON o.id = s.id WHEN MATCHED THEN DELETE',
  'another table': 'SELECT id FROM other',
  "the owner's function": 'SELECT id FROM of_function',
  'a function that is made part of the query': 'SELECT id FROM of_inlined',
  'a function that is run by planning': 'EXPLAIN SELECT id FROM of_planned',
  'WITH CHECK': "INSERT INTO checked VALUES (2, 'x')",
  'WITH CHECK, by COPY': 'COPY checked FROM STDIN',
  'WITH CHECK, on conflict': "INSERT INTO checked VALUES (2, 'x') ON CONFLICT DO NOTHING",
  'a policy within a policy': 'SELECT id FROM nested',
  'a partitioned table': 'SELECT id FROM parted',
  "a view that asks for the caller's rights": 'SELECT id FROM v_own',
  "a view with its owner's rights": 'SELECT id FROM v_warden',
}

/** Policies that read nothing masked, or are not in force. */
export const HARMLESS: Readonly<Record<string, string>> = {
  'a policy of another role': 'SELECT id FROM elsewhere',
  'a policy of a table that has it off': 'SELECT id FROM off',
  'policies of other commands': 'SELECT id FROM selected',
  'a policy that reads a setting': 'SELECT id FROM tenants',
  'the policies of a parent': 'SELECT id FROM parted_1',
}

/** Masked values in columns that no rule names. */
export const CARRIED: Readonly<Record<string, string>> = {
  'a foreign key': 'SELECT buyer FROM orders',
  'a foreign key, computed': 'SELECT reverse(buyer) FROM orders',
  'a foreign key of a foreign key': 'SELECT * FROM shipments',
  'a foreign key of a part': 'SELECT who FROM archive',
  'a foreign key by a view': 'SELECT b FROM v_orders',
  'a foreign key by RETURNING': 'UPDATE orders SET id = id RETURNING *',
  'a foreign key by COPY': 'COPY orders TO STDOUT',
  'a trigger of text search': 'SELECT tsv FROM letters',
  'a trigger of text search by column': 'SELECT * FROM letters',
  'a lexeme of a trigger': 'SELECT unnest(tsvector_to_array(tsv)) FROM letters',
}

/** Questions about columns that no rule names, and that masked values stand in. */
export const ASKED: Readonly<Record<string, string>> = {
  'a foreign key': "SELECT id FROM orders WHERE buyer LIKE 'z%'",
  'a foreign key of a foreign key': 'SELECT id FROM shipments ORDER BY recipient',
  'a trigger of text search': "SELECT id FROM letters WHERE tsv @@ 'zq7canary'",
}
