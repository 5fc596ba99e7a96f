import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { isOnPath, noPostgres, noPsql } from '../support/postgres-programs.ts'
import { findPythonWith, noPsycopg } from '../support/python.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const run = promisify(execFile)
const skip = noPostgres()

const SCHEMA = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text, born date, balance numeric);
  INSERT INTO customers
    SELECT n, 'name ' || n, 'user' || n || '@example.com', date '1990-01-01' + n, n * 1.25
    FROM generate_series(1, 500) n;
  CREATE TABLE orders (id int PRIMARY KEY, status text);
  GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway;
`

const POLICY = `
name: drivers
subjects: { agents: [etl-1] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
    maxRows: 1000
    mask:
      - { columns: [sales.public.customers.email], with: email }
      - { columns: [sales.public.customers.balance], with: number }
  - id: write
    allow: { actions: [sql.insert, sql.update, sql.truncate], objects: [sales.public.orders] }
  - id: bench
    allow: { actions: [sql.select, sql.insert, sql.update], objects: [sales.public.pgbench_*] }
  - id: channels
    allow: { actions: [sql.listen, sql.notify] }
  - id: no-ddl
    deny: { actions: [sql.ddl.*] }
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({ policies: { 'drivers.yaml': POLICY }, schema: SCHEMA })
})
after(() => bench?.stop())

test(
  'psql: queries, descriptions, COPY both ways, transactions',
  { skip: skip || noPsql() },
  async () => {
    const env = await bench.environment()
    const script = [
      '\\set ON_ERROR_STOP 0',
      'SELECT email FROM customers WHERE id = 1;',
      '\\d customers',
      'COPY customers (id, email) TO STDOUT;',
      'COPY orders FROM STDIN;',
      '1\topen',
      '2\topen',
      '\\.',
      'BEGIN;',
      "INSERT INTO orders VALUES (3, 'open');",
      'DROP TABLE orders;',
      'COMMIT;',
      'SELECT count(*) FROM orders;',
      'SELECT 7 \\gdesc',
      'DECLARE c CURSOR FOR SELECT email FROM customers;',
      'SELECT id, email FROM customers WHERE id = $1 \\bind 5 \\g',
    ].join('\n')
    const psql = run('psql', ['-X', '-At'], { env })
    psql.child.stdin?.end(script)
    const { stdout, stderr } = await psql
    assert.match(stdout, /^u\*\*\*@\*\*\*\.com$/m)
    assert.match(stdout, /born\|date/)
    assert.match(stdout, /^500\tu\*\*\*@\*\*\*\.com$/m)
    assert.match(stderr, /code=POLICY_DENIED policy=drivers rule=no-ddl/)
    assert.match(stdout, /^ROLLBACK$/m)
    assert.match(stdout, /^2$/m, 'the insert in the refused transaction is gone')
    assert.ok(!stdout.includes('user5@'))
  },
)

test('node-postgres: text, prepared, masked number keeps its type', { skip }, async () => {
  const client = await bench.client()
  await client.connect()
  const query = { name: 'one', text: 'SELECT id, email, balance FROM customers WHERE id = $1' }
  for (const id of [1, 2]) {
    const { rows } = await client.query({ ...query, values: [id] })
    assert.deepEqual(rows, [{ id, email: 'u***@***.com', balance: '0' }])
  }
  await assert.rejects(
    client.query('SELECT n FROM generate_series(1, 2000) n, customers LIMIT 1500'),
    {
      code: '54000',
    },
  )
  assert.equal((await client.query('SELECT 1 AS ok')).rows[0].ok, 1)
  await client.end()
})

test('notifications reach who listens, between and within statements', { skip }, async () => {
  const [listener, sender] = await Promise.all([bench.client(), bench.client()])
  await Promise.all([listener.connect(), sender.connect()])
  const heard = new Promise((resolve) => {
    listener.on('notification', ({ channel, payload }) => resolve([channel, payload]))
  })
  await listener.query('LISTEN news')
  await sender.query("NOTIFY news, 'hello'")
  assert.deepEqual(await heard, ['news', 'hello'])
  await Promise.all([listener.end(), sender.end()])
})

test('postgres.js: pipelined queries, binary-free types, cursors, errors', { skip }, async () => {
  const sql = postgres({
    host: '127.0.0.1',
    port: bench.gateway.postgresPort,
    username: 'agent',
    database: 'sales',
    password: await bench.token(),
    ssl: { ca: readFileSync(bench.gateway.authorityFile!, 'utf8') },
    max: 1,
    onnotice: () => {},
  })
  try {
    const many = await Promise.all(
      Array.from(
        { length: 20 },
        (_, n) => sql`SELECT id, email FROM customers WHERE id = ${n + 1}`,
      ),
    )
    for (const [index, rows] of many.entries()) {
      assert.deepEqual([...rows], [{ id: index + 1, email: 'u***@***.com' }])
    }
    const mixed = await Promise.allSettled([
      sql`SELECT 1 AS a`,
      sql`DROP TABLE orders`,
      sql`SELECT 2 AS a`,
    ])
    assert.deepEqual(
      mixed.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    let seen = 0
    await sql`SELECT email FROM customers`.cursor(100, (rows) => {
      for (const { email } of rows) assert.equal(email, 'u***@***.com')
      seen += rows.length
    })
    assert.equal(seen, 500)
    await assert.rejects(
      sql.begin(async (tx) => {
        await tx`INSERT INTO orders VALUES (77, 'open')`
        await tx`DROP TABLE orders`
      }),
    )
    const [row] = await sql`SELECT count(*)::int AS n FROM orders WHERE id = 77`
    assert.equal(row?.['n'], 0)
  } finally {
    await sql.end()
  }
})

test('psycopg2: a driver on libpq, from Python', { skip: skip || noPsycopg() }, async () => {
  const program = `
import psycopg2
c = psycopg2.connect("")
k = c.cursor()
k.execute("SELECT id, email, balance FROM customers WHERE id = %s", (3,))
print(k.fetchall())
try:
    k.execute("DROP TABLE orders")
except psycopg2.errors.InsufficientPrivilege as e:
    print("refused", e.diag.message_detail)
c.rollback()
k = c.cursor("named")
k.execute("SELECT email FROM customers")
print(len(k.fetchall()))
`
  const python = findPythonWith('psycopg2')
  const { stdout } = await run(python!, ['-c', program], { env: await bench.environment() })
  assert.match(stdout, /\[\(3, 'u\*\*\*@\*\*\*\.com', Decimal\('0'\)\)\]/)
  assert.match(stdout, /refused code=POLICY_DENIED/)
  assert.match(stdout, /^500$/m)
})

const noPgbench = isOnPath('pgbench') ? false : 'pgbench is not installed'

for (const mode of ['simple', 'extended', 'prepared']) {
  test(`pgbench in ${mode} mode runs without an error`, { skip: skip || noPgbench }, async () => {
    const { server } = bench
    const direct = { ...process.env, PGPASSWORD: server.password }
    const where = ['-h', server.host, '-p', String(server.port), '-U', server.user, server.database]
    await bench.server.adminQuery('GRANT CREATE ON SCHEMA public TO gateway')
    await run('pgbench', ['-i', '-q', '-s', '1', ...where], { env: direct })
    const env = await bench.environment()
    const { stdout } = await run('pgbench', ['-n', '-M', mode, '-c', '4', '-t', '25'], { env })
    assert.match(stdout, /number of transactions actually processed: 100\/100/)
    assert.match(stdout, /number of failed transactions: 0/)
  })
}
