import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type pg from 'pg'
import { systemClock } from '../../src/core/clock.ts'
import { noPostgres, noPsql } from '../support/postgres-programs.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const run = promisify(execFile)
const skip = noPostgres()

const SCHEMA = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text);
  INSERT INTO customers VALUES (1, 'Ada', 'ada@example.com'), (2, 'Bo', 'bo@example.com');
  CREATE TABLE orders (id int PRIMARY KEY, status text);
  INSERT INTO orders SELECT n, 'open' FROM generate_series(1, 100) n;
  ANALYZE orders;
  GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway;
`

const POLICY = `
name: etl
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
    mask: [{ columns: [sales.public.customers.email], with: email }]
  - id: insert
    allow: { actions: [sql.insert], objects: [sales.public.orders] }
  - id: fix
    hold: { actions: [sql.delete, sql.update], objects: [sales.public.orders] }
    approvers: { groups: ['{dba}'], count: 2 }
    expires: 20s
  - id: no-ddl
    deny: { actions: [sql.ddl.*] }
    message: Use migrations.
`

let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: { 'etl.yaml': POLICY }, schema: SCHEMA })
})
after(() => bench?.stop())

async function connected(options?: Parameters<Bench['client']>[0]): Promise<pg.Client> {
  const client = await bench.client(options)
  client.on('error', () => {})
  await client.connect()
  return client
}

async function refusal(running: Promise<unknown>): Promise<pg.DatabaseError> {
  try {
    await running
  } catch (error) {
    return error as pg.DatabaseError
  }
  throw new Error('it was not refused')
}

interface Items {
  readonly items: readonly { readonly id: string }[]
}

async function pending(): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const { items } = (await bench.chaperone('approver', 'approvals', 'list')) as Items
    if (items[0] !== undefined) return items[0].id
    await delay(25)
  }
  throw new Error('nobody was asked')
}

test('psql reads masked rows and is told of a denial', { skip: skip || noPsql() }, async () => {
  const env = await bench.environment()
  const { stdout } = await run('psql', ['-X', '-At', '-c', 'SELECT email FROM customers'], { env })
  assert.equal(stdout, 'a***@***.com\nb***@***.com\n')
  const denied = await refusal(run('psql', ['-X', '-c', 'DROP TABLE orders'], { env }))
  assert.match(String(denied), /code=POLICY_DENIED policy=etl rule=no-ddl\nUse migrations\./)
})

test('plain text is refused before a password is asked', { skip: skip || noPsql() }, async () => {
  const env = { ...(await bench.environment()), PGSSLMODE: 'disable' }
  assert.match(String(await refusal(run('psql', ['-X', '-c', 'SELECT 1'], { env }))), /sslmode/)
})

test(
  'wrong credentials, unknown principals and ungranted agents are refused',
  { skip },
  async () => {
    const wrong = await refusal((await bench.client({ password: 'nonsense' })).connect())
    assert.equal(wrong.code, '28P01')
    const stranger = await bench.entra.issueToken({ kind: 'app', audience: 'api://chaperone-test' })
    const unknown = await refusal((await bench.client({ password: stranger })).connect())
    assert.match(unknown.detail ?? '', /AGENT_UNKNOWN/)
    const person = await bench.personToken('admin')
    const human = await refusal((await bench.client({ password: person })).connect())
    assert.match(human.detail ?? '', /TOKEN_NOT_AGENT/)
    const ungranted = await refusal((await bench.client({ agent: 'reporter' })).connect())
    assert.match(ungranted.detail ?? '', /RESOURCE_NOT_GRANTED/)
  },
)

test('a denial in a transaction makes the COMMIT roll back', { skip }, async () => {
  const client = await connected()
  await client.query('BEGIN')
  await client.query("INSERT INTO orders VALUES (1000, 'new')")
  assert.equal((await refusal(client.query('DROP TABLE orders'))).code, '42501')
  assert.equal((await refusal(client.query('SELECT 1'))).code, '25P02')
  assert.equal((await client.query('COMMIT')).command, 'ROLLBACK')
  const { rows } = await client.query('SELECT count(*)::int AS n FROM orders WHERE id = 1000')
  assert.deepEqual(rows, [{ n: 0 }])
  await client.end()
})

test('two distinct people approve, and then exactly that runs, once', { skip }, async () => {
  const client = await connected()
  const running = client.query('DELETE FROM orders WHERE id = $1', [7])
  const id = await pending()
  await bench.chaperone('approver', 'approvals', 'approve', id, '--yes')
  const again = await bench.chaperone('approver', 'approvals', 'approve', id, '--yes')
  assert.equal((again as { state: string }).state, 'pending', 'one person counts once')
  await bench.chaperone('second', 'approvals', 'approve', id, '--yes')
  assert.equal((await running).rowCount, 1)
  const next = client.query('DELETE FROM orders WHERE id = $1', [8])
  const other = await pending()
  assert.notEqual(other, id)
  await bench.chaperone('second', 'approvals', 'deny', other, '--reason', 'no')
  assert.match((await refusal(next)).detail ?? '', /APPROVAL_DENIED/)
  await client.end()
})

test('people see how many rows the planner expects', { skip }, async () => {
  const client = await connected()
  for (const [text, values, rows] of [
    ['UPDATE orders SET status = status', [], 100],
    ['DELETE FROM orders WHERE id = $1', [50], 1],
    ["DELETE FROM orders WHERE lower(status) = 'open'", [], 1],
    ['/* a remark */ DELETE FROM orders WHERE id < 1000; -- and another', [], 100],
  ] as const) {
    const running = refusal(client.query(text, values.length === 0 ? undefined : [...values]))
    const id = await pending()
    const shown = await bench.chaperone('approver', 'approvals', 'show', id)
    const { estimatedRows } = shown as { estimatedRows?: number }
    assert.ok(Math.abs((estimatedRows ?? 0) - rows) <= rows / 2, `${text}: ${estimatedRows}`)
    await bench.chaperone('second', 'approvals', 'deny', id, '--reason', 'no')
    assert.match((await running).detail ?? '', /APPROVAL_DENIED/)
  }
  await client.end()
})

test(
  'nobody is asked about what the target cannot plan, and the session goes on',
  { skip },
  async () => {
    const client = await connected()
    const wrong = "DELETE FROM orders WHERE id < 'x'"
    assert.match((await refusal(client.query(wrong))).message, /cannot plan .*22P02/)
    await client.query('BEGIN')
    const zero = 'DELETE FROM orders WHERE id < 1 / 0 + $1'
    assert.match((await refusal(client.query(zero, [1]))).message, /cannot plan .*22012/)
    assert.equal((await refusal(client.query('SELECT 1'))).code, '25P02')
    await client.query('ROLLBACK')
    assert.deepEqual((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }])
    await client.end()
  },
)

test('a client that leaves while held withdraws its request', { skip }, async () => {
  const client = await connected()
  client.query('DELETE FROM orders WHERE id = 9').catch(() => {})
  const id = await pending()
  client.connection.stream.destroy()
  for (let tries = 0; tries < 100; tries++) {
    const shown = (await bench.chaperone('approver', 'approvals', 'show', id)) as { state: string }
    if (shown.state === 'withdrawn') return
    await delay(25)
  }
  assert.fail('the request was not withdrawn')
})

test(
  'a policy that changes is in force at once, and ends what it no longer allows',
  { skip },
  async () => {
    const client = await connected()
    const ended = once(client, 'error')
    await client.query('SELECT 1')
    await bench.setPolicy('etl.yaml', POLICY.replace('agents: [etl-*]', 'agents: [etl-2]'))
    const [error] = (await ended) as [Error]
    assert.match(error.message, /no longer/)
    await bench.setPolicy('etl.yaml', 'name: broken')
    await delay(500)
    const still = await connected({ agent: 'etl-2' })
    await still.end()
    await bench.setPolicy('etl.yaml', POLICY)
    for (let tries = 0; ; tries++) {
      try {
        await (await connected()).end()
        break
      } catch (error) {
        if (tries > 50) throw error
        await delay(50)
      }
    }
  },
)

test('revoking an agent ends its live sessions and refuses new ones', { skip }, async () => {
  const client = await connected({ agent: 'etl-2' })
  const ended = once(client, 'error')
  await bench.chaperone('admin', 'agents', 'revoke', 'etl-2', '--reason', 'test')
  const [error] = (await ended) as [pg.DatabaseError]
  assert.equal(error.code, '57P01')
  const again = await refusal((await bench.client({ agent: 'etl-2' })).connect())
  assert.match(again.detail ?? '', /AGENT_DISABLED|SESSION_REVOKED/)
})

test('a ticket opens a session for its agent', { skip }, async () => {
  const response = await exchange(await bench.token())
  const client = await connected({ password: response.access_token })
  assert.deepEqual((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }])
  await client.end()
})

async function exchange(token: string): Promise<{ access_token: string }> {
  const { run: cli } = await import('../../src/cli/program.ts')
  let out = ''
  await cli(['--json', 'token'], {
    out: { write: (text) => void (out += text), colour: false },
    err: { write: () => {}, colour: false },
    environment: {
      CHAPERONE_API: `https://127.0.0.1:${bench.gateway.apiPort}`,
      CHAPERONE_CA: bench.gateway.authorityFile,
      CHAPERONE_AGENT_TOKEN: token,
    },
    folder: bench.folder,
    clock: systemClock,
    readInput: () => Promise.resolve(''),
    ask: undefined,
    sleep: () => Promise.resolve(),
  })
  return JSON.parse(out) as { access_token: string }
}

test('without records nothing runs, and the gateway recovers by itself', { skip }, async () => {
  const client = await connected()
  const live = join(bench.folder, 'records', 'live')
  renameSync(live, `${live}-away`)
  symlinkSync('/proc/chaperone-nowhere', live)
  const error = await refusal(client.query("INSERT INTO orders VALUES (2000, 'unrecorded')"))
  assert.match(error.detail ?? '', /RECORD_UNAVAILABLE/)
  rmSync(live)
  renameSync(`${live}-away`, live)
  for (let tries = 0; ; tries++) {
    try {
      await client.query('SELECT 1')
      break
    } catch (error) {
      if (tries > 100) throw error
      await delay(50)
    }
  }
  const { rows } = await client.query('SELECT count(*)::int AS n FROM orders WHERE id = 2000')
  assert.deepEqual(rows, [{ n: 0 }])
  await client.end()
})

test(
  'no statement reached the server unrecorded, and no secret is in logs or records',
  { skip },
  () => {
    const text = bench.log.join('\n')
    assert.ok(!text.includes(bench.server.password), 'the target password is in the log')
    assert.ok(!/eyJ[A-Za-z0-9_-]{20}/.test(text), 'a token is in the log')
  },
)
