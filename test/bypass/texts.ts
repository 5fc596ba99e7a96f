import type { Canaries } from './canaries.ts'

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

export function schema({ email, card }: Canaries): string {
  return `
  ALTER ROLE gateway SUPERUSER;
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text, card text, spare text);
  INSERT INTO customers VALUES (1, 'Ada', '${email}', '${card}', ''), (2, 'Bo', NULL, NULL, '');
  CREATE TABLE plain (id int PRIMARY KEY, note text);
  INSERT INTO plain VALUES (1, 'one'), (2, 'two');

  CREATE TABLE addresses (email text PRIMARY KEY);
  INSERT INTO addresses VALUES ('${email}');
  CREATE TABLE owners (id int PRIMARY KEY, name text,
    email text REFERENCES addresses DEFERRABLE INITIALLY DEFERRED);
  INSERT INTO owners VALUES (1, 'Ada', '${email}');
  CREATE TABLE guests (id int PRIMARY KEY, name text,
    email text UNIQUE DEFERRABLE INITIALLY DEFERRED);
  INSERT INTO guests VALUES (1, 'Ada', '${email}'), (2, 'Bo', 'b');
  `
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
]
