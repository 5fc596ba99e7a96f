/**
 * Places where a write runs code that no statement names. `swap()` puts a statement that reads a masked
 * column under the name `p` of the session that runs it.
 */
export interface CodeOfWrite {
  /** Run by the role that the gateway signs in as. */
  readonly setup: string
  /** Texts, each a message of its own; with the last of them the code has run. */
  readonly writes: readonly string[]
  /** It is a superuser's to make. */
  readonly bySuperuser?: true
}

/** In place of a text: here the session prepares `p`, and not at the start. */
export const PREPARES_NOW = ''

export const SWAP = `
  CREATE FUNCTION swap() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'p') THEN RETURN true; END IF;
      DEALLOCATE p;
      EXECUTE 'PREPARE p AS SELECT 1, lower(email) AS note FROM public.customers';
      RETURN true;
    END $$;
  CREATE FUNCTION swaps() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM public.swap(); RETURN coalesce(NEW, OLD); END $$;
  CREATE FUNCTION swapped(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
    BEGIN PERFORM public.swap(); RETURN n; END $$;
`

const table = (name: string, columns = 'id int PRIMARY KEY, n int') =>
  `CREATE TABLE ${name} (${columns}); INSERT INTO ${name} VALUES (1, 1);`
const trigger = (on: string, when = 'AFTER INSERT OR UPDATE OR DELETE', each = 'ROW') =>
  `CREATE TRIGGER t ${when} ON ${on} FOR EACH ${each} EXECUTE FUNCTION swaps();`

/** A table with a trigger, and ways to write to it. */
const plain = (name: string, ...writes: readonly string[]): CodeOfWrite => ({
  setup: table(name) + trigger(name),
  writes,
})

const child = (name: string, action: string) => `
  ${table(name)} CREATE TABLE ${name}_child (id int DEFAULT 1 REFERENCES ${name} ${action}, n int);
  INSERT INTO ${name}_child VALUES (1, 1);`

