import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { assertUnbroken, loggedStatements, recordsOf, unrecorded } from '../support/evidence.ts'
import type { FakeTime } from '../support/faketime.ts'
import { noFaketime, openFakeTime } from '../support/faketime.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { within } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import type { GatewayProcess } from '../world/process.ts'

/*
 * Somebody sets the time of a running gateway's machine, far and in both directions. What lasts is
 * measured by a clock that does not jump; what has a date is judged by the time of day.
 */

const skip = noPostgres() !== false ? noPostgres() : noFaketime()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules:
  - id: all
    allow: { actions: [sql.select, sql.insert, sql.execute], objects: ['**'] }
  - id: held
    hold: { actions: [sql.delete], objects: ['**'] }
    approvers: { groups: ['{dba}'] }
    expires: 1500ms
`
const HOURS_S = 10 * 3_600
/** Of a limit of 1 or 1.5 s, on a machine that is busy with other things. */
const BOUND_MS = 20_000
const LONG = 'sales-db/sales'
const SHORT = 'short/sales'

let folder: string
let time: FakeTime
let bench: Bench
before(async () => {
  if (skip !== false) return
  folder = mkdtempSync(join(tmpdir(), 'chaperone-time-'))
  time = openFakeTime(join(folder, 'time'))
  bench = await startBench({
    policies: { 'all.yaml': POLICY },
    schema: 'CREATE TABLE marks (n int); GRANT ALL ON marks TO gateway',
    asProcess: true,
    environment: time.environment,
    resource: ({ port }) => `    session: { idle: 1h, max: 2h }
  - name: short
    type: postgres
    address: 127.0.0.1:${port}
    tls: { mode: disable }
    credential: { username: gateway, from: environment, variable: CHAPERONE_TEST_TARGET_PASSWORD }
    session: { idle: 1s }`,
  })
})
after(async () => {
  await bench?.stop()
  if (skip === false) rmSync(folder, { recursive: true })
})
afterEach(() => {
  if (skip === false) time.set(0)
})

async function signIn(database = LONG) {
  const client = await bench.client({ database })
  client.on('error', () => {})
  const told = once(client, 'error').then(([error]) => (error as { code?: string }).code)
  told.catch(() => {})
  await client.connect()
  return { client, told }
}

let number = 0
const insert = () => `INSERT INTO marks VALUES (${++number})`

for (const [direction, offset_s, code] of [
  ['forward', HOURS_S, 'TOKEN_EXPIRED'],
  ['back', -HOURS_S, 'TOKEN_NOT_YET_VALID'],
] as const) {
  test(`set ${direction}: who is in stays in and works`, { skip }, async () => {
    const { client } = await signIn()
    time.set(offset_s)
    // Longer than the registry takes to look at all sessions.
    for (let count = 0; count < 5; count++) await client.query('SELECT pg_sleep(0.1)')
    await client.query(insert())
    await client.end()
  })

  test(`set ${direction}: tokens are judged by the time of day`, { skip }, async () => {
    time.set(offset_s)
    await assert.rejects(signIn(), (error: { detail?: string }) => {
      assert.equal(error.detail, `code=${code}`)
      return true
    })
    time.set(0)
    const { client } = await signIn()
    await client.end()
  })

  test(`set ${direction}: the idle limit is kept`, { skip }, async () => {
    const { told } = await signIn(SHORT)
    time.set(offset_s)
    const { value } = await within('the idle limit', BOUND_MS, told)
    assert.equal(value, '57P05')
  })

  test(`set ${direction}: a request that nobody answers expires`, { skip }, async () => {
    const { client } = await signIn()
    const asked = once(client, 'notice')
    const held = client.query('DELETE FROM marks').then(
      () => assert.fail('it ran'),
      (error: unknown) => (error as { detail?: string }).detail,
    )
    await asked
    time.set(offset_s)
    const { value } = await within('the expiry', BOUND_MS, held)
    assert.match(value ?? '', /code=APPROVAL_EXPIRED/)
    await client.query(insert())
    await client.end()
  })
}

test(
  'segments of runs at any time of day are in order, with every statement',
  { skip },
  async () => {
    for (const offset_s of [-HOURS_S, HOURS_S, 0]) {
      const { client } = await signIn()
      await client.query(insert())
      const running = bench.gateway as GatewayProcess
      running.kill('SIGKILL')
      await running.exited
      await client.end().catch(() => {})
      time.set(offset_s)
      await bench.restart()
      time.set(0)
    }
    const evidence = await recordsOf(bench)
    assertUnbroken(evidence)
    const logged = loggedStatements(bench.server.logFile)
    assert.ok(logged.length > 0)
    assert.deepEqual(unrecorded(logged, evidence), [])
    const { items } = (await bench.chaperone('auditor', 'sessions', 'list')) as { items: unknown[] }
    const opened = evidence.filter(({ kind }) => kind === 'session.opened')
    assert.equal(items.length, opened.length)
  },
)
