import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { noPostgres } from '../support/postgres-programs.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import type { GatewayProcess } from '../world/process.ts'

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: ['*'] }
rules: [{ id: all, allow: { actions: [sql.select], objects: ['**'] } }]
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'p.yaml': POLICY },
    schema: 'SELECT 1',
    asProcess: true,
    config: 'limits: { drainTimeout: 20s }',
  })
})
after(() => bench?.stop())

/** What was logged from here on. */
function listen(): (event: string) => string | undefined {
  const seen = bench.log.length
  return (event) => bench.log.slice(seen).find((line) => line.includes(`"${event}"`))
}

test('SIGHUP takes over agents and policies, and says what changed', { skip }, async () => {
  const file = join(bench.folder, 'agents.yaml')
  const good = readFileSync(file, 'utf8')
  const stays = await bench.client({ agent: 'etl-1' })
  const goes = await bench.client({ agent: 'etl-2' })
  await stays.connect()
  await goes.connect()
  const ended = new Promise((resolve) => goes.on('error', resolve))

  const said = listen()
  writeFileSync(file, good.replace(/^.*etl-2.*\n/m, ''))
  await bench.gateway.reload()
  assert.match(said('agents.reloaded') ?? '', /"removed":"etl-2"/)
  assert.match(said('gateway.reloaded') ?? '', /"policies":"unchanged"/)
  await ended
  assert.equal((await stays.query('SELECT 1 AS one')).rows[0].one, 1)
  await stays.end()
  writeFileSync(file, good)
  await bench.gateway.reload()
  assert.equal((await bench.get('/readyz')).status, 200)
})

test('bad files keep what was in force, and leave the gateway ready', { skip }, async () => {
  const file = join(bench.folder, 'agents.yaml')
  const good = readFileSync(file, 'utf8')
  for (const damage of [
    () => writeFileSync(file, '- { name: broken }\n'),
    () => bench.setPolicy('p.yaml', 'name: [\n'),
  ]) {
    damage()
    await bench.gateway.reload()
    assert.equal((await bench.get('/readyz')).status, 200)
    const client = await bench.client()
    await client.connect()
    assert.equal((await client.query('SELECT 1 AS one')).rows[0].one, 1)
    await client.end()
  }
  for (const event of ['agents.reload-failed', 'policy.reload-failed']) {
    await until(event, () => bench.log.some((line) => line.includes(`"${event}"`)))
  }
  writeFileSync(file, good)
  await bench.setPolicy('p.yaml', POLICY)
  await bench.gateway.reload()
})

test('SIGUSR1 opens no debugger', { skip }, async () => {
  const said = listen()
  const gateway = bench.gateway as GatewayProcess
  gateway.kill('SIGUSR1')
  await until('a word on it', () => said('signal.ignored'))
  const refused = await new Promise((resolve) => {
    const socket = connect(9229, '127.0.0.1', () => resolve(false))
    socket.on('error', () => resolve(true))
  })
  assert.equal(refused, true)
})

test('while it drains it is not ready', { skip }, async () => {
  const client = await bench.client()
  // It hears that the gateway stops, after its answer or in place of it.
  client.on('error', () => {})
  await client.connect()
  const busy = client.query('SELECT count(*) FROM generate_series(1, 30000000)').catch(() => {})
  await delay(50)
  const gateway = bench.gateway as GatewayProcess
  gateway.kill('SIGTERM')
  await until('it says so', async () => (await bench.get('/readyz')).status === 503)
  await busy
  await client.end().catch(() => {})
  assert.equal(await gateway.exited, 0)
})