export const CODE_OF_WRITES: Readonly<Record<string, CodeOfWrite>> = {
  'INSERT, a trigger after it': plain('a1', 'INSERT INTO a1 VALUES (2, 2)'),
  'UPDATE, a trigger after it': plain('a2', 'UPDATE a2 SET n = 2'),
  'DELETE, a trigger after it': plain('a3', 'DELETE FROM a3'),
  MERGE: plain(
    'a4',
    `MERGE INTO a4 USING (SELECT 1 AS id) s ON a4.id = s.id
    WHEN MATCHED THEN UPDATE SET n = 3`,
  ),
  'ON CONFLICT': plain('a5', 'INSERT INTO a5 VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = 9'),
  'a write in WITH': plain('a6', 'WITH w AS (DELETE FROM a6 RETURNING id) SELECT id FROM w'),
  'EXECUTE of a write': plain('a7', 'PREPARE w AS UPDATE a7 SET n = 4', 'EXECUTE w'),
  'EXPLAIN ANALYZE of a write': plain('a8', 'EXPLAIN ANALYZE UPDATE a8 SET n = 4'),
  COPY: plain('a9', 'COPY a9 FROM STDIN'),
  'a trigger before it': {
    setup: table('b1') + trigger('b1', 'BEFORE INSERT'),
    writes: ['INSERT INTO b1 VALUES (2, 2)'],
  },
  'a trigger for the statement': {
    setup: table('b2') + trigger('b2', 'BEFORE UPDATE', 'STATEMENT'),
    writes: ['UPDATE b2 SET n = 1 WHERE false'],
  },
  TRUNCATE: {
    setup: table('b3') + trigger('b3', 'AFTER TRUNCATE', 'STATEMENT'),
    writes: ['TRUNCATE b3'],
  },
  'TRUNCATE CASCADE': {
    setup: child('b4', '') + trigger('b4_child', 'AFTER TRUNCATE', 'STATEMENT'),
    writes: ['TRUNCATE b4 CASCADE'],
  },
  'a trigger in place of it': {
    setup: `${table('b5')} CREATE VIEW b5_view AS SELECT * FROM b5;
      ${trigger('b5_view', 'INSTEAD OF UPDATE')}`,
    writes: ['UPDATE b5_view SET n = 2'],
  },
  'a view of a table with a trigger': {
    setup: `${table('b6')} ${trigger('b6')} CREATE VIEW b6_view AS SELECT * FROM b6;`,
    writes: ['UPDATE b6_view SET n = 2'],
  },
  "a trigger's condition": {
    setup: `${table('b7')} CREATE FUNCTION b7_idle() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RETURN NULL; END $$;
      CREATE TRIGGER t AFTER UPDATE ON b7 FOR EACH ROW WHEN (swapped(NEW.n) > 0)
      EXECUTE FUNCTION b7_idle();`,
    writes: ['UPDATE b7 SET n = 2'],
  },
  "a trigger's write to a table with a trigger": {
    setup: `${table('b8')} ${table('b8_log')} ${trigger('b8_log')}
      CREATE FUNCTION b8_logs() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.B8_LOG VALUES (NEW.n + 5, 1); RETURN NEW; END $$;
      CREATE TRIGGER t AFTER UPDATE ON b8 FOR EACH ROW EXECUTE FUNCTION b8_logs();`,
    writes: ['UPDATE b8 SET n = 2'],
  },
  'a trigger in SQL of one that calls another': {
    setup: `${table('b9')}
      CREATE FUNCTION b9_sql() RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT public.swap(); END;
      CREATE FUNCTION b9_calls() RETURNS trigger LANGUAGE plpgsql AS
      $$ DECLARE done boolean := b9_sql(); BEGIN RETURN NEW; END $$;
      CREATE TRIGGER t AFTER UPDATE ON b9 FOR EACH ROW EXECUTE FUNCTION b9_calls();`,
    writes: ['UPDATE b9 SET n = 2'],
  },
  'ON DELETE CASCADE': {
    setup: child('c1', 'ON DELETE CASCADE') + trigger('c1_child'),
    writes: ['DELETE FROM c1'],
  },
  'ON DELETE SET NULL': {
    setup: child('c2', 'ON DELETE SET NULL') + trigger('c2_child'),
    writes: ['DELETE FROM c2'],
  },
  'ON DELETE SET DEFAULT': {
    setup: `${child('c3', 'ON DELETE SET DEFAULT')} ALTER TABLE c3_child ALTER id SET DEFAULT NULL;
      ${trigger('c3_child')}`,
    writes: ['DELETE FROM c3'],
  },
  'ON UPDATE CASCADE': {
    setup: child('c4', 'ON UPDATE CASCADE') + trigger('c4_child'),
    writes: ['UPDATE c4 SET id = 7'],
  },
  'ON UPDATE CASCADE, two tables on': {
    setup: `${child('c5', 'ON UPDATE CASCADE')} ALTER TABLE c5_child ADD UNIQUE (id);
      CREATE TABLE c5_last (id int REFERENCES c5_child (id) ON UPDATE SET NULL);
      INSERT INTO c5_last VALUES (1); ${trigger('c5_last')}`,
    writes: ['UPDATE c5 SET id = 7'],
  },
  'a rule of a table that a foreign key empties': {
    setup: `${child('c6', 'ON DELETE CASCADE')}
      CREATE RULE r AS ON DELETE TO c6_child DO ALSO SELECT swap();`,
    writes: ['DELETE FROM c6'],
  },
  'a partition with a trigger of its own': {
    setup: `CREATE TABLE d1 (id int, n int) PARTITION BY LIST (id);
      CREATE TABLE d1_part PARTITION OF d1 FOR VALUES IN (1); ${trigger('d1_part')}`,
    writes: ['INSERT INTO d1 VALUES (1, 1)'],
  },
  'a child by inheritance with a trigger of its own': {
    setup: `CREATE TABLE d2 (id int, n int); CREATE TABLE d2_child () INHERITS (d2);
      INSERT INTO d2_child VALUES (1, 1); ${trigger('d2_child')}`,
    writes: ['UPDATE d2 SET n = 2'],
  },
  'a default': {
    setup: 'CREATE TABLE e1 (id int, n int DEFAULT swapped(1));',
    writes: ['INSERT INTO e1 (id) VALUES (1)'],
  },
  'a check': {
    setup: 'CREATE TABLE e2 (id int, n int CHECK (swapped(n) > 0));',
    writes: ['INSERT INTO e2 VALUES (1, 1)'],
  },
  'a generated column': {
    setup: 'CREATE TABLE e3 (id int, n int GENERATED ALWAYS AS (swapped(id)) STORED);',
    writes: ['INSERT INTO e3 VALUES (1)'],
  },
  'an index on an expression': {
    setup: 'CREATE TABLE e4 (id int, n int); CREATE INDEX ON e4 ((swapped(id)));',
    writes: ['INSERT INTO e4 VALUES (1)'],
  },
  "an index's condition": {
    setup: 'CREATE TABLE e5 (id int, n int); CREATE INDEX ON e5 (id) WHERE swapped(n) > 0;',
    writes: ['INSERT INTO e5 VALUES (1, 1)'],
  },
  "a domain's check": {
    setup: `CREATE DOMAIN e6_d AS int CHECK (swapped(VALUE) > 0); CREATE TABLE e6 (id int, n e6_d);`,
    writes: ['INSERT INTO e6 VALUES (1, 1)'],
  },
  "a domain's check, within a row": {
    setup: `CREATE DOMAIN e7_d AS int CHECK (swapped(VALUE) > 0); CREATE DOMAIN e7_of AS e7_d;
      CREATE TYPE e7_row AS (d e7_of); CREATE TABLE e7 (id int, n e7_row[]);`,
    writes: ["INSERT INTO e7 VALUES (1, '{(1)}')"],
  },
  'a cast to a domain': {
    setup: 'CREATE DOMAIN e8 AS int CHECK (swapped(VALUE) > 0);',
    writes: ['SELECT 1::e8'],
  },
  'a cast to a row of a domain': {
    setup: `CREATE DOMAIN e9_d AS int CHECK (swapped(VALUE) > 0); CREATE TYPE e9 AS (d e9_d);`,
    writes: ["SELECT '(1)'::e9"],
  },
  'an operator': {
    setup: `CREATE FUNCTION f1_op(a point, b point) RETURNS boolean LANGUAGE sql AS 'SELECT swap()';
      CREATE OPERATOR === (LEFTARG = point, RIGHTARG = point, FUNCTION = f1_op);`,
    writes: ["SELECT '(1,1)'::point === '(1,1)'::point"],
  },
  'row security': {
    setup: `${table('f2')} ALTER TABLE f2 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
      CREATE POLICY r ON f2 USING (swapped(n) > 0);`,
    writes: ['UPDATE f2 SET n = 2'],
  },
  'ALTER TABLE that looks at rows again': {
    setup: `${table('f3')} ALTER TABLE f3 ADD CONSTRAINT c CHECK (swapped(n) > 0) NOT VALID;`,
    writes: ['ALTER TABLE f3 VALIDATE CONSTRAINT c', 'ALTER TABLE f3 ALTER n SET DEFAULT 1'],
  },
  'an event trigger': {
    setup: `CREATE FUNCTION f4() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN IF tg_tag = 'COMMENT' THEN PERFORM public.swap(); END IF; END $$;
      CREATE EVENT TRIGGER f4 ON ddl_command_end EXECUTE FUNCTION f4();`,
    writes: ["COMMENT ON TABLE plain IS 'x'"],
    bySuperuser: true,
  },
  'a deferred trigger': {
    setup: `${table('g1')} CREATE CONSTRAINT TRIGGER t AFTER INSERT ON g1 DEFERRABLE
      INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION swaps();`,
    writes: ['INSERT INTO g1 VALUES (2, 2)'],
  },
  'SET CONSTRAINTS': {
    setup: `${table('g2')} CREATE CONSTRAINT TRIGGER t AFTER INSERT ON g2 DEFERRABLE
      INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION swaps();`,
    writes: [
      'BEGIN',
      'INSERT INTO g2 VALUES (2, 2)',
      PREPARES_NOW,
      'SET CONSTRAINTS ALL IMMEDIATE',
    ],
  },
  'a deferred trigger, at COMMIT': {
    setup: `${table('g3')} CREATE CONSTRAINT TRIGGER t AFTER INSERT ON g3 DEFERRABLE
      FOR EACH ROW EXECUTE FUNCTION swaps();`,
    writes: [
      'BEGIN',
      'SET CONSTRAINTS ALL DEFERRED',
      'INSERT INTO g3 VALUES (2, 2)',
      PREPARES_NOW,
      'COMMIT',
    ],
  },
  'a deferred trigger of what a function writes': {
    setup: `${table('g4')} CREATE CONSTRAINT TRIGGER t AFTER INSERT ON g4 DEFERRABLE
      INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION swaps();
      CREATE FUNCTION g4_writes() RETURNS int LANGUAGE sql AS 'INSERT INTO g4 VALUES (5, 5) RETURNING 1';`,
    writes: ['BEGIN', 'SELECT g4_writes()', PREPARES_NOW, 'COMMIT'],
  },
}
