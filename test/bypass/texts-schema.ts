import type { Canaries } from './canaries.ts'

/** A computation that fails on the masked column, and says its value, once `spare` says so. */
const FAILS = "CASE WHEN spare = 'go' THEN email::int END"

const PEOPLE = 'id int PRIMARY KEY, name text, email text, spare text'

/** Tables of one customer each, in which PostgreSQL computes something whenever a row is written. */
const WATCHED: Readonly<Record<string, string>> = {
  checked: `(${PEOPLE}, CHECK ((${FAILS}) IS DISTINCT FROM 0))`,
  checked_json: `(${PEOPLE},
    CHECK (length((CASE WHEN spare = 'go' THEN email::json END)::text) IS DISTINCT FROM 0))`,
  checked_name: `(${PEOPLE},
    CHECK ((CASE WHEN spare = 'go' THEN email::regclass END)::text IS DISTINCT FROM ''))`,
  checked_query: `(${PEOPLE},
    CHECK ((CASE WHEN spare = 'go' THEN (email || ' x')::tsquery END)::text IS DISTINCT FROM ''))`,
  computed: `(${PEOPLE}, n int GENERATED ALWAYS AS (${FAILS}) STORED)`,
  indexed: `(${PEOPLE}); CREATE INDEX ON indexed ((${FAILS}))`,
  indexed_partly: `(${PEOPLE}); CREATE INDEX ON indexed_partly (id) WHERE (${FAILS}) IS NOT NULL`,
  excluded: `(${PEOPLE}, EXCLUDE USING btree ((${FAILS}) WITH =))`,
  counted: `(${PEOPLE}); CREATE STATISTICS counted_s ON (${FAILS}), (id + 1) FROM counted`,
  secured: `(${PEOPLE});
    ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
    ALTER TABLE secured FORCE ROW LEVEL SECURITY;
    CREATE POLICY everybody ON secured USING (true) WITH CHECK ((${FAILS}) IS DISTINCT FROM 0)`,
  parted: `(id int, name text, email text, spare text) PARTITION BY LIST ((${FAILS}));
    CREATE TABLE parted_rest PARTITION OF parted DEFAULT`,
  published: `(${PEOPLE}); ALTER TABLE published REPLICA IDENTITY FULL`,
  triggered: `(${PEOPLE}); CREATE TRIGGER t BEFORE UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION tell()`,
  triggered_when: `(${PEOPLE}); CREATE TRIGGER t BEFORE UPDATE ON triggered_when FOR EACH ROW
    WHEN ((CASE WHEN NEW.spare = 'go' THEN NEW.email::int END) IS NOT NULL) EXECUTE FUNCTION tell()`,
  triggered_late: `(${PEOPLE}); CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON triggered_late
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tell()`,
  triggered_claim: `(${PEOPLE}); CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON triggered_claim
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claim()`,
  triggered_zone: `(${PEOPLE}); CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON triggered_zone
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION set_zone()`,
}

export const WATCHED_TABLES = Object.keys(WATCHED)

const CODE = `
  CREATE FUNCTION one_email() RETURNS text LANGUAGE sql STABLE
    AS 'SELECT email FROM public.customers WHERE id = 1';
  CREATE FUNCTION one_email_forever() RETURNS text LANGUAGE sql IMMUTABLE
    AS 'SELECT email FROM public.customers WHERE id = 1';
`

