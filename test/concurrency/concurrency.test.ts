import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { query } from '../../src/protocol/postgres/signing-in/handshake-messages.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import { assertUnbroken, recordsOf } from '../support/evidence.ts'
import type { LightClient } from '../support/light-client.ts'
import { openLightClient } from '../support/light-client.ts'
import type { LightTarget } from '../support/light-target.ts'
import { openLightTarget } from '../support/light-target.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { until, within } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import type { GatewayProcess } from '../world/process.ts'

/*
 * A thousand sessions that open, work and die at once, with a deaf client, a silent one and one
 * that sends a byte a second among them. The thousand have a target that is an emulator: it is the
 * gateway that is tried, and a thousand processes of a real server would be most of the work on a
 * small machine. A real server has fewer (REAL_SESSIONS), with transactions.
 */

const skip = process.platform === 'linux' ? noPostgres() : 'needs Linux, which tells open files'
const WAVES = countFrom('CONCURRENCY_WAVES', 2)
const SESSIONS = countFrom('CONCURRENCY_SESSIONS', 1_000)
const REAL_SESSIONS = countFrom('CONCURRENCY_REAL_SESSIONS', 200)
const SEED = seedFrom('CONCURRENCY_SEED')

const AGENTS = ['etl-1', 'etl-2', 'reporter']
const QUERIES = 3
const BYTE_EVERY_MS = 1_000
/** Of a whole wave on a machine that is busy with other things; a client that hangs, hangs for ever. */
const BOUND_MS = 90_000
/** What two sessions may leave behind between them; a forgotten session has about 70 KiB. */
const LEAK_BYTES_MAX = 8 * 1_024 * SESSIONS
/** Of the thread that seals records, and of connections to the API. */
const FILES_BESIDE = 16
/** A deaf client's answer may wait in buffers, on its way through three pairs of sockets. */
const DEAF_BYTES_MAX = 64 * 1_024 * 1_024

const POLICY = `
name: all
rules:
  - id: all
    allow: { actions: [sql.select, sql.insert, sql.transaction], objects: ['**'] }
subjects: { agents: ['*'] }
`

let target: LightTarget
let bench: Bench
let tokens: readonly string[]
before(async () => {
  if (skip !== false) return
  target = await openLightTarget()
  bench = await startBench({
    policies: { 'all.yaml': POLICY },
    schema: 'CREATE TABLE marks (n int PRIMARY KEY); GRANT ALL ON marks TO gateway',
    asProcess: true,
    environment: {
      NODE_OPTIONS: `--expose-gc --import ${join(import.meta.dirname, '../support/tell-memory.ts')}`,
    },
    door: 'plaintext: loopback',
    postgres: { settings: { max_connections: String(REAL_SESSIONS + 60) } },
    config:
      'limits: { drainTimeout: 2s, connectionsMax: 4000, connectionsPerAddressMax: 4000, sessionsPerAgentMax: 4000, statementCacheEntriesMax: 100 }',
    resource: `
  - name: light
    type: postgres
    address: 127.0.0.1:${target.port}
    tls: { mode: disable }
    credential: { username: gateway, from: environment, variable: CHAPERONE_TEST_TARGET_PASSWORD }`,
  })
  tokens = await Promise.all(AGENTS.map((agent) => bench.token(agent)))
})
after(async () => {
  await bench?.stop()
  await target?.close()
})

/** One principal signs in 100 times a second, and more in a burst: the rest tries again. */
async function open(index: number, database = 'light/sales'): Promise<LightClient> {
  for (;;) {
    try {
      return await openLightClient({
        port: bench.gateway.postgresPort,
        database,
        password: tokens[index % tokens.length]!,
      })
    } catch (error) {
      if ((error as { detail?: string }).detail !== 'code=RATE_LIMITED') throw error
      await delay(500)
    }
  }
}

// What is watched

const pid = () => (bench.gateway as GatewayProcess).pid
const openFiles = () => readdirSync(`/proc/${pid()}/fd`).length

