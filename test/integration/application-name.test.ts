import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/**
 * Many tools name themselves once they are connected. The client sees what a server without the
 * gateway would show; the target keeps the name that joins its log with our records.
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: ['*'] }
rules: [{ id: all, allow: { actions: [sql.select], objects: ['**'] } }]
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({ policies: { 'p.yaml': POLICY }, schema: 'CREATE TABLE t (id int)' })
})
after(() => bench?.stop())

/** Statements one after the other, and what SHOW tells after them. */
const CASES: readonly (readonly [statements: readonly string[], name: string])[] = [
  [[], 'start'],
  [["SET application_name = 'x'"], 'x'],
  [['SET application_name TO loader'], 'loader'],
  [['SET SESSION "application_name" TO \'x y\''], 'x y'],
  [["SET APPLICATION_NAME = 'É'"], '?'],
  [[`SET application_name = '${'x'.repeat(80)}'`], 'x'.repeat(63)],
  [["SET application_name = 'x'", 'RESET application_name'], 'start'],
  [["SET application_name = 'x'", 'SET application_name TO DEFAULT'], 'start'],
  [["SET application_name = 'x'", 'RESET ALL'], 'start'],
  [["SET application_name = 'x'", 'DISCARD ALL'], 'start'],
  [['BEGIN', "SET application_name = 'x'", 'COMMIT'], 'x'],
  [['BEGIN', "SET application_name = 'x'", 'ROLLBACK'], 'start'],
  [['BEGIN', "SET application_name = 'x'", 'SELECT nonsense', 'COMMIT'], 'start'],
  [['BEGIN', "SET LOCAL application_name = 'x'"], 'x'],
  [['BEGIN', "SET LOCAL application_name = 'x'", 'COMMIT'], 'start'],
  [["SET extra_float_digits = 3; SET application_name = 'x'; SET datestyle = ISO"], 'x'],
  [["SET application_name = 'x'; SELECT 1/0"], 'start'],
  [["SET application_name = 'a'; SET application_name = 'b'"], 'b'],
]

for (const [statements, name] of CASES) {
  test(`${statements.join(' → ') || 'at the start'}: ${name}`, { skip }, async () => {
    const client = await bench.client({ application_name: 'start' })
    await client.connect()
    for (const statement of statements) await client.query(statement).catch(() => {})
    const { rows, fields } = await client.query('SHOW application_name')
    assert.deepEqual(rows, [{ application_name: name }])
    assert.equal(fields.length, 1)
    const extended = await client.query({ text: 'SHOW application_name', name: 's', values: [] })
    assert.deepEqual(extended.rows, [{ application_name: name }])
    await client.end()
  })
}

test('the parameters of a prepared one, and what the server reports', { skip }, async () => {
  const client = await bench.client({ application_name: 'start' })
  const told: string[] = []
  const { connection } = client as unknown as {
    connection: NodeJS.EventEmitter
  }
  connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
    if (parameterName === 'application_name') told.push(parameterValue!)
  })
  await client.connect()
  await client.query({ text: "SET application_name = 'JDBC Driver'", values: [], name: 'set' })
  await client.query({ text: "SET application_name = 'JDBC Driver'", values: [], name: 'set' })
  await client.query('BEGIN')
  await client.query("SET application_name = 'other'")
  await client.query('ROLLBACK')
  assert.deepEqual(told, ['start', 'JDBC Driver', 'other', 'JDBC Driver'])
  const [row] = await bench.server.adminQuery(
    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'chaperone:%'",
  )
  assert.equal(Number(Object.values(row!)[0]), 1)
  await client.end()
})

test('psql asks and is told', { skip }, async () => {
  const env = { ...(await bench.environment()), PGAPPNAME: 'mine' }
  const words = ['-AtX', '-c', 'SHOW application_name', '-c', "SET application_name='p'"]
  const said = await promisify(execFile)('psql', [...words, '-c', 'SHOW application_name'], { env })
  assert.equal(said.stdout, 'mine\nSET\np\n')
})
