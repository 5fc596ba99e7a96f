import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { noPostgres } from '../support/postgres-programs.ts'
import { within } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import type { GatewayProcess } from '../world/process.ts'

/*
 * A gateway that cannot start says why and ends, so that whoever watches it can start it again; it
 * does not stay half open.
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules: [{ id: all, allow: { actions: [sql.select], objects: ['**'] } }]
`
const BOUND_MS = 60_000

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({ policies: { 'p.yaml': POLICY }, schema: 'SELECT 1', asProcess: true })
})
after(() => bench?.stop())

/** Stops it, lets a start fail, and starts it again when all is mended; what it said meanwhile. */
async function failsToStart(
  damage: () => void | Promise<void>,
  mend: () => void | Promise<void>,
): Promise<string> {
  await bench.gateway.close()
  const said = bench.log.length
  await damage()
  // It rejects when the process ends by itself, and only then.
  await within('ending', BOUND_MS, assert.rejects(bench.restart(), /did not start/))
  await mend()
  await bench.restart()
  const client = await bench.client()
  await client.connect()
  await client.query('SELECT 1')
  await client.end()
  return bench.log.slice(said).join('\n')
}

test('the state is gone: who was revoked stays out, and it is said', { skip }, async () => {
  const said = bench.log.length
  await bench.chaperone('admin', 'agents', 'revoke', 'etl-2', '--reason', 'leaked')
  await bench.chaperone('admin', 'agents', 'revoke', 'reporter')
  await bench.chaperone('admin', 'agents', 'restore', 'reporter')
  await bench.gateway.close()
  for (const end of ['', '-wal', '-shm']) {
    rmSync(join(bench.folder, `state.sqlite${end}`), { force: true })
  }
  await bench.restart()
  assert.match(bench.log.slice(said).join('\n'), /state\.lost/)
  const refused = await bench.client({ agent: 'etl-2' })
  await assert.rejects(refused.connect(), /disabled/)
  // Known and let in, and given nothing by any policy.
  const other = await bench.client({ agent: 'reporter' })
  await assert.rejects(other.connect(), /No policy gives agent reporter/)
  const client = await bench.client()
  await client.connect()
  await client.end()
  await bench.chaperone('admin', 'agents', 'restore', 'etl-2')
})

/** The configuration with one door where something else listens already. */
const DOORS: Readonly<Record<string, (good: string, port: number) => string>> = {
  postgres: (good, port) =>
    good.replace("postgres: { address: '127.0.0.1:0'", `postgres: { address: '127.0.0.1:${port}'`),
  api: (good, port) =>
    good.replace("api: { address: '127.0.0.1:0'", `api: { address: '127.0.0.1:${port}'`),
  // It is opened where there is a resource for it.
  http: (good, port) =>
    good
      .replace("http: { address: '127.0.0.1:0'", `http: { address: '127.0.0.1:${port}'`)
      .replace('\nrecords:', `${ARM}\nrecords:`),
}
const ARM = `
  - name: arm
    type: azure-arm
    credential: { from: environment, variable: CHAPERONE_TEST_TARGET_PASSWORD }`

for (const [door, move] of Object.entries(DOORS)) {
  test(`the address of the ${door} door is taken`, { skip }, async (context) => {
    const taken = createServer().listen(0, '127.0.0.1')
    context.after(() => taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const file = join(bench.folder, 'chaperone.yaml')
    const good = readFileSync(file, 'utf8')
    const bad = move(good, port)
    assert.notEqual(bad, good)
    const told = await failsToStart(
      () => writeFileSync(file, bad),
      () => writeFileSync(file, good),
    )
    assert.match(told, /CONFIG_INVALID: Cannot listen/)
  })
}

test('a policy that cannot be read', { skip }, async () => {
  const told = await failsToStart(
    () => bench.setPolicy('bad.yaml', 'rules: nonsense'),
    () => rmSync(join(bench.folder, 'policies', 'bad.yaml')),
  )
  assert.match(told, /POLICY_INVALID/)
})

test('another gateway has the records folder', { skip }, async () => {
  const first = bench.gateway as GatewayProcess
  await within('ending', BOUND_MS, assert.rejects(bench.restart(), /did not start/))
  assert.match(bench.log.join('\n'), /RECORD_UNAVAILABLE/)
  assert.equal(bench.gateway, first, 'the first one goes on')
  const client = await bench.client()
  await client.connect()
  await client.end()
})
