import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { noPostgres } from '../support/postgres-programs.ts'
import { recordedText } from '../support/recorded.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import type { GatewayProcess } from '../world/process.ts'

const skip = noPostgres()
const POLICY = `
name: etl
subjects: { agents: [etl-*] }
rules:
  - id: write
    allow: { actions: [sql.insert, sql.select], objects: [sales.public.**] }
  - id: fix
    hold: { actions: [sql.delete], objects: [sales.public.marks] }
    approvers: { groups: ['{dba}'] }
`
let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'etl.yaml': POLICY },
    schema: 'CREATE TABLE marks (id uuid); GRANT ALL ON marks TO gateway',
    asProcess: true,
  })
})
after(() => bench?.stop())

test('a request that was pending at a crash is refused, with a record', { skip }, async () => {
  const client = await bench.client()
  client.on('error', () => {})
  await client.connect()
  client.query('DELETE FROM marks WHERE id IS NULL').catch(() => {})
  const pending = async () =>
    (await bench.chaperone('approver', 'approvals', 'list')) as { items: { id: string }[] }
  let id: string | undefined
  while (id === undefined) id = (await pending()).items[0]?.id
  const running = bench.gateway as GatewayProcess
  running.kill('SIGKILL')
  await running.exited
  await bench.restart()
  assert.deepEqual((await pending()).items, [])
  const shown = (await bench.chaperone('approver', 'approvals', 'show', id)) as { state: string }
  assert.notEqual(shown.state, 'pending')
  assert.notEqual(shown.state, 'approved')
  const recorded = await recordedText(join(bench.folder, 'records'))
  assert.ok(
    recorded.split('\n').some((line) => line.includes(id) && line.includes('restart')),
    'the end of the request is recorded',
  )
})

test('SIGTERM lets what runs end, says goodbye, and exits with 0', { skip }, async () => {
  const idle = await bench.client()
  const goodbye = new Promise<Error>((resolve) => idle.on('error', resolve))
  await idle.connect()
  const busy = await bench.client()
  busy.on('error', () => {})
  await busy.connect()
  const slow = busy.query('SELECT count(*) FROM generate_series(1, 3000000)')
  await delay(100)
  const running = bench.gateway as GatewayProcess
  running.kill('SIGTERM')
  assert.equal(((await goodbye) as Error & { code: string }).code, '57P01')
  assert.equal((await slow).rows.length, 1)
  assert.equal(await running.exited, 0)
  await bench.restart()
})

test(
  'a target that goes away ends the session in its own words, and others go on',
  { skip },
  async () => {
    const client = await bench.client()
    const ended = new Promise<Error>((resolve) => client.on('error', resolve))
    await client.connect()
    await bench.server.adminQuery(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'chaperone:%'`,
    )
    assert.equal(((await ended) as Error & { code: string }).code, '57P01')
    const next = await bench.client()
    await next.connect()
    await next.query('SELECT 1')
    await next.end()
  },
)
