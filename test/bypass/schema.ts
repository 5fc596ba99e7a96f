import type { Canaries } from './canaries.ts'

/**
 * The gateway's role is a superuser on purpose: whatever is refused is refused by the gateway, not
 * by the rights of its role.
 */
export function schema({ email, card }: Canaries): string {
  return `
  ALTER ROLE gateway SUPERUSER;
  CREATE TABLE customers (
    id int PRIMARY KEY CHECK (id > 0), name text NOT NULL, email text, card text, born date,
    country text DEFAULT 'NL');
  INSERT INTO customers VALUES (1, 'Ada', '${email}', '${card}', '1980-01-01'),
    (2, 'Bo', NULL, NULL, '1990-01-01'), (3, 'Cy', 'y@other.example', '4000', '1970-01-01');
  CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, note text,
    total numeric);
  INSERT INTO orders VALUES (1, 1, 'first', 10), (2, 2, 'second', 20), (3, 3, 'third', 30);
  CREATE TABLE payouts (id int PRIMARY KEY, amount int);
  INSERT INTO payouts VALUES (1, 100);
  CREATE VIEW v_payouts AS SELECT id, amount FROM payouts;
  CREATE VIEW v_v_payouts AS SELECT id AS number, amount AS a FROM v_payouts;
  CREATE TABLE dump (id int, t text);
  CREATE INDEX customers_lower ON customers (lower(email));
  CREATE STATISTICS customers_mcv (mcv) ON email, card FROM customers;

  CREATE VIEW v_all AS SELECT * FROM customers;
  CREATE VIEW v_alias AS SELECT id, email AS contact, card AS number FROM v_all;
  CREATE VIEW v_deep AS SELECT a.id, upper(a.contact) AS loud FROM v_alias a;
  CREATE VIEW v_union AS SELECT id, name AS what FROM customers UNION ALL SELECT id, email FROM customers;
  CREATE VIEW v_row AS SELECT c FROM customers c;
  CREATE VIEW v_json AS SELECT to_jsonb(c) AS j FROM customers c;
  CREATE VIEW v_case AS SELECT id, CASE WHEN email LIKE 'z%' THEN 'yes' ELSE 'no' END AS starts FROM customers;
  CREATE VIEW v_clean AS SELECT id, name FROM customers;
  CREATE VIEW v_barrier WITH (security_barrier) AS SELECT id, email e FROM customers;
  CREATE RECURSIVE VIEW v_rec (n, e) AS SELECT 1, email FROM customers UNION ALL SELECT n + 1, e FROM v_rec WHERE n < 2;
  CREATE MATERIALIZED VIEW m_copy AS SELECT id, email AS e FROM customers;
  CREATE VIEW v_fn AS SELECT 1 AS one;

  CREATE FUNCTION f_sql() RETURNS text LANGUAGE sql STABLE AS 'SELECT email FROM public.customers WHERE id = 1';
  CREATE FUNCTION f_imm(int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT email FROM public.customers WHERE id = $1';
  CREATE FUNCTION f_table() RETURNS TABLE (a int, b text) LANGUAGE sql AS 'SELECT id, email FROM public.customers';
  CREATE FUNCTION f_setof() RETURNS SETOF customers LANGUAGE sql AS 'SELECT * FROM public.customers';
  CREATE FUNCTION f_record() RETURNS SETOF record LANGUAGE sql AS 'SELECT id, email FROM public.customers';
  CREATE FUNCTION f_out(OUT a text, OUT b int) LANGUAGE sql AS 'SELECT email, 1 FROM public.customers WHERE id = 1';
  CREATE FUNCTION f_definer() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS
    $$BEGIN RETURN (SELECT email FROM public.customers WHERE id = 1); END$$;
  CREATE FUNCTION f_raise() RETURNS boolean LANGUAGE plpgsql AS
    $$DECLARE e text; BEGIN SELECT email INTO e FROM public.customers WHERE id = 1; RAISE EXCEPTION 'it is %', e; END$$;
  CREATE FUNCTION f_notice() RETURNS boolean LANGUAGE plpgsql AS
    $$DECLARE e text; BEGIN SELECT email INTO e FROM public.customers WHERE id = 1; RAISE NOTICE 'it is %', e USING DETAIL = e, HINT = e; RETURN true; END$$;
  CREATE FUNCTION f_errcode() RETURNS boolean LANGUAGE plpgsql AS
    $$DECLARE e text; BEGIN SELECT email INTO e FROM public.customers WHERE id = 1; RAISE EXCEPTION 'x' USING CONSTRAINT = e, COLUMN = e, TABLE = e, SCHEMA = e, DATATYPE = e; END$$;
  CREATE FUNCTION f_echo(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN reverse($1); END$$;
  CREATE FUNCTION f_shout(text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE 'seen %', $1; RETURN true; END$$;
  CREATE FUNCTION f_cursor(refcursor) RETURNS refcursor LANGUAGE plpgsql AS
    $$BEGIN OPEN $1 FOR SELECT email FROM public.customers; RETURN $1; END$$;
  CREATE FUNCTION f_stable_cursor(refcursor) RETURNS refcursor LANGUAGE plpgsql STABLE AS
    $$BEGIN OPEN $1 FOR SELECT lower(email) AS e FROM public.customers; RETURN $1; END$$;
  CREATE FUNCTION f_stable_path() RETURNS text LANGUAGE plpgsql STABLE AS
    $$BEGIN RETURN set_config('search_path', 'other, public', false); END$$;
  CREATE FUNCTION f_application() RETURNS void LANGUAGE plpgsql AS
    $$BEGIN PERFORM set_config('application_name', email, false) FROM public.customers WHERE id = 1; END$$;
  CREATE FUNCTION f_prepare() RETURNS void LANGUAGE plpgsql AS
    $$BEGIN EXECUTE 'PREPARE hidden AS SELECT email FROM public.customers'; END$$;
  CREATE FUNCTION f_notify() RETURNS void LANGUAGE plpgsql AS
    $$BEGIN PERFORM pg_notify('leak', (SELECT email FROM public.customers WHERE id = 1)); END$$;
  CREATE FUNCTION f_notify_heard() RETURNS void LANGUAGE plpgsql AS
    $$BEGIN PERFORM pg_notify('heard', (SELECT email FROM public.customers WHERE id = 1)); END$$;
  CREATE FUNCTION f_listen() RETURNS void LANGUAGE plpgsql AS $$BEGIN LISTEN leak; END$$;
  CREATE FUNCTION f_setting() RETURNS void LANGUAGE plpgsql AS
    $$BEGIN PERFORM set_config('my.email', (SELECT email FROM public.customers WHERE id = 1), false); END$$;
  CREATE FUNCTION f_temp() RETURNS void LANGUAGE plpgsql AS
    $$BEGIN CREATE TEMP TABLE stolen AS SELECT email FROM public.customers; END$$;
  CREATE FUNCTION f_replace_view() RETURNS void LANGUAGE plpgsql AS
    $$BEGIN CREATE OR REPLACE VIEW public.v_clean AS SELECT id, email AS name FROM public.customers; END$$;
  CREATE FUNCTION f_one_row(int, OUT one customers) LANGUAGE sql STABLE AS 'SELECT c FROM public.customers c WHERE id = $1';
  CREATE VIEW v_folded AS SELECT id FROM orders WHERE note <> f_imm(1);
  CREATE VIEW v_code AS SELECT f_replace_view()::text AS x;
  CREATE PROCEDURE p_out(INOUT e text) LANGUAGE plpgsql AS
    $$BEGIN SELECT email INTO e FROM public.customers WHERE id = 1; END$$;
  CREATE PROCEDURE p_notice() LANGUAGE plpgsql AS
    $$BEGIN RAISE NOTICE '%', (SELECT email FROM public.customers WHERE id = 1); END$$;
  CREATE FUNCTION f_sfunc(text, text) RETURNS text LANGUAGE sql AS 'SELECT coalesce($1, '''') || $2';
  CREATE AGGREGATE glue(text) (sfunc = f_sfunc, stype = text);

  CREATE TYPE box_t AS (t text);
  CREATE FUNCTION op_leak(int, int) RETURNS text LANGUAGE sql AS 'SELECT email FROM public.customers WHERE id = $1';
  CREATE OPERATOR ##> (leftarg = int, rightarg = int, function = op_leak);
  CREATE FUNCTION op_under(box_t, box_t) RETURNS boolean LANGUAGE plpgsql AS
    $$BEGIN RAISE NOTICE '%', (SELECT email FROM public.customers WHERE id = 1); RETURN true; END$$;
  CREATE OPERATOR <= (leftarg = box_t, rightarg = box_t, function = op_under);
  CREATE FUNCTION cast_leak(box_t) RETURNS int LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION '%', (SELECT email FROM public.customers WHERE id = 1); END$$;
  CREATE CAST (box_t AS int) WITH FUNCTION cast_leak(box_t);
  CREATE FUNCTION check_leak(text) RETURNS boolean LANGUAGE plpgsql AS
    $$BEGIN RAISE NOTICE '%', (SELECT email FROM public.customers WHERE id = 1); RETURN true; END$$;
  CREATE DOMAIN d_leak AS text CHECK (check_leak(VALUE));
  CREATE DOMAIN d_short AS text CHECK (length(VALUE) < 3);
  CREATE TYPE pair AS (a int, b text);
  CREATE TYPE text_range AS RANGE (subtype = text);

  CREATE TABLE triggered (id int, t text);
  CREATE FUNCTION t_notice() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE NOTICE '%', (SELECT email FROM public.customers WHERE id = 1); RETURN NEW; END$$;
  CREATE TRIGGER tg BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION t_notice();
  CREATE TABLE failing (id int);
  CREATE FUNCTION t_raise() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION '%', (SELECT email FROM public.customers WHERE id = 1); END$$;
  CREATE TRIGGER tg BEFORE INSERT OR DELETE ON failing FOR EACH ROW EXECUTE FUNCTION t_raise();
  INSERT INTO public.dump VALUES (1, 'x');
  CREATE TABLE ruled (id int, t text);
  CREATE RULE r AS ON INSERT TO ruled DO INSTEAD INSERT INTO dump SELECT id, email FROM customers;
  CREATE TABLE lists (id int, tag text) PARTITION BY RANGE (id);
  CREATE TABLE lists_1 PARTITION OF lists FOR VALUES FROM (0) TO (10);
  INSERT INTO lists VALUES (1, 'x');
  CREATE TABLE people (id int, email text) PARTITION BY LIST (id);
  CREATE TABLE people_1 PARTITION OF people FOR VALUES IN (1);
  INSERT INTO people VALUES (1, '${email}');
  CREATE TABLE parent (id int, email text);
  CREATE TABLE child (extra text) INHERITS (parent);
  INSERT INTO child VALUES (1, '${email}', 'e');
  CREATE TABLE heirs (id int, email text) PARTITION BY RANGE (id);
  CREATE TABLE heirs_1 PARTITION OF heirs FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
  CREATE TABLE heirs_1a PARTITION OF heirs_1 FOR VALUES FROM (0) TO (5);
  INSERT INTO heirs VALUES (1, '${email}');
  CREATE TABLE estate (id int, email text, note text) PARTITION BY RANGE (id);
  CREATE TABLE estate_1 PARTITION OF estate FOR VALUES FROM (0) TO (10);
  INSERT INTO estate VALUES (1, '${email}', 'n');
  CREATE TABLE elder (id int, email text);
  CREATE TABLE younger () INHERITS (elder);
  INSERT INTO younger VALUES (1, '${email}');
  CREATE VIEW v_estate AS SELECT id, email AS mail FROM estate;
  CREATE TABLE generated (id int, email text, low text GENERATED ALWAYS AS (lower(email)) STORED);
  INSERT INTO generated VALUES (1, '${email}');
  CREATE VIEW v_failing AS SELECT id FROM generated WHERE low::int > 0;
  CREATE VIEW v_failing_type AS SELECT id, pg_typeof(low::int)::text AS t FROM generated;
  CREATE TABLE "Odd Names" (id int, "E mail" text);
  INSERT INTO "Odd Names" VALUES (1, '${email}');
  CREATE TABLE by_mail (id int, email text) PARTITION BY LIST (email);
  CREATE TABLE by_mail_1 (id int, email text);
  ALTER TABLE by_mail ATTACH PARTITION by_mail_1 FOR VALUES IN ('${email}');
  CREATE TABLE added (id int);
  INSERT INTO added VALUES (1);
  ALTER TABLE added ADD email text DEFAULT '${email}';
  ALTER TABLE added ALTER email DROP DEFAULT;
  CREATE SEQUENCE seq;
  CREATE SCHEMA other;
  CREATE TABLE other.customers (id int, name text);
  INSERT INTO other.customers VALUES (1, '${email}');
  CREATE VIEW other.through AS SELECT id, email AS name FROM public.customers;
  SELECT lo_from_bytea(4242, convert_to('${email}', 'UTF8'));
  CREATE FOREIGN DATA WRAPPER fdw;
  CREATE SERVER far FOREIGN DATA WRAPPER fdw;
  CREATE USER MAPPING FOR gateway SERVER far OPTIONS (password '${email}');
  ANALYZE;
`
}

