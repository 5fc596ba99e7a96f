import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import type { Client } from 'pg'
import { loadConfig } from '../../src/config/load.ts'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { startGateway } from '../../src/main/gateway.ts'
import { nodeIo } from '../../src/record/segments/io.ts'
import { readMetrics } from '../support/metrics.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { openRawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/*
 * A metric that nothing moves tells nobody anything. Each one that the gateway shows is seen to change
 * here by what it is said to measure; one that is not in the table fails.
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules:
  - { id: all, allow: { actions: [sql.select, sql.execute], objects: ['**'] } }
  - { id: held, hold: { actions: [sql.delete], objects: ['**'] }, approvers: { groups: ['{dba}'] } }
`
const disk = { fails: false }
const real = nodeIo({ syncFolders: false })

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'p.yaml': POLICY },
    schema: 'CREATE TABLE t (id int); GRANT ALL ON t TO gateway',
    // A door for HTTP is there where such a resource is.
    resource: ({ caFile }) => `
  - name: k8s
    type: kubernetes
    address: 127.0.0.1:1
    tls: { ca: ${caFile} }
    credential: { from: environment, variable: CHAPERONE_TEST_TARGET_PASSWORD }
`,
    inside: {
      recordIo: {
        ...real,
        write(file, bytes, offset, length) {
          if (disk.fails) throw new Error('EIO')
          return real.write(file, bytes, offset, length)
        },
      },
    },
  })
})
after(() => bench?.stop())

async function connected(agent?: string): Promise<Client> {
  const client = await bench.client(agent === undefined ? {} : { agent })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function asks(text: string): Promise<void> {
  const client = await connected()
  await client.query(text).catch(() => {})
  await client.end()
}

async function openAndClose(): Promise<void> {
  await (await connected()).end()
}

/** Leaves a session open, which ends with the gateway. */
async function stayOpen(): Promise<void> {
  await connected()
}

async function signInBadly(): Promise<void> {
  const client = await bench.client({ password: 'no token' })
  await assert.rejects(client.connect())
}

async function loseTarget(): Promise<void> {
  const client = await connected()
  await client.query('SELECT 1')
  await bench.server.adminQuery(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gateway'`,
  )
  await client.end().catch(() => {})
}

async function revoke(): Promise<void> {
  await connected('etl-2')
  await bench.chaperone('admin', 'agents', 'revoke', 'etl-2', '--reason', 'test')
}

async function leaveMessageUnfinished(): Promise<void> {
  const client = await openRawClient(bench, 'etl-1')
  const begun = Buffer.alloc(100_000)
  begun.write('B')
  begun.writeInt32BE(1_000_000, 1)
  client.say(begun)
}

async function leaveHeadUnfinished(): Promise<void> {
  const ca = readFileSync(bench.gateway.authorityFile!)
  const socket = connect({ port: bench.gateway.httpPort!, host: '127.0.0.1', ca })
  await once(socket, 'secureConnect')
  socket.write(`GET /k8s/api HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(4_000)}`)
}

/** Rests as long as nobody answers: it is left to the end of the gateway. */
async function waitForPeople(): Promise<void> {
  const client = await connected()
  client.query('DELETE FROM t WHERE id = 1').catch(() => {})
}

async function standStill(): Promise<void> {
  // The watch looks ten times a second, and counts from its last look.
  await until('a look', () => new Promise<true>((resolve) => setTimeout(resolve, 250, true)))
  for (const end_ms = performance.now() + 1_000; performance.now() < end_ms;);
}

async function failDisk(): Promise<void> {
  disk.fails = true
  await asks('SELECT 2')
}

async function loadPolicy(text: string): Promise<void> {
  await bench.setPolicy('p.yaml', text)
  await bench.gateway.reload()
}

const LABELS = '{resource="sales-db",protocol="postgres"'

