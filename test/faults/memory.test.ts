import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/*
 * What one agent makes the gateway hold is bounded, whatever it is held in and over however many
 * connections; and another agent still has its share.
 */

const skip = noPostgres()
const MiB = 2 ** 20
const PER_AGENT = 16 * MiB
const POLICY = `
name: all
subjects: { agents: [etl-*, reporter] }
rules: [{ id: all, allow: { actions: [sql.select], objects: ['**'] } }]
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'p.yaml': POLICY },
    schema: 'SELECT 1',
    config: `
limits:
  memoryMax: 64MiB
  memoryPerAgentMax: 16MiB
  messageBytesMax: 8MiB
  recordBurstPerAgent: 8MiB
  recordBytesPerAgentPerSecond: 64KiB`,
  })
})
after(() => bench?.stop())

/** What agents hold, as the metrics say. */
async function held(): Promise<number> {
  const ca = readFileSync(bench.gateway.authorityFile!)
  const url = `https://127.0.0.1:${bench.gateway.apiPort}/metrics`
  const [answer] = (await once(request(url, { ca, agent: false }).end(), 'response')) as [
    IncomingMessage,
  ]
  return Number(/^chaperone_memory_held_bytes\{of="agents"\} (\d+)$/m.exec(await text(answer))?.[1])
}

/** The head of a Bind of `bytes`, and the first `sent` of them. */
function beginBind(bytes: number, sent: number): Buffer {
  const begun = Buffer.alloc(sent)
  begun.write('B')
  begun.writeInt32BE(bytes - 1, 1)
  return begun
}

const SYNC = message(0x53)
const query = (sql: string) => message(0x51, sql)

async function works(client: RawClient): Promise<void> {
  client.say(query('SELECT 1'))
  const heard = await client.hear()
  assert.ok(heard.some(({ type }) => type === 'D'))
}

test(
  'large messages that are begun and left hold no more than their agent may',
  { skip },
  async () => {
    const clients: RawClient[] = []
    for (let n = 0; n < 8; n++) clients.push(await openRawClient(bench, 'etl-1'))
    const [first, second, ...others] = clients
    let holds = await held()
    for (const client of [first!, second!]) {
      client.say(beginBind(8 * MiB, 6 * MiB))
      holds += 6 * MiB
      for (let n = 0; (await held()) < holds && n < 500; n++) await delay(20)
      assert.ok((await held()) >= holds)
    }
    // There is room for no third one: it hears so, and goes on once the rest of its message has come.
    for (const client of others) {
      client.say(beginBind(8 * MiB, 6 * MiB))
      const heard = await client.hearUntil('E')
      assert.match(heard.at(-1)?.body ?? '', /MEMORY_LIMIT/)
      assert.ok((await held()) <= PER_AGENT)
      client.say(Buffer.alloc(2 * MiB), SYNC)
      await client.hear()
      await works(client)
    }
    // Another agent has its own.
    const other = await openRawClient(bench, 'etl-2')
    await works(other)
    for (const client of clients) client.destroy()
    other.destroy()
    for (let n = 0; (await held()) > 0 && n < 100; n++) await delay(20)
    assert.equal(await held(), 0)
  },
)

test(
  'prepared statements, cursors and portals count, and what is closed is given back',
  { skip },
  async () => {
    const client = await openRawClient(bench, 'etl-1')
    const long = 'x'.repeat(500_000)
    const parse = (name: string) => message(0x50, name, `SELECT 1 /* ${long} */`, Buffer.alloc(2))
    let prepared = 0
    let code = ''
    for (; prepared < 100 && code === ''; prepared++) {
      client.say(parse(`s${prepared}`), SYNC)
      code = (await client.hear()).find(({ type }) => type === 'E')?.body ?? ''
    }
    assert.match(code, /MEMORY_LIMIT|RECORD_LIMIT/)
    // Each is about a million bytes: the text as it was and as it went on.
    assert.ok(prepared <= 17, `${prepared} prepared`)
    assert.ok((await held()) <= PER_AGENT)
    client.destroy()
    for (let n = 0; (await held()) > 0 && n < 100; n++) await delay(20)
    assert.equal(await held(), 0)
  },
)

test('one agent cannot fill the disk of the records for all', { skip }, async () => {
  // One whose records are not used up by the tests before.
  const flood = await openRawClient(bench, 'reporter')
  const statement = query(`SELECT 1 /* ${'x'.repeat(500_000)} */`)
  let refused = 0
  for (let n = 0; n < 40; n++) {
    flood.say(statement)
    const heard = await flood.hear()
    const error = heard.find(({ type }) => type === 'E')?.body ?? ''
    if (error.includes('RECORD_LIMIT')) refused++
    else assert.equal(error, '')
  }
  // A burst of 8 MiB, and some 64 KiB for each second that it took.
  assert.ok(refused >= 20, `${refused} of 40 refused`)
  const other = await openRawClient(bench, 'etl-2')
  await works(other)
  flood.destroy()
  other.destroy()
})
