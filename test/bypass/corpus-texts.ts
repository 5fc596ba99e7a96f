import { WATCHED_TABLES } from './texts-schema.ts'

/**
 * What the target says in its own words (errors, notices, settings) may be about work that an earlier
 * statement put off. Each case is a conversation in which no canary may show, however it is sent.
 */
export interface Telling {
  readonly name: string
  readonly agent?: keyof typeof AGENT_OF
  /** Statements, in order. A conversation that opens a transaction ends it. */
  readonly sql: readonly string[]
  /** The ways to send it; all of them where absent. */
  readonly ways?: readonly Way[]
  /** The SQLSTATE that some message must have: the case does what it says. */
  readonly fails?: string
}

/** `batch`: one Sync for all of it, which also ends the transaction that nobody began. */
export const WAYS = ['simple', 'one text', 'extended', 'batch'] as const
export type Way = (typeof WAYS)[number]

/** Which of the bench's agents is under which policy. */
export const AGENT_OF = { reader: 'etl-1', strict: 'etl-2', writer: 'reporter' } as const

export const POLICIES: Readonly<Record<string, string>> = {
  'reader.yaml': `
name: reader
subjects: { agents: [etl-1] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
    mask:
      - { columns: [sales.public.*.email], with: redact }
      - { detect: [payment-card], with: redact }
`,
  'strict.yaml': `
name: strict
subjects: { agents: [etl-2] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
    mask:
      - { columns: [sales.public.*.email], with: redact, predicates: deny }
`,
  'writer.yaml': `
name: writer
subjects: { agents: [reporter] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
    mask:
      - { columns: [sales.public.*.email], with: redact }
  - id: write
    allow:
      actions: [sql.insert, sql.update, sql.delete, sql.merge, sql.truncate, sql.sequence, sql.lock, sql.maintain, 'sql.ddl.*']
      objects: [sales.public.*]
  - id: finish
    allow: { actions: [sql.transaction.prepared] }
`,
}

const HELD = "DECLARE h CURSOR WITH HOLD FOR SELECT string_agg(email, ' ')::int FROM customers"
const BAD_TEXT = '22P02'
const NO_KEY = '23503'
/** Leaves an owner without its address, which only the end of the transaction finds out. */
const ORPHAN = 'DELETE FROM addresses'

