import assert from 'node:assert/strict'
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Recorded } from '../../test/support/audit/recorded.ts'
import { recorded } from '../../test/support/audit/recorded.ts'
import { DENY, HOLD } from '../../test/support/record/facts.ts'
import { at } from './reading/fields.ts'
import { createRecordReader } from './records.ts'
import type { Event } from './search/hit.ts'

const MINUTE_MS = 60_000

function readerOf({ folder, clock }: Recorded) {
  return createRecordReader({ folder, clock })
}

const own = (event: Event | undefined, name: string) => at(event, 'unmapped', 'chaperone', name)
const textOf = (event: Event) => at(event, 'query_info', 'query_string')

async function texts(records: Recorded, text: string, limit = 100): Promise<unknown[]> {
  const { items } = await readerOf(records).search({ text, limit })
  return items.map(textOf)
}

/** All pages, put together. */
async function paged(records: Recorded, text: string, limit: number): Promise<Event[]> {
  const reader = readerOf(records)
  const items: Event[] = []
  let after: string | undefined
  do {
    const page = await reader.search({ text, limit, ...(after === undefined ? {} : { after }) })
    assert.ok(page.items.length <= limit)
    items.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return items
}

test('a folder that is not there holds nothing', async () => {
  const reader = createRecordReader({ folder: '/nonexistent/records', clock: { now_ms: () => 0 } })
  assert.deepEqual(await reader.sessions({ limit: 10 }), { items: [] })
  assert.deepEqual(await reader.search({ text: '', limit: 10 }), { items: [] })
  assert.equal(await reader.session('019ab111-0000-7000-8000-000000000001'), undefined)
})

test('an operation is one hit with its outcome and its approval', async (t) => {
  const records = recorded(t)
  const session = records.open('etl-1')
  const id = session.run('DELETE FROM orders', HOLD)
  const about = { agent: 'etl-1', session: session.id, operation: id, approval: 'a-1' }
  records.note({ ...about, type: 'approval-requested', message: 'DELETE waits.' })
  const details = { answer: 'approve', personName: 'Anna' }
  records.note({ ...about, type: 'approval-answered', message: 'Yes.', person: 'anna', details })
  session.end(id, { rows: 7, masked: ['email'] })
  await records.written()
  for (const text of ['DELETE', 'person:Anna', 'approval:a-1', 'verdict:held', `operation:${id}`]) {
    const { items } = await readerOf(records).search({ text, limit: 10 })
    assert.equal(items.length, 1, text)
    assert.equal(own(items[0], 'kind'), 'operation')
    assert.equal(own(items[0], 'result'), 'success')
    assert.equal(own(items[0], 'rows'), 7)
    assert.equal((own(items[0], 'records') as unknown[]).length, 4)
    const notes = own(items[0], 'approvals') as Event[]
    assert.deepEqual(
      notes.map(({ type }) => type),
      ['approval-requested', 'approval-answered'],
    )
  }
})

for (const [where, rotate_ms] of [
  ['one segment', 3_600_000],
  ['many segments', 1],
] as const) {
  test(`pages of any size are the whole, in ${where}`, async (t) => {
    const records = recorded(t, rotate_ms)
    const sessions = [records.open('a'), records.open('b')] as const
    const open: (() => void)[] = []
    for (let index = 0; index < 24; index++) {
      const session = sessions[index % 2]!
      const id = session.run(`SELECT ${index}`, index % 5 === 0 ? DENY : undefined)
      open.push(() => session.end(id, { error: `E${index}`, rows: index }))
      // Outcomes come late and out of order; every seventh is lost.
      if (index % 3 === 2) {
        await records.written()
        records.pass(10)
        for (const [at, end] of open.splice(0, 2).reverse().entries()) {
          if ((index + at) % 7 !== 0) end()
        }
      }
    }
    await records.written()
    const whole = await paged(records, '', 1000)
    assert.equal(whole.filter((event) => own(event, 'kind') === 'operation').length, 24)
    assert.ok(whole.some((event) => own(event, 'result') === undefined))
    for (const limit of [1, 2, 5, 7]) assert.deepEqual(await paged(records, '', limit), whole)
    const one = whole.filter((event) => own(event, 'error') === 'E4')
    assert.deepEqual(await paged(records, 'code:E4', 1), one)
    assert.equal(one.length, 1)
  })
}

test('sealed and live, newest first, by time', async (t) => {
  const records = recorded(t, MINUTE_MS)
  const session = records.open('etl-1')
  const times: string[] = []
  for (const name of ['one', 'two', 'three']) {
    times.push(new Date(records.clock.now_ms()).toISOString())
    session.end(session.run(`SELECT ${name}`))
    await records.written()
    records.pass(2 * MINUTE_MS)
  }
  assert.deepEqual(await texts(records, 'SELECT'), ['SELECT three', 'SELECT two', 'SELECT one'])
  assert.deepEqual(await texts(records, `after:${times[1]}`), ['SELECT three', 'SELECT two'])
  assert.deepEqual(await texts(records, `before:${times[1]} select`), ['SELECT one'])
  assert.deepEqual(await texts(records, 'after:3m'), ['SELECT three'])
  await records.seal()
  assert.deepEqual(await texts(records, 'SELECT'), ['SELECT three', 'SELECT two', 'SELECT one'])
})

test('an outcome after the time that is asked for still belongs to its operation', async (t) => {
  const records = recorded(t, 1)
  const session = records.open('etl-1')
  const id = session.run('SELECT slow')
  await records.written()
  records.pass(48 * 60 * MINUTE_MS)
  session.end(id, { error: '57014' })
  await records.written()
  const { items } = await readerOf(records).search({ text: 'before:47h code:57014', limit: 10 })
  assert.deepEqual(items.map(textOf), ['SELECT slow'])
})

test('what was refused is refused with its code', async (t) => {
  const records = recorded(t)
  const reader = readerOf(records)
  await assert.rejects(reader.search({ text: 'agent:', limit: 1 }), { code: 'SEARCH_SYNTAX' })
  for (const after of ['', 'x', '../../etc/passwd.1', `${records.open('a').id}.x`]) {
    await assert.rejects(reader.search({ text: '', limit: 1, after }), { code: 'REQUEST_INVALID' })
    await assert.rejects(reader.sessions({ limit: 1, after }), { code: 'REQUEST_INVALID' })
  }
})

test('sessions with what they did', async (t) => {
  const records = recorded(t, 1)
  const first = records.open('etl-1')
  await records.written()
  records.pass(1000)
  const second = records.open('etl-2', 'other-db')
  first.end(first.run('SELECT 1'), { rows: 2 })
  await records.written()
  records.pass(1000)
  first.end(first.run('DROP TABLE x', DENY), { result: 'refused', rows: 0 })
  first.end(first.run('DELETE FROM "verdict":"deny"', HOLD), { rows: 5 })
  await records.written()
  records.pass(1000)
  first.trail.closed({ code: 'SESSION_IDLE' })
  await records.written()
  const reader = readerOf(records)
  const { items, next } = await reader.sessions({ limit: 10 })
  assert.equal(next, undefined)
  assert.deepEqual(
    items.map(({ id }) => id),
    [second.id, first.id],
  )
  const one = items[1]!
  assert.deepEqual(one.counts, { operations: 3, denied: 1, held: 1, rows: 7 })
  assert.equal(one.clientAddress, '10.0.0.7')
  assert.equal(one.protocol, 'postgres')
  assert.equal(one.code, 'SESSION_IDLE')
  assert.equal(one.endedAt_ms! - one.startedAt_ms, 3000)
  assert.equal(items[0]!.endedAt_ms, undefined)

  const page = await reader.sessions({ limit: 1 })
  const rest = await reader.sessions({ limit: 1, after: page.next! })
  assert.deepEqual([...page.items, ...rest.items], items)
  assert.deepEqual((await reader.sessions({ limit: 9, agent: 'etl-1' })).items, [one])
  assert.deepEqual((await reader.sessions({ limit: 9, resource: 'other-db' })).items, [items[0]])
  assert.deepEqual((await reader.sessions({ limit: 9, agent: 'etl' })).items, [])
})

test('a timeline has all records of its session and no others', async (t) => {
  const records = recorded(t, 1)
  const mine = records.open('etl-1')
  const other = records.open('etl-1')
  const id = mine.run('SELECT 1')
  other.end(other.run(`SELECT '"session":"${mine.id}"'`))
  await records.written()
  records.pass(1000)
  mine.end(id)
  mine.trail.closed({})
  await records.written()
  records.note({ type: 'session-ended', message: 'Ended.', session: mine.id, agent: 'etl-1' })
  await records.written()
  const timeline = await readerOf(records).session(mine.id)
  assert.deepEqual(
    timeline?.events.map((event) => own(event, 'kind')),
    ['session.opened', 'operation.intent', 'operation.outcome', 'session.closed', 'note'],
  )
  assert.equal(timeline?.session.counts.operations, 1)
  for (const id of ['', 'x', '../x', '019ab111-0000-7000-8000-0000000000ff']) {
    assert.equal(await readerOf(records).session(id), undefined)
  }
})

test('a timeline of one operation has its records, however long the session was', async (t) => {
  const records = recorded(t, 1)
  const session = records.open('etl-1')
  for (let count = 0; count < 30; count++) session.end(session.run('SELECT 1'))
  const id = session.run(`SELECT '"operation":"x"'`)
  session.trail.terminal(id, { at_ms: 0, kind: 'o', text: '$ ' })
  session.end(id)
  await records.written()
  const timeline = await readerOf(records).session(session.id, id)
  assert.deepEqual(
    timeline?.events.map((event) => own(event, 'kind')),
    ['session.opened', 'operation.intent', 'operation.terminal', 'operation.outcome'],
  )
  assert.equal(timeline?.session.counts.operations, 31)
})

test('a torn last line of a live file is no error, one in its middle is', async (t) => {
  const records = recorded(t)
  const session = records.open('etl-1')
  session.end(session.run('SELECT 1'))
  await records.written()
  const [name] = readdirSync(join(records.folder, 'live'))
  const file = join(records.folder, 'live', name!)
  appendFileSync(file, '{"metadata":{"uid":"torn')
  assert.deepEqual(await texts(records, 'SELECT'), ['SELECT 1'])
  appendFileSync(file, '\n')
  const { items } = await readerOf(records).search({ text: 'SELECT', limit: 10 })
  assert.deepEqual(
    items.map((event) => own(event, 'kind')),
    ['operation', 'records-damaged'],
  )
  assert.equal(own(items[1], 'code'), 'RECORD_CORRUPT')
  assert.equal(own(items[1], 'file'), `live/${name}`)
  assert.equal(own(items[1], 'line'), 5)
})

async function sealedFile(records: Recorded): Promise<string> {
  const session = records.open('etl-1')
  // More than one frame of lines that do not compress to nothing.
  for (let index = 0; index < 600; index++) {
    session.end(session.run(`SELECT ${index} -- ${'padding '.repeat(60)}`))
  }
  await records.seal()
  const names = readdirSync(records.folder, { recursive: true }) as string[]
  return join(
    records.folder,
    names.find((name) => name.endsWith('.zst'))!,
  )
}

async function damagedSearch(records: Recorded) {
  const { items } = await readerOf(records).search({ text: 'SELECT', limit: 10_000 })
  const damage = items.filter((event) => own(event, 'kind') === 'records-damaged')
  const operations = items.length - damage.length
  return { damage, operations, lines: damage.map((event) => own(event, 'line')) }
}

test('a changed byte costs one frame, and is told', async (t) => {
  const records = recorded(t)
  const file = await sealedFile(records)
  const bytes = readFileSync(file)
  assert.equal((await damagedSearch(records)).operations, 600)
  bytes[Math.floor(bytes.length / 2)]! ^= 0xff
  writeFileSync(file, bytes)
  const { damage, operations, lines } = await damagedSearch(records)
  assert.equal(damage.length, 1)
  assert.ok(operations > 100 && operations < 600, `${operations} operations`)
  assert.ok((lines[0] as number) > 1)
  assert.deepEqual(await paged(records, 'SELECT', 1000), await paged(records, 'SELECT', 90))
  // A page that ends with the damage goes on behind it.
  assert.equal((await paged(records, 'type:nothing', 1)).length, 1)
})

test('a cut file is told, wherever it is cut', async (t) => {
  const records = recorded(t)
  const file = await sealedFile(records)
  const bytes = readFileSync(file)
  const starts = [...bytes.toString('latin1').matchAll(/\x28\xb5\x2f\xfd/g)].map(
    ({ index }) => index,
  )
  assert.ok(starts.length >= 3)
  for (const size of [...starts, 3, bytes.length - 1]) {
    writeFileSync(file, bytes.subarray(0, size))
    const { damage, operations } = await damagedSearch(records)
    assert.equal(damage.length, 1, `cut to ${size}`)
    if (size === starts.at(-1)) assert.equal(operations, 600)
  }
})

test('any damage to a sealed file is told, and nothing throws', async (t) => {
  const records = recorded(t)
  const file = await sealedFile(records)
  const bytes = readFileSync(file)
  const whole = await paged(records, '', 10_000)
  let told = 0
  for (let step = 0; step < 20; step++) {
    const changed = Buffer.from(bytes)
    changed[Math.floor((step / 20) * bytes.length)]! ^= 1 << (step % 8)
    writeFileSync(file, changed)
    const { damage } = await damagedSearch(records)
    // Some bits of a compressed stream mean nothing; then all is there as it was.
    if (damage.length === 0) assert.deepEqual(await paged(records, '', 10_000), whole)
    else told += 1
    assert.ok(damage.length <= 1, `byte ${Math.floor((step / 20) * bytes.length)}`)
  }
  assert.ok(told > 10, `${told} of 20`)
  writeFileSync(file, 'not zstd at all')
  assert.equal((await damagedSearch(records)).damage.length, 1)
  truncateSync(file, 0)
  assert.equal((await damagedSearch(records)).damage.length, 1)
  rmSync(file)
  assert.deepEqual(await damagedSearch(records), { damage: [], operations: 0, lines: [] })
})
