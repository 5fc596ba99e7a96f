import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import { assertUnbroken, loggedStatements, recordsOf, unrecorded } from '../support/evidence.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { openRawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import type { GatewayProcess } from '../world/process.ts'

/*
 * The gateway is killed with SIGKILL at random moments under a mixed load. Whatever the server's own
 * log shows to have run must have its record, and what was held must have its answer there, too.
 */

const skip = noPostgres()
const ROUNDS = countFrom('FAULT_ROUNDS', 3)
const SEED = seedFrom('FAULT_SEED')

const POLICY = `
name: etl
subjects: { agents: [etl-*] }
rules:
  - id: write
    allow: { actions: [sql.insert, sql.select, sql.copy.from], objects: [sales.public.**] }
  - id: fix
    hold: { actions: [sql.delete], objects: [sales.public.marks] }
    approvers: { groups: ['{dba}'] }
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'etl.yaml': POLICY },
    schema: 'CREATE TABLE marks (id uuid, note text); GRANT ALL ON marks TO gateway',
    // Small segments, so that a kill also meets rotation and sealing.
    records: 'segmentBytes: 64KiB',
    asProcess: true,
  })
})
after(() => bench?.stop())

const query = (text: string) => message(0x51, text)
const copyData = (text: string) => message(0x64, Buffer.from(text))
const COPY_DONE = message(0x63)

/** Each does one thing on a raw connection, and returns once the target has answered. */
type Action = (client: Awaited<ReturnType<typeof openRawClient>>, dice: Dice) => Promise<void>

const insertSimply: Action = async (client, dice) => {
  const inserts = Array.from(
    { length: dice.between(1, 4) },
    () => `INSERT INTO marks VALUES ('${randomUUID()}', 'simple')`,
  )
  // Several Querys at once: the second must not go before its own record is written.
  client.say(...inserts.map(query))
  await client.hear(inserts.length)
}

const insertPipelined: Action = async (client, dice) => {
  const batch = Array.from({ length: dice.between(1, 12) }, () => [
    parse('', `INSERT INTO marks VALUES ('${randomUUID()}', $1)`),
    bind('', '', ['pipelined']),
    execute(''),
  ])
  client.say(...batch.flat(), SYNC)
  await client.hear()
}

const copyIn: Action = async (client, dice) => {
  client.say(query(`COPY marks FROM STDIN /* ${randomUUID()} */`))
  await client.hearUntil('G')
  for (let piece = dice.between(1, 20); piece > 0; piece--) {
    client.say(copyData(`${randomUUID()}\tcopied\n`.repeat(100)))
  }
  client.say(COPY_DONE)
  await client.hear()
}

const deleteHeld: Action = async (client) => {
  client.say(query(`DELETE FROM marks WHERE id = '${randomUUID()}'`))
  await client.hear()
}

const ACTIONS: readonly Action[] = [insertSimply, insertSimply, insertPipelined, copyIn, deleteHeld]

const AGENTS = ['etl-1', 'etl-2']

interface Progress {
  done: number
  over: boolean
}

async function work(dice: Dice, progress: Progress): Promise<void> {
  try {
    const client = await openRawClient(bench, dice.pick(AGENTS))
    while (!client.socket.destroyed) {
      await dice.pick(ACTIONS)(client, dice)
      progress.done += 1
    }
  } catch {
    // The gateway was killed; that is the test.
  }
}

/** Approves whatever waits, until the gateway is gone. */
async function approve(progress: Progress): Promise<void> {
  while (!progress.over) {
    try {
      const { items } = (await bench.chaperone('approver', 'approvals', 'list')) as {
        items: { id: string; state: string }[]
      }
      for (const { id, state } of items) {
        if (state === 'pending')
          await bench.chaperone('approver', 'approvals', 'approve', id, '--yes')
      }
    } catch {
      // Answered twice, or the gateway was killed.
    }
    await delay(20)
  }
}

async function round(dice: Dice): Promise<{ readonly done: number; readonly planned: number }> {
  const progress: Progress = { done: 0, over: false }
  const planned = dice.between(1, 150)
  const clients = Array.from({ length: 8 }, (_, index) => work(dice.child(index), progress))
  const approver = approve(progress)
  const running = bench.gateway as GatewayProcess
  try {
    await until(`${planned} steps were done`, () => progress.done >= planned)
    await delay(dice.between(0, 12))
  } finally {
    running.kill('SIGKILL')
    progress.over = true
  }
  await running.exited
  await Promise.all([...clients, approver])
  // Killed while it cleans up, too; it may be faster. Nobody helps it to start again.
  const killAfter_ms = dice.between(100, 900)
  const early = await bench.restart(killAfter_ms).catch(() => undefined)
  early?.kill('SIGKILL')
  await early?.exited
  await bench.restart()
  return { done: progress.done, planned }
}

test(
  `killed at random moments (FAULT_SEED=${SEED}, FAULT_ROUNDS=${ROUNDS})`,
  { skip },
  async (t) => {
    const dice = createDice(SEED)
    for (let count = 1; count <= ROUNDS; count++) {
      const { done, planned } = await round(dice)
      t.diagnostic(`round ${count}: killed at step ${planned}, ${done} were done`)
    }
    const client = await bench.client()
    await client.connect()
    await client.query('SELECT count(*) FROM marks')
    await client.end()

    const logged = loggedStatements(bench.server.logFile)
    const evidence = await recordsOf(bench)
    assert.deepEqual(unrecorded(logged, evidence), [])
    assertUnbroken(evidence)
    const deletes = logged.filter(({ text }) => text.startsWith('DELETE'))
    assert.deepEqual(
      deletes.filter((one) => !wasApproved(one, evidence)),
      [],
      'what was held ran only with an answer on the record',
    )
    for (const kind of ['INSERT', 'COPY', 'DELETE', 'SELECT']) {
      const count = logged.filter(({ text }) => text.startsWith(kind)).length
      t.diagnostic(`${count} ${kind} ran, each has its record`)
    }
    assert.ok(logged.length >= ROUNDS)
  },
)

function wasApproved(
  { session, text }: { readonly session: string; readonly text: string },
  evidence: Awaited<ReturnType<typeof recordsOf>>,
): boolean {
  const intents = evidence.filter((one) => one.session === session && one.text === text)
  const ids = new Set(intents.map(({ operation }) => operation))
  return evidence.some(
    ({ type, operation, details }) =>
      type === 'approval-answered' && ids.has(operation) && details?.['answer'] === 'approve',
  )
}