export const TELLINGS: readonly Telling[] = [
  ...(['COMMIT', 'END', 'COMMIT AND CHAIN'] as const).map((end): Telling => ({
    name: `a cursor WITH HOLD is read at ${end}`,
    sql: ['BEGIN', HELD, end],
    fails: BAD_TEXT,
  })),
  {
    name: 'and also after other statements',
    sql: ['BEGIN', HELD, 'SELECT 1', 'SELECT id FROM plain', 'COMMIT'],
    fails: BAD_TEXT,
  },
  {
    name: 'a deferred foreign key at COMMIT',
    agent: 'writer',
    sql: ['BEGIN', ORPHAN, 'COMMIT'],
    fails: NO_KEY,
  },
  {
    name: 'a deferred foreign key at SET CONSTRAINTS',
    agent: 'writer',
    sql: ['BEGIN', ORPHAN, 'SET CONSTRAINTS ALL IMMEDIATE', 'ROLLBACK'],
    fails: NO_KEY,
  },
  {
    name: 'a deferred foreign key at the Sync of a batch',
    agent: 'writer',
    sql: [ORPHAN],
    fails: NO_KEY,
  },
  {
    name: 'a deferred foreign key at the Sync of a batch that goes on',
    agent: 'writer',
    sql: [ORPHAN, 'SELECT 1', 'SELECT id FROM plain'],
    ways: ['batch', 'one text'],
    fails: NO_KEY,
  },

  // What PostgreSQL computes when a row is written
  ...WATCHED_TABLES.map((table): Telling => ({
    name: `an update of ${table}`,
    agent: 'writer',
    sql: ['BEGIN', `UPDATE ${table} SET spare = 'go'`, 'COMMIT'],
  })),
  ...WATCHED_TABLES.map((table): Telling => ({
    name: `an update of ${table} that other statements follow`,
    agent: 'writer',
    sql: [
      'BEGIN',
      'SAVEPOINT a',
      `UPDATE ${table} SET spare = 'go'`,
      'RELEASE a',
      'SELECT 1',
      `ANALYZE ${table}`,
      'SELECT 1 / 0',
      'ROLLBACK TO a',
      'COMMIT',
    ],
  })),

  // Deferred constraints
  ...writer({
    'a deferred unique constraint': [
      'BEGIN',
      'UPDATE guests SET email = (SELECT max(g.email) FROM guests g)',
      'COMMIT',
    ],
    'a deferred key, after a savepoint': ['BEGIN', 'SAVEPOINT a', ORPHAN, 'RELEASE a', 'COMMIT'],
    'a deferred key, after an error that was rolled back to a savepoint': [
      'BEGIN',
      ORPHAN,
      'SAVEPOINT a',
      'SELECT 1 / 0',
      'ROLLBACK TO a',
      'COMMIT',
    ],
    'a deferred key at PREPARE TRANSACTION': ['BEGIN', ORPHAN, "PREPARE TRANSACTION 'p'"],
    'a deferred key at SET CONSTRAINTS by name': [
      'BEGIN',
      ORPHAN,
      'SET CONSTRAINTS owners_email_fkey IMMEDIATE',
      'ROLLBACK',
    ],
    'a deferred key at COMMIT AND CHAIN': ['BEGIN', ORPHAN, 'COMMIT AND CHAIN', 'ROLLBACK'],
    'a key of another table': [
      'BEGIN',
      'UPDATE addresses SET email = 1',
      'SET CONSTRAINTS ALL IMMEDIATE',
      'ROLLBACK',
    ],
    'a key that is emptied': ['TRUNCATE addresses'],
  }),

  // Definitions that look at rows
  ...writer({
    'ADD CHECK': ['ALTER TABLE customers ADD CHECK (email::int > 0)'],
    'ADD CHECK of a name': ['ALTER TABLE customers ADD CHECK (email::regclass IS NOT NULL)'],
    'ADD CHECK and VALIDATE': [
      'BEGIN',
      'ALTER TABLE customers ADD CONSTRAINT c CHECK (email::int > 0) NOT VALID',
      'ALTER TABLE customers VALIDATE CONSTRAINT c',
      'ROLLBACK',
    ],
    'ADD UNIQUE': ['ALTER TABLE twins ADD UNIQUE (email)'],
    'ADD PRIMARY KEY': [
      'BEGIN',
      'ALTER TABLE housed ADD PRIMARY KEY (email)',
      'ALTER TABLE housed DROP CONSTRAINT housed_pkey',
      'ROLLBACK',
    ],
    'ADD FOREIGN KEY': ['ALTER TABLE twins ADD FOREIGN KEY (email) REFERENCES guests (email)'],
    'ADD EXCLUDE': ['ALTER TABLE twins ADD EXCLUDE USING btree (email WITH =)'],
    'ALTER COLUMN TYPE': ['ALTER TABLE customers ALTER email TYPE int USING email::int'],
    'ADD COLUMN with a computed default': ['ALTER TABLE plain ADD n int DEFAULT one_email()::int'],
    'ADD COLUMN that is generated': [
      'ALTER TABLE customers ADD n int GENERATED ALWAYS AS (email::int) STORED',
    ],
    'SET NOT NULL': ['ALTER TABLE customers ALTER email SET NOT NULL'],
    'ATTACH PARTITION': [
      'BEGIN',
      'CREATE TABLE p (LIKE parted)',
      'ALTER TABLE parted ATTACH PARTITION p FOR VALUES IN (7)',
      'ROLLBACK',
    ],
    'CREATE PARTITION beside a default': [
      'CREATE TABLE parted_7 PARTITION OF parted FOR VALUES IN (NULL)',
    ],
    'CREATE UNIQUE INDEX': ['CREATE UNIQUE INDEX ON twins (email)'],
    'CREATE INDEX of a computation': ['CREATE INDEX ON customers ((email::int))'],
    'CREATE STATISTICS of a computation': [
      'CREATE STATISTICS s ON (email::int), id FROM customers',
      'ANALYZE customers',
      'DROP STATISTICS IF EXISTS s',
    ],
    'CREATE TABLE AS': ['CREATE TABLE made AS SELECT email::int FROM customers'],
    'CREATE TABLE AS EXECUTE': [
      'PREPARE p AS SELECT email::int AS n FROM customers',
      'CREATE TABLE made AS EXECUTE p',
      'DEALLOCATE p',
    ],
    'SELECT INTO': ['SELECT email::int AS n INTO made FROM customers'],
    'CREATE VIEW': ['CREATE VIEW made AS SELECT email::int AS n FROM customers'],
    'CREATE MATERIALIZED VIEW': [
      'CREATE MATERIALIZED VIEW made AS SELECT email::int AS n FROM customers',
    ],
    'REFRESH MATERIALIZED VIEW': [
      'BEGIN',
      "UPDATE customers SET spare = 'go'",
      'REFRESH MATERIALIZED VIEW kept',
      'ROLLBACK',
    ],
    'CREATE RULE': [
      'BEGIN',
      'CREATE RULE r AS ON UPDATE TO customers WHERE (old.email::int > 0) DO INSTEAD NOTHING',
      'ROLLBACK',
    ],
    'CREATE TRIGGER WHEN': [
      'CREATE TRIGGER w BEFORE UPDATE ON customers FOR EACH ROW WHEN (old.email::int > 0) EXECUTE FUNCTION tell()',
    ],
    'CREATE POLICY': ['BEGIN', 'CREATE POLICY p ON customers USING (email::int > 0)', 'ROLLBACK'],
    'CREATE PUBLICATION WHERE': [
      'CREATE PUBLICATION n2 FOR TABLE published WHERE (email::int > 0)',
    ],
    'CREATE DOMAIN and ALTER DOMAIN': [
      'ALTER DOMAIN address ADD CONSTRAINT n CHECK (VALUE::int > 0)',
    ],
    'VALIDATE a domain': [
      'BEGIN',
      'ALTER DOMAIN address ADD CONSTRAINT n CHECK (VALUE::int > 0) NOT VALID',
      'ALTER DOMAIN address VALIDATE CONSTRAINT n',
      'ROLLBACK',
    ],
    'CREATE FUNCTION': [
      "CREATE FUNCTION made() RETURNS int LANGUAGE sql AS 'SELECT email::int FROM public.customers'",
    ],
    'an event trigger of CREATE': ['CREATE TABLE made (id int)', 'DROP TABLE made'],
    'an event trigger of DROP alone': ['DROP TABLE IF EXISTS made'],
    'an event trigger of COMMENT': ["COMMENT ON TABLE plain IS 'x'"],
    'an event trigger of GRANT': ['GRANT SELECT ON plain TO gateway'],
    REINDEX: ['REINDEX TABLE indexed'],
    CLUSTER: ['CLUSTER indexed USING indexed_pkey'],
    VACUUM: ['VACUUM ANALYZE counted'],
    LOCK: ['BEGIN', 'LOCK TABLE customers NOWAIT', 'COMMIT'],
  }),

  // Writes
  ...writer({
    'a default of code': ['INSERT INTO defaulted (id) VALUES (1)'],
    'a duplicate key': [`INSERT INTO addresses SELECT email FROM guests`],
    'ON CONFLICT': [
      'INSERT INTO addresses SELECT email FROM guests ON CONFLICT (email) DO UPDATE SET email = excluded.email::int',
    ],
    'a missing row': [
      'UPDATE keepers SET email = 1; INSERT INTO keepers SELECT id, spare FROM twins',
    ],
    'a row that fails': ['UPDATE customers SET id = NULL WHERE id = 1'],
    'a domain of code': ["INSERT INTO plain VALUES (3, ''::watched_text)"],
    MERGE: [
      'MERGE INTO customers c USING plain p ON p.id = c.id WHEN MATCHED THEN UPDATE SET spare = c.email::int',
    ],
    'WHERE of DELETE': ['DELETE FROM customers WHERE email::int > 0'],
    RETURNING: ["UPDATE customers SET spare = '' RETURNING email::int"],
    'a cursor at its row': [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT id FROM checked FOR UPDATE',
      'FETCH c',
      "UPDATE checked SET spare = 'go' WHERE CURRENT OF c",
      'ROLLBACK',
    ],
    NOTIFY: ["NOTIFY heard, 'x'"],
  }),

  // Cursors and prepared statements
  ...reader({
    'a cursor': [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT email::int FROM customers',
      'FETCH c',
      'COMMIT',
    ],
    'MOVE in a cursor': [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT email::int FROM customers',
      'MOVE ALL IN c',
      'COMMIT',
    ],
    'FETCH from behind': [
      'BEGIN',
      'DECLARE c SCROLL CURSOR FOR SELECT email::int FROM customers',
      'FETCH LAST c',
      'COMMIT',
    ],
    'CLOSE of a cursor': [
      'BEGIN',
      'DECLARE c CURSOR WITH HOLD FOR SELECT email::int FROM customers',
      'CLOSE c',
      'COMMIT',
    ],
    'a cursor WITH HOLD after a savepoint': ['BEGIN', 'SAVEPOINT a', HELD, 'RELEASE a', 'COMMIT'],
    'a cursor WITH HOLD that a savepoint undoes': [
      'BEGIN',
      'SAVEPOINT a',
      HELD,
      'ROLLBACK TO a',
      'COMMIT',
    ],
    'two cursors WITH HOLD': ['BEGIN', HELD, HELD.replace(' h ', ' i '), 'COMMIT'],
    'a cursor WITH HOLD and DISCARD': ['BEGIN', HELD, 'CLOSE ALL', 'COMMIT', 'DISCARD ALL'],
    'a cursor WITH HOLD and PREPARE TRANSACTION': ['BEGIN', HELD, "PREPARE TRANSACTION 'p'"],
    'a cursor WITH HOLD of a prepared one': [
      'PREPARE p AS SELECT email::int FROM customers',
      'EXECUTE p',
      'DEALLOCATE p',
    ],
    'EXPLAIN ANALYZE': ['EXPLAIN ANALYZE SELECT email::int FROM customers'],
    'EXPLAIN ANALYZE EXECUTE': [
      'PREPARE p AS SELECT email::int FROM customers',
      'EXPLAIN ANALYZE EXECUTE p',
      'DEALLOCATE p',
    ],
    'EXPLAIN of a view that is folded': ['EXPLAIN SELECT id FROM folded'],
    'DECLARE of a view that is folded': [
      'BEGIN',
      'DECLARE c CURSOR FOR SELECT id FROM folded',
      'COMMIT',
    ],
    'a view that calls code': [
      'SELECT count(*) FROM (SELECT id FROM called OFFSET 0) x',
      'SELECT id FROM called ORDER BY n',
    ],
    'COPY of a computation': ['COPY (SELECT email::int FROM customers) TO STDOUT'],
    'another error of the same transaction': [
      'BEGIN',
      'SELECT email FROM customers',
      'SELECT 1 / 0',
      'ROLLBACK',
    ],
    'an oracle': [
      'BEGIN',
      "DECLARE h CURSOR WITH HOLD FOR SELECT CASE WHEN email LIKE 'z%' THEN email::int END FROM customers",
      'COMMIT',
    ],
  }),

  // Detectors
  ...reader({
    'a card at COMMIT': [
      'BEGIN',
      'DECLARE h CURSOR WITH HOLD FOR SELECT card::date FROM customers',
      'COMMIT',
    ],
    'a card at once': ['SELECT card::date FROM customers'],
  }),

  // Nothing is computed under `predicates: deny`
  ...tellings('strict', {
    'a cursor WITH HOLD': ['BEGIN', HELD, 'COMMIT'],
    'a cursor of a question': [
      'BEGIN',
      "DECLARE c CURSOR FOR SELECT CASE WHEN email LIKE 'z%' THEN 1 / (id - 1) END FROM customers",
      'FETCH c',
      'ROLLBACK',
    ],
    'PREPARE and EXECUTE': ['PREPARE p AS SELECT email::int FROM customers', 'EXECUTE p'],
  }),
]