/** What moves each; in this order, since some of it lasts. */
const MOVED: readonly (readonly [series: string, by: () => Promise<void>])[] = [
  [`chaperone_sessions_open${LABELS}`, stayOpen],
  [`chaperone_sessions_total${LABELS},outcome="closed"`, openAndClose],
  [
    `chaperone_sessions_total${LABELS},outcome="refused"`,
    async () => assert.rejects(connected('reporter'), /reporter/),
  ],
  [`chaperone_sessions_total${LABELS},outcome="lost"`, loseTarget],
  [`chaperone_sessions_total${LABELS},outcome="ended"`, revoke],
  [`chaperone_operations_total${LABELS},verdict="allow"`, () => asks('SELECT 1')],
  [`chaperone_operations_total${LABELS},verdict="deny"`, () => asks('DROP TABLE t')],
  [`chaperone_operations_total${LABELS},verdict="hold"`, waitForPeople],
  [`chaperone_holds_waiting${LABELS}`, waitForPeople],
  [`chaperone_operation_duration_seconds_count${LABELS}`, () => asks('SELECT 1')],
  [`chaperone_operation_duration_seconds_sum${LABELS}`, () => asks('SELECT pg_sleep(0.05)')],
  [`chaperone_bytes_total${LABELS},from="client"`, () => asks('SELECT 1')],
  [`chaperone_bytes_total${LABELS},from="target"`, () => asks('SELECT 1')],
  ['chaperone_sign_ins_refused_total{code=', signInBadly],
  ['chaperone_record_write_seconds_count', () => asks('SELECT 1')],
  ['chaperone_loop_blocked_seconds_count{cause="other"', standStill],
  ['chaperone_memory_held_bytes{of="agents"', leaveMessageUnfinished],
  ['chaperone_memory_held_bytes{of="strangers"', leaveHeadUnfinished],
  ['chaperone_policy_info', () => loadPolicy(`${POLICY}# again\ndescription: again\n`)],
  ['chaperone_policy_loaded_timestamp_seconds', () => loadPolicy(POLICY)],
  ['chaperone_policy_reload_failed_timestamp_seconds', () => loadPolicy('name: [')],
  ['chaperone_record_fault', failDisk],
]

for (const [series, by] of MOVED) {
  test(`${series} is moved`, { skip }, async () => {
    const before = (await readMetrics(bench.gateway)).series(series)
    await by()
    await until(`another value than "${before}"`, async () => {
      const now = (await readMetrics(bench.gateway)).series(series)
      return now !== before
    })
  })
}

test('what was moved is all that the gateway shows of its own', { skip }, async () => {
  const { names } = await readMetrics(bench.gateway)
  const own = names.filter((name) => name.startsWith('chaperone_'))
  const moved = [...MOVED.map(([series]) => series), STATE_LOST].map((series) =>
    series.replace(/\{.*$/, '').replace(/_seconds_(?:sum|count)$/, '_seconds'),
  )
  assert.deepEqual([...new Set(own)].sort(), [...new Set(moved)].sort())
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  const [, listed = ''] = /^## Metrics$(.*?)^## /ms.exec(page) ?? []
  for (const name of own) assert.ok(listed.includes(`\`${name.replace('chaperone_', '')}\``), name)
})

const STATE_LOST = 'chaperone_state_lost_timestamp_seconds'

test(`${STATE_LOST} is moved by a state file that is new`, { skip }, async () => {
  assert.equal((await readMetrics(bench.gateway)).value(STATE_LOST), 0)
  disk.fails = false
  await bench.setPolicy('p.yaml', POLICY)
  await bench.gateway.close()
  for (const end of ['', '-wal', '-shm']) {
    rmSync(join(bench.folder, `state.sqlite${end}`), { force: true })
  }
  const config = loadConfig(join(bench.folder, 'chaperone.yaml'))
  const again = await startGateway(config, { clock: systemClock, log: silentLog })
  try {
    const shown = await readMetrics(again)
    assert.ok(shown.value(STATE_LOST) > 0)
  } finally {
    await again.close()
  }
})
