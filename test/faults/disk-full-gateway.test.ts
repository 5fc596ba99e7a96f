import assert from 'node:assert/strict'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { assertUnbroken, loggedStatements, recordsOf, unrecorded } from '../support/evidence.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { mountSmallDisk, NO_SMALL_DISK, unmount } from '../support/small-disk.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/*
 * The disk of a gateway under load fills up to its last byte: records, approvals and all. What runs
 * has its record, what cannot be recorded does not run, and when there is room again all goes on.
 */

const disk = noPostgres() === false ? mountSmallDisk('16m') : undefined
const skip = noPostgres() === false ? (disk === undefined ? NO_SMALL_DISK : false) : noPostgres()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules:
  - id: all
    allow: { actions: [sql.insert, sql.select], objects: ['**'] }
  - id: held
    hold: { actions: [sql.delete], objects: ['**'] }
    approvers: { groups: ['{dba}'] }
`
const CLIENTS = 4

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'all.yaml': POLICY },
    schema: 'CREATE TABLE marks (n int, t text); GRANT ALL ON marks TO gateway',
    asProcess: true,
    parent: disk!,
  })
})
after(async () => {
  await bench?.stop()
  if (disk !== undefined) unmount(disk)
})

interface Load {
  readonly ran: number
  readonly refused: number
  stop(): Promise<void>
}

/** Inserts on several connections, on and on; the only errors are refusals with the code. */
async function startLoad(): Promise<Load> {
  const load = { ran: 0, refused: 0, over: false }
  const work = Array.from({ length: CLIENTS }, async (_, index) => {
    const client = await bench.client()
    await client.connect()
    for (let count = 0; !load.over; count++) {
      try {
        await client.query(`INSERT INTO marks VALUES (${count}, 'client ${index}')`)
        load.ran += 1
      } catch (error) {
        assert.equal((error as { code?: string }).code, '58030')
        load.refused += 1
      }
    }
    await client.end()
  })
  const failed = Promise.all(work)
  failed.catch(() => {})
  return {
    get ran() {
      return load.ran
    },
    get refused() {
      return load.refused
    },
    async stop() {
      load.over = true
      await failed
    },
  }
}

/** Takes every byte that is left, and returns how to give them back. */
function fillUp(): () => void {
  const ballast = join(disk!, 'ballast')
  const file = openSync(ballast, 'a')
  const piece = Buffer.alloc(64 * 1024)
  try {
    for (let size = piece.length; size > 0;) {
      try {
        writeSync(file, piece, 0, size)
      } catch {
        size >>= 1
      }
    }
  } finally {
    closeSync(file)
  }
  return () => rmSync(ballast)
}

test('a disk that fills up under load, three times', { skip }, async (t) => {
  const load = await startLoad()
  for (let round = 0; round < 3; round++) {
    const { ran } = load
    await until('statements run', () => load.ran > ran + 20)
    // Refusals of the last outage go on for a moment after the disk has room again.
    const { refused } = load
    const giveBack = fillUp()
    await until('statements are refused', () => load.refused > refused + 20)
    giveBack()
  }
  const { ran } = load
  await until('statements run again', () => load.ran > ran + 20)
  await load.stop()
  t.diagnostic(`${load.ran} ran, ${load.refused} were refused`)
})

test('nobody is asked while nothing can be written', { skip }, async () => {
  const client = await bench.client()
  await client.connect()
  const giveBack = fillUp()
  await assert.rejects(client.query('DELETE FROM marks'), (error: { code?: string }) =>
    ['58030', '42501'].includes(error.code ?? ''),
  )
  giveBack()
  await until('statements run again', () => client.query('SELECT 1').catch(() => undefined))
  await client.end()
})

test('what ran has its record, and the numbers have no gap', { skip }, async () => {
  const logged = loggedStatements(bench.server.logFile)
  const evidence = await recordsOf(bench)
  assert.deepEqual(unrecorded(logged, evidence), [])
  assertUnbroken(evidence)
  assert.ok(!logged.some(({ text }) => text.startsWith('DELETE')))
  const interruptions = evidence.filter(({ type }) => type === 'records-interrupted')
  assert.ok(interruptions.length >= 3, 'each outage is on the record')
})