/** Puts other canaries in the place of the first ones. */
export function swap(from: Canaries, to: Canaries): string {
  return `
  UPDATE customers SET email = '${to.email}', card = '${to.card}' WHERE email = '${from.email}';
  ALTER TABLE by_mail DETACH PARTITION by_mail_1;
  ALTER TABLE by_mail ATTACH PARTITION by_mail_1 FOR VALUES IN ('${to.email}');
  ALTER TABLE added DROP email;
  ALTER TABLE added ADD email text DEFAULT '${to.email}';
  ALTER TABLE added ALTER email DROP DEFAULT;
  UPDATE people SET email = '${to.email}';
  UPDATE parent SET email = '${to.email}';
  UPDATE heirs SET email = '${to.email}';
  UPDATE other.customers SET name = '${to.email}';
  UPDATE estate SET email = '${to.email}';
  UPDATE elder SET email = '${to.email}';
  UPDATE generated SET email = '${to.email}';
  UPDATE "Odd Names" SET "E mail" = '${to.email}';
  SELECT lo_put(4242, 0, convert_to('${to.email}', 'UTF8'));
  ALTER USER MAPPING FOR gateway SERVER far OPTIONS (SET password '${to.email}');
  CLUSTER customers USING customers_pkey;
  REFRESH MATERIALIZED VIEW m_copy;
  ANALYZE;
`
}
