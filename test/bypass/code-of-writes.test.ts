import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { query } from '../../src/protocol/postgres/signing-in/handshake-messages.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'
import type { CodeOfWrite } from './code-of-writes.ts'
import { CODE_OF_WRITES, PREPARES_NOW, SWAP } from './code-of-writes.ts'
import { schema } from './texts-schema.ts'

/** What code of the database puts under a session's names is not what the session prepared. */

const POLICIES = {
  'writer.yaml': `
name: writer
subjects: { agents: [etl-1] }
rules:
  - id: all
    allow: { actions: ['sql.**'], objects: ['**'] }
    mask: [{ columns: [sales.public.customers.email], with: redact }]
`,
}

const PLAIN = 'SELECT id, note FROM plain'
const PREPARE = parse('p', PLAIN)
const USE = [bind('', 'p', []), execute('')]
const COPIED = Buffer.concat([message(0x64, Buffer.from('7\t7\n')), message(0x63)])

/** The messages of a text, and how many ReadyForQuery they bring. */
type Way = (text: string) => { readonly bytes: Buffer; readonly ready: number }

const simple: Way = (text) => {
  if (text === PREPARES_NOW) return { bytes: Buffer.concat([PREPARE, SYNC]), ready: 1 }
  return { bytes: Buffer.concat([query(text), ...copied(text)]), ready: 1 }
}

const extended: Way = (text) => {
  if (text === PREPARES_NOW) return { bytes: Buffer.concat([PREPARE, SYNC]), ready: 1 }
  const said = [parse('', text), bind('', '', []), execute(''), ...copied(text), SYNC]
  return { bytes: Buffer.concat(said), ready: 1 }
}

/** No Sync but the last one. */
const oneBatch: Way = (text) => {
  if (text === PREPARES_NOW) return { bytes: PREPARE, ready: 0 }
  const said = [parse('', text), bind('', '', []), execute(''), ...copied(text)]
  return { bytes: Buffer.concat(said), ready: 0 }
}

function copied(text: string): readonly Buffer[] {
  return text.startsWith('COPY') ? [COPIED] : []
}

const WAYS = { simple, extended, 'in one batch': oneBatch } as const

describe('code that a write runs', { skip: noPostgres() }, () => {
  let bench: Bench
  before(async () => {
    const cases = Object.values(CODE_OF_WRITES)
    const setups = (by: boolean) =>
      cases.flatMap(({ setup, bySuperuser = false }) => (bySuperuser === by ? [setup] : []))
    bench = await startBench({
      policies: POLICIES,
      schema: `${schema(CANARIES[1])} SET ROLE gateway; ${SWAP} ${setups(false).join('\n')}
        RESET ROLE; ${setups(true).join('\n')}`,
    })
  })
  after(() => bench?.stop())

  for (const [name, one] of Object.entries(CODE_OF_WRITES)) {
    // The control, by a client that knows no COPY.
    if (!one.writes[0]!.startsWith('COPY')) {
      test(`${name}: it takes names`, async () => {
        await fill(bench, one)
        assert.match(await takenBehindTheGateway(bench, one), /email/)
      })
    }
    for (const [way, say] of Object.entries(WAYS)) {
      for (const waits of [true, false]) {
        test(`${name}: ${way}${waits ? '' : ', without waiting'}`, async () => {
          await fill(bench, one)
          const client = await openRawClient(bench, 'etl-1')
          const begins = one.writes.includes(PREPARES_NOW)
            ? []
            : [{ bytes: Buffer.concat([PREPARE, SYNC]), ready: 1 }]
          const uses = { bytes: Buffer.concat([...USE, SYNC]), ready: 1 }
          const rounds = [...begins, ...one.writes.map(say), uses]
          let said = ''
          if (!waits) client.say(...rounds.map(({ bytes }) => bytes))
          for (const { bytes, ready } of rounds) {
            if (waits) client.say(bytes)
            if (ready === 0) continue
            for (const { type, body } of await client.hear(ready)) said += `${type} ${body}\n`
          }
          client.destroy()
          assert.equal(findCanary(said), undefined, said)
          assert.doesNotMatch(said, /^E/m)
        })
      }
    }
  }
})

/** The rows as they were at first; no trigger sees it. */
async function fill({ server }: Bench, { setup }: CodeOfWrite): Promise<void> {
  const rows = [...setup.matchAll(/INSERT INTO (\w+) VALUES \(.*?\);/g)]
  const empty = rows.map(([, table]) => `DELETE FROM ${table};`)
  const full = rows.map(([text]) => text)
  const all = ['SET session_replication_role = replica;', ...empty, ...full]
  await server.adminQuery(all.join('\n'))
}

/** The text that is prepared as `p` after the same without a gateway. */
async function takenBehindTheGateway(bench: Bench, { writes }: CodeOfWrite): Promise<string> {
  const { host, port, database, user, password } = bench.server
  const ssl = { rejectUnauthorized: false }
  const client = new pg.Client({ host, port, database, user, password, ssl })
  await client.connect()
  try {
    const prepares = `PREPARE p AS ${PLAIN}`
    if (!writes.includes(PREPARES_NOW)) await client.query(prepares)
    for (const text of writes) await client.query(text === PREPARES_NOW ? prepares : text)
    const { rows } = await client.query(
      "SELECT statement FROM pg_prepared_statements WHERE name = 'p'",
    )
    return String(rows[0]?.statement)
  } finally {
    await client.end()
  }
}
