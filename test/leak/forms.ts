/** Texts and settings that node-postgres takes, one after the other. */
export type Steps = readonly Readonly<Record<string, unknown>>[]

const inside = (...texts: readonly string[]): Steps =>
  ['BEGIN', ...texts, 'ROLLBACK'].map((text) => ({ text }))

/** How a query is put to the gateway; `turn` makes names that were not used before. */
export const FORMS = {
  simple: (sql) => [{ text: sql }],
  several: (sql) => [{ text: `SELECT 1; ${sql}; SELECT 'done'` }],
  extended: (sql) => [{ text: sql, queryMode: 'extended' }],
  binary: (sql) => [{ text: sql, queryMode: 'extended', binary: true }],
  portal: (sql) => [{ text: sql, queryMode: 'extended', rows: 1 }],
  named: (sql, turn) => [{ text: sql, name: `q${turn}` }],
  bound: (sql) => [
    { text: `SELECT q.* FROM (${sql}) q WHERE $1 = $2`, values: ['k', 'k'], binary: true },
  ],
  copy: (sql) => [{ text: `COPY (${sql}) TO STDOUT` }],
  csv: (sql) => [{ text: `COPY (${sql}) TO STDOUT (FORMAT csv, HEADER, DELIMITER 'e')` }],
  copyBinary: (sql) => [{ text: `COPY (${sql}) TO STDOUT (FORMAT binary)` }],
  cursor: (sql) =>
    inside(`DECLARE walk CURSOR FOR ${sql}`, 'FETCH 2 FROM walk', 'FETCH ALL FROM walk'),
  prepared: (sql) => [{ text: `PREPARE once AS ${sql}` }, { text: 'EXECUTE once' }],
  explained: (sql) => [{ text: `EXPLAIN (VERBOSE, COSTS OFF) ${sql}` }],
  analysed: (sql) => [{ text: `EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ${sql}` }],
  returning: (sql) =>
    inside(
      `UPDATE clean SET number = 7 FROM (${sql}) q WHERE clean.id = 1 RETURNING clean.word, q.*`,
    ),
  temporary: (sql) => inside(`CREATE TEMP TABLE heap AS ${sql}`, 'SELECT * FROM heap'),
  view: (sql) => inside(`CREATE VIEW outlook AS ${sql}`, 'SELECT * FROM outlook'),
} satisfies Readonly<Record<string, (sql: string, turn: number) => Steps>>

export type Form = keyof typeof FORMS

/** Forms whose rows are the query's own, as text. */
export const PLAIN_FORMS: ReadonlySet<Form> = new Set<Form>([
  'simple',
  'extended',
  'portal',
  'named',
])