/** In a database where code runs that no statement names; each is a single statement. */
export const HIDDEN: readonly Telling[] = reader({
  'a domain of code': ["SELECT ''::watched_text"],
  'a domain of code by CAST': ["SELECT CAST('' AS public.watched_text)"],
  'a domain of code in a row': ["SELECT ROW('', 1)::watched_pair"],
  'a domain of code that changes a setting': ["SELECT ''::zoned_text"],
  'a domain of code in the text of a row': [`SELECT '("",1)'::watched_pair`],
  'a domain of code in the text of an array': [`SELECT '{""}'::watched_text[]`],
  'a domain of code in the text of rows': [`SELECT '{"(\\"\\",1)"}'::watched_pair[]`],
  'a domain of code in an array': ["SELECT ARRAY['']::watched_text[]"],
  'a domain of code in JSON': [
    `SELECT * FROM jsonb_populate_record(NULL::watched_pair, '{"one": ""}')`,
  ],
  'a domain of code, as a column': [
    `SELECT * FROM json_to_record('{"a": ""}') AS x(a watched_text)`,
  ],
  'an index that is folded': ["SELECT id FROM ordered WHERE note = 'one'"],
  'an implicit cast': ["SELECT array_length('x'::text, 1)"],
  'a division': ['SELECT 1 / 0'],
})