function openFilesAllowed(): string {
  const limits = readFileSync(`/proc/${pid()}/limits`, 'utf8')
  return /^Max open files\s+(\d+)/m.exec(limits)![1]!
}

/** In use, without garbage. */
async function usedBytes(): Promise<number> {
  const told = () => bench.log.filter((line) => line.includes('"test.memory"'))
  const before = told().length
  process.kill(pid(), 'SIGUSR2')
  const line = await until('the gateway told its memory', () => told()[before])
  return (JSON.parse(line) as { bytes: number }).bytes
}

async function liveSessions(): Promise<number> {
  const { items } = (await bench.chaperone('auditor', 'sessions', 'list', '--live')) as {
    items: unknown[]
  }
  return items.length
}

// Those who do not do as others do

interface OddClients {
  /** Sessions that they hold. */
  readonly sessions: number
  leave(): void
}

async function openOddClients(): Promise<OddClients> {
  const deaf = await open(0)
  deaf.socket.pause()
  deaf.socket.write(query('SELECT 0 AS n'))
  const idle = await open(1)
  const dribbling = await open(2)
  const timers = [
    dribble(dribbling.socket, query('SELECT 7777777 AS n'.padEnd(600, ' '))),
    dribble(await silent(), Buffer.from([0, 0, 0, 80, 0, 3, 0, 0])),
  ]
  const sockets = [deaf.socket, idle.socket, dribbling.socket, await silent()]
  return {
    sessions: 3,
    leave() {
      for (const timer of timers) clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function silent(): Promise<Socket> {
  const socket = connect(bench.gateway.postgresPort, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

function dribble(socket: Socket, bytes: Buffer): NodeJS.Timeout {
  let at = 0
  return setInterval(() => {
    if (at < bytes.length && !socket.destroyed) socket.write(bytes.subarray(at, ++at))
  }, BYTE_EVERY_MS)
}

// The wave

/** Numbers are never asked twice, so that each statement can be found in the records. */
let next = 1_000_000
const answered: string[] = []

async function live(index: number, dice: Dice): Promise<void> {
  await delay(dice.between(0, 200))
  const client = await open(index)
  for (let count = 0; count < QUERIES; count++) {
    const number = String(next++)
    assert.equal(await client.ask(`SELECT ${number} AS n`), number, 'the answer is its own')
    answered.push(`SELECT ${number} AS n`)
  }
  await die(client, dice)
}

async function die(client: LightClient, dice: Dice): Promise<void> {
  switch (dice.between(0, 4)) {
    case 0:
      client.socket.destroy()
      return
    case 1:
      client.ask(`SELECT ${next++} AS n`).catch(() => {})
      client.socket.resetAndDestroy()
      return
    case 2:
      client.socket.end()
      return
    default:
      await client.end()
  }
}

async function wave(dice: Dice): Promise<void> {
  const all = Array.from({ length: SESSIONS }, (_, index) => live(index, dice.child(index)))
  await within('a wave', BOUND_MS, Promise.all(all))
}

test(
  `${WAVES} waves of ${SESSIONS} sessions, with odd clients among them (CONCURRENCY_SEED=${SEED})`,
  { skip },
  async (t) => {
    const dice = createDice(SEED)
    const filesBefore = openFiles()
    const odd = await openOddClients()
    const memory: number[] = []
    for (let count = 0; count < WAVES; count++) {
      const began_ms = performance.now()
      await wave(dice.child(count))
      const took_s = (performance.now() - began_ms) / 1000
      await until(
        'only the odd sessions are left',
        async () => (await liveSessions()) === odd.sessions,
      )
      await until('their connections too', () => target.connections === odd.sessions)
      memory.push(await usedBytes())
      t.diagnostic(`wave ${count + 1}: ${took_s.toFixed(1)} s, ${memory.at(-1)! >> 20} MiB used`)
    }
    assert.equal(target.unexpected, undefined)
    assert.ok(target.flooded < DEAF_BYTES_MAX, `${target.flooded} bytes for a deaf client`)
    assert.ok(!target.seen.some((text) => text.includes('7777777')), 'half a statement never runs')
    odd.leave()
    await until('no session is left', async () => (await liveSessions()) === 0)
    await until('no connection to the target is left', () => target.connections === 0)
    await until('open files are as before', () => openFiles() <= filesBefore + FILES_BESIDE)
    await until('no more memory is in use than after the first wave', async () => {
      memory.push(await usedBytes())
      return memory.at(-1)! - memory[0]! < LEAK_BYTES_MAX
    })
    t.diagnostic(`memory at last: ${memory.at(-1)! >> 20} MiB`)
    t.diagnostic(`open files: ${filesBefore} before, ${openFiles()} after`)
  },
)

test('every statement that the target saw is on the record, once', { skip }, async (t) => {
  const evidence = await recordsOf(bench)
  assertUnbroken(evidence)
  const intents = new Map<string, number>()
  for (const { kind, text } of evidence) {
    if (kind === 'operation.intent') intents.set(text!, (intents.get(text!) ?? 0) + 1)
  }
  const wrong = target.seen.filter((text) => text !== 'SELECT 0 AS n' && intents.get(text) !== 1)
  assert.deepEqual(wrong.slice(0, 3), [])
  const seen = new Set(target.seen)
  assert.ok(answered.every((text) => seen.has(text)))
  assert.equal(answered.length, WAVES * SESSIONS * QUERIES)
  const countOf = (kind: string) => evidence.filter((one) => one.kind === kind).length
  assert.equal(countOf('session.opened'), countOf('session.closed'))
  t.diagnostic(`${target.seen.length} statements, ${countOf('session.opened')} sessions`)
})

test(`${REAL_SESSIONS} sessions with transactions on a real server`, { skip }, async () => {
  const dice = createDice(SEED + 1)
  const committed: number[] = []
  const work = Array.from({ length: REAL_SESSIONS }, async (_, index) => {
    const fate = dice.child(index).between(0, 3)
    const client = await open(index, 'sales-db/sales')
    await client.ask('BEGIN')
    await client.ask(`INSERT INTO marks VALUES (${index})`)
    if (fate === 0) {
      client.socket.resetAndDestroy()
      return
    }
    await client.ask(fate === 1 ? 'ROLLBACK' : 'COMMIT')
    if (fate === 2) committed.push(index)
    await client.end()
  })
  await within('all of them', BOUND_MS, Promise.all(work))
  await until('no backend is left', async () => {
    const rows = await bench.server.adminQuery(
      "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'chaperone:%'",
    )
    return rows.length === 0
  })
  const rows = await bench.server.adminQuery('SELECT n FROM marks ORDER BY n')
  assert.deepEqual(
    rows.map(({ n }) => n),
    committed.sort((a, b) => a - b),
  )
  assert.equal(await liveSessions(), 0)
})

test(
  'out of open files: who is in stays in, who comes is refused, and it recovers',
  { skip },
  async () => {
    const inside = await open(0)
    const room = 40
    const allowed = openFilesAllowed()
    execFileSync('prlimit', ['--pid', String(pid()), `--nofile=${openFiles() + room}:`])
    const crowd = await Promise.allSettled(
      Array.from({ length: room * 3 }, (_, index) => open(index)),
    )
    const refused = crowd.filter(({ status }) => status === 'rejected')
    assert.ok(refused.length > 0, 'there was room for all')
    assert.equal(await inside.ask('SELECT 11 AS n'), '11')
    execFileSync('prlimit', ['--pid', String(pid()), `--nofile=${allowed}:`])
    for (const one of crowd) if (one.status === 'fulfilled') await one.value.end()
    assert.equal(await inside.ask('SELECT 12 AS n'), '12')
    const fresh = await until('a new client comes in', () => open(1).catch(() => undefined))
    assert.equal(await fresh.ask('SELECT 13 AS n'), '13')
    await fresh.end()
    await inside.end()
  },
)