/** The target's role owns everything and is no superuser, as it should be. */
export function schema({ email, card }: Canaries): string {
  const watched = Object.entries(WATCHED).map(
    ([name, table]) => `
  CREATE TABLE ${name} ${table};
  INSERT INTO ${name} (id, name, email, spare) VALUES (1, 'Ada', '${email}', '');`,
  )
  return `
  GRANT CREATE ON DATABASE sales TO gateway;
  ALTER SCHEMA public OWNER TO gateway;
  SET ROLE gateway;

  CREATE TABLE customers (id int PRIMARY KEY, name text, email text, card text, spare text);
  INSERT INTO customers VALUES (1, 'Ada', '7', '${card}', ''), (2, 'Bo', NULL, NULL, '');
  CREATE TABLE plain (id int PRIMARY KEY, note text);
  INSERT INTO plain VALUES (1, 'one'), (2, 'two');
${CODE}
  CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE NOTICE 'it was %', OLD.email USING HINT = OLD.email;
      IF NEW.spare = 'go' THEN RAISE EXCEPTION 'it is %', NEW.email USING DETAIL = NEW.email; END IF;
      RETURN NEW;
    END $$;
  CREATE FUNCTION claim() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'it is %', NEW.email USING ERRCODE = '23505', CONSTRAINT = NEW.email,
        TABLE = NEW.email, SCHEMA = NEW.email, COLUMN = NEW.email, DATATYPE = NEW.email;
    END $$;
  CREATE FUNCTION set_zone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM set_config('TimeZone', '<' || translate(NEW.email, '@.', '--') || '>0', false);
      RETURN NEW;
    END $$;

  CREATE TABLE filled (id int, email text DEFAULT one_email(),
    n int GENERATED ALWAYS AS (email::int) STORED);
  CREATE TABLE defaulting (id int, note text, n int DEFAULT one_email()::int);
  CREATE FUNCTION look_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.email := (SELECT email FROM customers WHERE id = 1); RETURN NEW; END $$;
  CREATE TABLE looked_up (id int, email text, CHECK (email::int > 0));
  CREATE TRIGGER t BEFORE INSERT ON looked_up FOR EACH ROW EXECUTE FUNCTION look_up();
  CREATE TABLE addresses (email text PRIMARY KEY);
  INSERT INTO addresses VALUES ('${email}');
  CREATE TABLE owners (id int PRIMARY KEY, name text,
    email text REFERENCES addresses DEFERRABLE INITIALLY DEFERRED);
  INSERT INTO owners VALUES (1, 'Ada', '${email}');
  CREATE TABLE guests (id int PRIMARY KEY, name text,
    email text UNIQUE DEFERRABLE INITIALLY DEFERRED);
  INSERT INTO guests VALUES (1, 'Ada', '${email}'), (2, 'Bo', 'b');
  CREATE TABLE keepers (id int PRIMARY KEY, email text REFERENCES addresses);
  CREATE TABLE twins (id int PRIMARY KEY, email text, spare text);
  INSERT INTO twins VALUES (1, '${email}', ''), (2, '${email}', '');
  ${watched.join('')}
  CREATE PUBLICATION news FOR TABLE published WHERE (name <> '');
  CREATE TABLE defaulted (id int PRIMARY KEY, n int DEFAULT one_email()::int);
  CREATE VIEW called AS SELECT id, one_email()::int AS n FROM plain;
  CREATE VIEW folded AS SELECT id FROM plain WHERE one_email_forever()::int > id;
  CREATE MATERIALIZED VIEW kept AS SELECT id, ${FAILS} AS n FROM customers;
  CREATE DOMAIN address AS text;
  CREATE TABLE housed (id int, email address);
  INSERT INTO housed VALUES (1, '${email}');
  UPDATE customers SET email = '${email}' WHERE id = 1;
  RESET ROLE;
  CREATE TABLE closed (id int);
  CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE NOTICE 'there is %', (SELECT email FROM public.customers WHERE id = 1); END $$;
  CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION on_ddl();
  CREATE EVENT TRIGGER s ON sql_drop EXECUTE FUNCTION on_ddl();
  `
}

/** A database in which code runs that no statement names, and in which nothing else is of interest. */
export function schemaWithHiddenCode({ email }: Canaries): string {
  return `
  ALTER SCHEMA public OWNER TO gateway;
  CREATE TABLE customers (id int PRIMARY KEY, email text);
  INSERT INTO customers VALUES (1, '7');
  ${CODE}
  CREATE TABLE ordered (id int, note text);
  CREATE INDEX ON ordered (note, (CASE WHEN id < 0 THEN one_email_forever()::int END));
  CREATE DOMAIN watched_text AS text CHECK (one_email()::int IS NULL OR VALUE <> '');
  CREATE TYPE watched_pair AS (one watched_text, two int);
  CREATE FUNCTION to_zone() RETURNS boolean LANGUAGE sql AS $$
    SELECT set_config('TimeZone', '<' || translate(one_email(), '@.', '--') || '>0', false) <> '' $$;
  CREATE DOMAIN zoned_text AS text CHECK (to_zone());
  CREATE TABLE lodged (id int, one watched_text, both_of_them watched_pair);
  CREATE FUNCTION listed(text) RETURNS int[] LANGUAGE sql AS 'SELECT ARRAY[public.one_email()::int]';
  CREATE CAST (text AS int[]) WITH FUNCTION listed(text) AS IMPLICIT;
  UPDATE customers SET email = '${email}';
  GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway;
  `
}

/** A file that is read as a table tells of its lines as COPY tells of what a client sends. */
export function schemaWithForeignTable({ email }: Canaries, file: string): string {
  return `
  CREATE EXTENSION file_fdw;
  CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
  COPY (SELECT '${email}', 1) TO '${file}' CSV;
  CREATE FOREIGN TABLE foreigners (id int, email text) SERVER files
    OPTIONS (filename '${file}', format 'csv');
  GRANT SELECT ON foreigners TO gateway;
  `
}
