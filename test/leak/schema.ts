import type { ValueType } from './shapes.ts'

/** Tables and views, and what a generator may use of them. `id` is everywhere. */
export const TABLES: Readonly<Record<string, Readonly<Record<string, ValueType>>>> = {
  people: { id: 'int', name: 'text', email: 'text', pin: 'int', nick: 'texts', born: 'text' },
  notes: { id: 'int', owner: 'int', body: 'text', diary: 'text', doc: 'json' },
  homes: { id: 'int', place: 'row', span: 'range', city: 'text' },
  clean: { id: 'int', word: 'text', number: 'int', data: 'json', words: 'texts' },
  shown: { id: 'int', contact: 'text', loud: 'text', label: 'text' },
  packed: { id: 'int', j: 'json', title: 'text' },
  joined: { id: 'int', diary: 'text', label: 'text', n: 'int' },
  parts: { id: 'int', email: 'text', name: 'text' },
  parts_1: { id: 'int', email: 'text', name: 'text' },
  kept: { id: 'int', e: 'text' },
  mirrors: { id: 'int', contact: 'text', label: 'text' },
  lettered: { id: 'int', words: 'text' },
  vaulted: { id: 'int', label: 'text' },
}

const STORED = [
  'people',
  'notes',
  'homes',
  'clean',
  'parts_1',
  'parts_2',
  'kept',
  'mirrors',
  'letters',
  'vault',
]

export const SCHEMA = `
  ALTER ROLE gateway SUPERUSER;
  CREATE TYPE spot AS (street text, floor int);
  CREATE TYPE text_range AS RANGE (subtype = text);
  CREATE TABLE people (id int PRIMARY KEY, name text, email text UNIQUE, pin int, nick text[], born text);
  CREATE TABLE notes (id int PRIMARY KEY, owner int, body text, diary text, doc jsonb);
  CREATE TABLE homes (id int PRIMARY KEY, place spot, span text_range, city text);
  CREATE TABLE clean (id int PRIMARY KEY, word text, number int, data jsonb, words text[]);
  CREATE TABLE parts (id int, email text, name text) PARTITION BY LIST (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
  CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
  CREATE VIEW shown AS SELECT id, email AS contact, upper(email) AS loud, name AS label FROM people;
  CREATE VIEW packed AS SELECT id, to_jsonb(people) AS j, name AS title FROM people;
  CREATE VIEW joined AS SELECT p.id, n.diary, s.label, count(*) OVER (PARTITION BY p.id)::int AS n
    FROM people p JOIN notes n ON n.owner = p.id JOIN shown s ON s.id = p.id;
  CREATE MATERIALIZED VIEW kept AS SELECT id, email AS e FROM people;
  CREATE TABLE mirrors (id int, label text,
    contact text REFERENCES people (email) ON UPDATE CASCADE ON DELETE CASCADE);
  CREATE TABLE letters (id int, email text, tsv tsvector);
  CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON letters FOR EACH ROW
    EXECUTE FUNCTION tsvector_update_trigger(tsv, 'pg_catalog.simple', email);
  CREATE VIEW lettered AS SELECT id, tsv::text AS words FROM letters;
  CREATE TABLE vault (id int, label text, email text);
  ALTER TABLE vault ENABLE ROW LEVEL SECURITY;
  CREATE POLICY p ON vault USING (email IS NULL OR email < 'qm');
  CREATE ROLE keeper;
  GRANT ALL ON SCHEMA public TO keeper;
  GRANT SELECT ON vault TO keeper;
  CREATE VIEW vaulted AS SELECT id, label FROM vault;
  ALTER VIEW vaulted OWNER TO keeper;
  CREATE FUNCTION secret_of(int) RETURNS text LANGUAGE sql STABLE
    AS 'SELECT email FROM public.people WHERE id = $1';
  CREATE FUNCTION secrets() RETURNS TABLE (a int, b text) LANGUAGE sql STABLE
    AS 'SELECT id, email FROM public.people';
  CREATE FUNCTION mirrored(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT reverse($1)';
  CREATE FUNCTION whisper(text) RETURNS boolean LANGUAGE plpgsql AS
    $$BEGIN RAISE NOTICE 'heard %', $1 USING HINT = $1; RETURN true; END$$;
  -- What a vacuum learns may change the order of rows.
  ${STORED.map((table) => `ALTER TABLE ${table} SET (autovacuum_enabled = false);`).join(' ')}
  INSERT INTO clean VALUES (1, 'door', 7, '{"k": "open"}', '{a,b}'),
    (2, 'window', 12, '{"k": [1, 2]}', '{c}'), (3, NULL, NULL, NULL, NULL);
`

/** `sales.public.` goes before each; `notes.doc` holds masked text beside clean one. */
const MASKED = [
  'people.email',
  'people.pin',
  'people.nick',
  'notes.diary',
  'notes.doc',
  'homes.place',
  'homes.span',
  'parts.email',
  'letters.email',
  'vault.email',
]

const GRANT = `
  - id: read
    allow:
      actions: [sql.select, sql.execute, sql.update, sql.ddl.create]
      objects: [sales.public.*, sales.pg_temp.*]`

const rule = (predicates: 'allow' | 'deny', maskers: Readonly<Record<string, string>>) => `${GRANT}
    mask:${MASKED.map(
      (column) => `
      - columns: [sales.public.${column}]
        with: ${maskers[column] ?? 'redact'}
        predicates: ${predicates}`,
    ).join('')}
`

const SHOWS_A_PART = {
  'people.email': 'email',
  'notes.diary': '{ name: partial, keepStart: 2 }',
}

/** `free` may use masked columns in conditions, `strict` may not, and `open` is under no mask. */
export const AGENTS = { free: 'etl-1', strict: 'etl-2', open: 'reporter' } as const

export const POLICIES = {
  'free.yaml': `
name: free
subjects: { agents: [${AGENTS.free}] }
rules:${rule('allow', SHOWS_A_PART)}`,
  'strict.yaml': `
name: strict
subjects: { agents: [${AGENTS.strict}] }
rules:${rule('deny', {})}`,
  'open.yaml': `
name: open
subjects: { agents: [${AGENTS.open}] }
rules:${GRANT}`,
}