/** What stays readable, since it holds no value: an agent must be able to mend what it wrote. */
export interface Readable {
  readonly name: string
  readonly agent: keyof typeof AGENT_OF
  readonly sql: readonly string[]
  readonly shows: RegExp
}

const AFTER_READING = ['BEGIN', 'SELECT email FROM customers']
const AFTER_WRITING = ['BEGIN', "UPDATE customers SET spare = 'x'"]

export const READABLE: readonly Readable[] = [
  {
    name: 'an operator that is none, after masked columns were read',
    agent: 'reader',
    sql: [...AFTER_READING, 'SELECT id + note FROM plain', 'ROLLBACK'],
    shows: /Moperator does not exist: integer \+ text/,
  },
  {
    name: 'an operator that is none, beside a masked column',
    agent: 'reader',
    sql: ['SELECT email, id + name FROM customers'],
    shows: /Moperator does not exist: integer \+ text/,
  },
  {
    name: 'types that do not fit',
    agent: 'writer',
    sql: [...AFTER_WRITING, 'UPDATE plain SET id = now()', 'ROLLBACK'],
    shows: /Mcolumn "id" is of type integer but expression is of type timestamp/,
  },
  {
    name: 'a constant that is none, after masked columns were read',
    agent: 'reader',
    sql: [...AFTER_READING, "SELECT id FROM plain WHERE id = 'three'", 'ROLLBACK'],
    shows: /Minvalid input syntax for type integer: "three"/,
  },
  {
    name: 'an error of what runs, where nothing masked was read',
    agent: 'reader',
    sql: ['BEGIN', 'SELECT id, name FROM customers', 'SELECT note::int FROM plain', 'ROLLBACK'],
    shows: /Minvalid input syntax for type integer: "one"/,
  },
  {
    name: 'an error of what runs, once the transaction with masked columns is over',
    agent: 'reader',
    sql: [...AFTER_READING, 'COMMIT', 'SELECT note::int FROM plain'],
    shows: /Minvalid input syntax for type integer: "one"/,
  },
  {
    name: 'a duplicate key',
    agent: 'writer',
    sql: ["INSERT INTO plain VALUES (1, 'x')"],
    shows: /Mduplicate key value violates unique constraint "plain_pkey"/,
  },
  {
    name: 'a duplicate key, after masked columns were read',
    agent: 'writer',
    sql: [...AFTER_READING, "INSERT INTO plain VALUES (1, 'x')", 'ROLLBACK'],
    shows: /Mduplicate key value violates unique constraint "plain_pkey"/,
  },
  {
    name: 'a deferred key at COMMIT, by its name',
    agent: 'writer',
    sql: ['BEGIN', ORPHAN, 'COMMIT'],
    shows:
      /Mupdate or delete on table "addresses" violates foreign key constraint "owners_email_fkey"/,
  },
  {
    name: 'a missing right',
    agent: 'writer',
    sql: [...AFTER_WRITING, 'DELETE FROM closed', 'ROLLBACK'],
    shows: /Mpermission denied for table closed/,
  },
  {
    name: 'a table that is there',
    agent: 'writer',
    sql: [...AFTER_WRITING, 'CREATE TABLE plain (id int)', 'ROLLBACK'],
    shows: /Mrelation "plain" already exists/,
  },
  {
    name: 'a table that is not there',
    agent: 'writer',
    sql: ['DROP TABLE nowhere'],
    shows: /Mtable "nowhere" does not exist/,
  },
  {
    name: 'a failed transaction',
    agent: 'writer',
    sql: [...AFTER_WRITING, 'SELECT 1 / 0', 'SELECT 1', 'ROLLBACK'],
    shows: /Mcurrent transaction is aborted/,
  },
]

export const FOREIGN: readonly Telling[] = reader({
  'a file that is read as a table': ['SELECT count(*) FROM foreigners'],
  'a line of it': ['SELECT id FROM foreigners'],
})

function reader(all: Readonly<Record<string, readonly string[]>>): Telling[] {
  return tellings('reader', all)
}

function writer(all: Readonly<Record<string, readonly string[]>>): Telling[] {
  return tellings('writer', all)
}

function tellings(
  agent: keyof typeof AGENT_OF,
  all: Readonly<Record<string, readonly string[]>>,
): Telling[] {
  return Object.entries(all).map(([name, sql]) => ({ name: `${agent}: ${name}`, agent, sql }))
}
