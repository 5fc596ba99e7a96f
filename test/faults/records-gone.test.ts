import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import type { RecordIo } from '../../src/record/segments/io.ts'
import { nodeIo } from '../../src/record/segments/io.ts'
import { loggedStatements, recordsOf, unrecorded } from '../support/evidence.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { recordedText } from '../support/recorded.ts'
import { until, within } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/*
 * What happens to the records folder of a running gateway: taken away, replaced, unwritable, slow.
 * A statement runs only with its record, the others hear RECORD_UNAVAILABLE (58030), connections
 * stay, and it goes on by itself.
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules:
  - id: all
    allow: { actions: [sql.select, sql.insert, sql.transaction], objects: ['**'] }
`
const CLIENTS = 4
const UNAVAILABLE = '58030'
/** Of one statement, with the longest pause between two attempts to write, on a busy machine. */
const BOUND_MS = 15_000

/** The disk as it is, until a test makes it slower. */
const disk = { write_ms: 0, sync_ms: 0, writes: 0 }
const pause = (time_ms: number) =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time_ms)
const real = nodeIo({ syncFolders: false })
const io: RecordIo = {
  ...real,
  write(file, bytes, offset, length) {
    disk.writes += 1
    if (disk.write_ms > 0) pause(disk.write_ms)
    return real.write(file, bytes, offset, length)
  },
  sync: (file, done) => void setTimeout(() => real.sync(file, done), disk.sync_ms),
}

let bench: Bench
let live: string
const clients: pg.Client[] = []
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'all.yaml': POLICY },
    schema: 'CREATE TABLE marks (n int, t text); GRANT ALL ON marks TO gateway',
    records: 'sync: commit',
    inside: { recordIo: io },
  })
  live = join(bench.folder, 'records', 'live')
  for (let count = 0; count < CLIENTS; count++) {
    const client = await bench.client()
    await client.connect()
    clients.push(client)
  }
})
after(async () => {
  await Promise.all(clients.map((client) => client.end()))
  await bench?.stop()
})

let number = 0
const ran: string[] = []
const refused: string[] = []

/** One statement on every connection at once; each runs, or is refused with the code. */
async function insertOnAll(): Promise<readonly ('ran' | 'refused')[]> {
  const work = clients.map(async (client) => {
    const text = `INSERT INTO marks VALUES (${++number}, 'mark')`
    try {
      await client.query(text)
      ran.push(text)
      return 'ran'
    } catch (error) {
      assert.equal((error as { code?: string }).code, UNAVAILABLE)
      refused.push(text)
      return 'refused'
    }
  })
  return (await within('a statement', BOUND_MS, Promise.all(work))).value
}

const allRan = async () => (await insertOnAll()).every((one) => one === 'ran')

/** A running load meets what `damage` does to the folder; then `mend` makes it good again. */
async function withDamage(damage: () => void, mend: () => void): Promise<void> {
  await insertOnAll()
  damage()
  await until('statements were refused', async () => (await insertOnAll()).includes('refused'))
  const { ready } = await readiness()
  assert.equal(ready, false)
  mend()
  await until('they run again', allRan)
  assert.equal((await readiness()).ready, true)
}

async function readiness(): Promise<{ readonly ready: boolean }> {
  return { ready: (await bench.get('/readyz')).status === 200 }
}

test('a folder that is replaced by a file, and put back', { skip }, async () => {
  const aside = `${live}.aside`
  await withDamage(
    () => {
      renameSync(live, aside)
      writeFileSync(live, 'not a folder')
    },
    () => {
      rmSync(live)
      renameSync(aside, live)
    },
  )
})

test(
  'a transaction that was open goes on, and nothing of it ran unrecorded',
  { skip },
  async () => {
    const client = clients[0]!
    await client.query('BEGIN')
    const aside = `${live}.aside`
    renameSync(live, aside)
    writeFileSync(live, 'not a folder')
    const lost = `INSERT INTO marks VALUES (${++number}, 'lost')`
    await assert.rejects(client.query(lost), { code: UNAVAILABLE })
    refused.push(lost)
    rmSync(live)
    renameSync(aside, live)
    // As after any error: the target itself says that the transaction has failed.
    await until('records are written', async () => (await readiness()).ready)
    await assert.rejects(client.query('SELECT 1'), { code: '25P02' })
    await client.query('ROLLBACK')
  },
)

test(
  'a segment that is deleted while it is written: a new one, and a note of it',
  { skip },
  async () => {
    await insertOnAll()
    // The others there were taken away before, and have come back.
    rmSync(join(live, readdirSync(live).sort().at(-1)!))
    assert.ok(await allRan())
    const { details } = await until('the loss is on the record', async () =>
      (await recordsOf(bench)).findLast((one) => typeof one.details?.['segment'] === 'string'),
    )
    const evidence = await recordsOf(bench)
    const missing = evidence.at(-1)!.sequence - evidence.length
    assert.ok(missing > 0)
    assert.equal(details?.['records'], missing, 'the note explains every number that is missing')
    // What was lost cannot be found again.
    ran.splice(0, ran.length - CLIENTS)
  },
)

test('the whole folder is deleted: it goes on in a new one', { skip }, async () => {
  rmSync(join(bench.folder, 'records'), { recursive: true })
  ran.splice(0)
  await until('they run again', allRan)
  mkdirSync(live, { recursive: true })
})

test('a slow disk makes statements slow, and shares its writes among them', { skip }, async () => {
  disk.write_ms = 30
  disk.sync_ms = 200
  disk.writes = 0
  for (let round = 0; round < 3; round++) assert.ok(await allRan())
  assert.ok(disk.writes < 3 * CLIENTS * 2, `${disk.writes} writes for ${3 * CLIENTS} statements`)
  disk.write_ms = 0
  disk.sync_ms = 0
  assert.ok(await allRan())
})

test('afterwards: what ran is recorded, what was refused did not run', { skip }, async () => {
  const logged = loggedStatements(bench.server.logFile)
  const text = await recordedText(join(bench.folder, 'records'))
  for (const one of refused) {
    assert.ok(!logged.some((statement) => statement.text === one), `${one} ran unrecorded`)
    assert.ok(!text.includes(one), `${one} is recorded as if it had run`)
  }
  const known = new Set(ran)
  const since = logged.filter(({ text: statement }) => known.has(statement))
  assert.ok(since.length > 0)
  assert.deepEqual(unrecorded(since, await recordsOf(bench)).slice(0, 3), [])
})
