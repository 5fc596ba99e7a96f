import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { cstring, int16, int32, message } from '../../src/protocol/postgres/messages/writer.ts'
import { query } from '../../src/protocol/postgres/signing-in/handshake-messages.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Heard, RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'
import type { Way } from './corpus-texts.ts'
import { AGENT_OF, FOREIGN, HIDDEN, POLICIES, READABLE, TELLINGS, WAYS } from './corpus-texts.ts'
import { schema, schemaWithForeignTable, schemaWithHiddenCode } from './texts-schema.ts'

const skip = noPostgres()
/** Detectors find its card. */
const FIRST = CANARIES[1]
const FILE = join(tmpdir(), `chaperone-foreign-${process.pid}.csv`)

/** Words of the target that were withheld, and not a refusal of ours. */
const WITHHELD = /Dcode=MASK_UNPROVABLE\n(?!.*Rchaperone)/
const WITHHELD_MIN = 60
const withheld = new Set<string>()

/** Three databases: in two of them code may speak at any time, which would hide what is tried in the first. */
const WORLDS = [
  { schema: schema(FIRST), tellings: TELLINGS },
  { schema: schemaWithHiddenCode(FIRST), tellings: HIDDEN },
  { schema: schemaWithForeignTable(FIRST, FILE), tellings: FOREIGN },
]

for (const { schema, tellings } of WORLDS) {
  describe(tellings[0]!.name, { skip }, () => {
    let bench: Bench
    before(async () => {
      bench = await startBench({ policies: POLICIES, schema })
    })
    after(() => bench?.stop())

    for (const { name, agent = 'reader', sql, ways = WAYS, fails } of tellings) {
      for (const way of ways) {
        test(`${name}: ${way}`, async () => {
          const client = await openRawClient(bench, AGENT_OF[agent])
          const heard = await converse(client, sql, way)
          client.destroy()
          const said = heard.map(({ type, body }) => `${type} ${body}`).join('\n')
          if (WITHHELD.test(said)) withheld.add(name)
          assert.equal(findCanary(said), undefined, said)
          if (fails !== undefined) assert.ok(said.includes(`\0C${fails}\0`), said)
        })
      }
    }

    if (tellings !== TELLINGS) return
    for (const { name, agent, sql, shows } of READABLE) {
      for (const way of ['simple', 'extended'] as const) {
        test(`readable: ${name}: ${way}`, async () => {
          const client = await openRawClient(bench, AGENT_OF[agent])
          const heard = await converse(client, sql, way)
          client.destroy()
          const said = heard.map(({ type, body }) => `${type} ${body}`).join('\n')
          assert.match(said, shows)
          assert.equal(findCanary(said), undefined, said)
        })
      }
    }
  })
}

describe('exact messages', { skip }, () => {
  let bench: Bench
  before(async () => {
    bench = await startBench({ policies: POLICIES, schema: schema(FIRST) })
  })
  after(() => bench?.stop())

  async function said(agent: keyof typeof AGENT_OF, ...rounds: Buffer[][]): Promise<string> {
    const client = await openRawClient(bench, AGENT_OF[agent])
    const heard: Heard[] = []
    for (const messages of rounds) heard.push(...(await ask(client, ...messages)))
    client.destroy()
    return heard.map(({ type, body }) => `${type} ${body}`).join('\n')
  }

  test('what COPY says of the rows that are sent is readable', async () => {
    const reading = [query('BEGIN'), query('SELECT email FROM customers')]
    const client = await openRawClient(bench, AGENT_OF.writer)
    for (const one of reading) await ask(client, one)
    client.say(query('COPY plain FROM STDIN'))
    await client.hearUntil('G')
    const heard = await ask(client, message(0x64, Buffer.from('three\tx\n')), message(0x63))
    client.destroy()
    assert.match(heard[0]!.body, /Minvalid input syntax for type integer: "three"/)
  })

  const copied = async (where: Bench, copy: string, row: string): Promise<string> => {
    const client = await openRawClient(where, AGENT_OF.writer)
    client.say(query(`COPY ${copy}`))
    await client.hearUntil('G')
    const heard = await ask(client, message(0x64, Buffer.from(row)), message(0x63))
    client.destroy()
    const bytes = heard.map(({ type, body }) => `${type} ${body}`).join('\n')
    assert.match(bytes, /\0C22P02\0/)
    return bytes
  }

  for (const table of ['filled', 'defaulting', 'looked_up']) {
    test(`what the row of COPY is filled up with does not show: ${table}`, async () => {
      const bytes = await copied(bench, `${table} (id) FROM STDIN`, '1\n')
      assert.equal(findCanary(bytes), undefined, bytes)
    })
  }

  test('a line that COPY cannot read is told of', async () => {
    const client = await openRawClient(bench, AGENT_OF.writer)
    client.say(query('COPY plain FROM STDIN'))
    await client.hearUntil('G')
    const heard = await ask(client, message(0x64, Buffer.from('3\n')), message(0x63))
    client.destroy()
    assert.match(heard[0]!.body, /Mmissing data for column "note"/)
  })

  test('of a row that COPY sends twice only the constraint is told', async () => {
    const client = await openRawClient(bench, AGENT_OF.writer)
    client.say(query('COPY addresses FROM STDIN'))
    await client.hearUntil('G')
    const heard = await ask(client, message(0x64, Buffer.from('same\nsame\n')), message(0x63))
    client.destroy()
    assert.match(heard[0]!.body, /Mduplicate key value violates unique constraint/)
    assert.doesNotMatch(heard[0]!.body, /\0D/)
  })

  test('a portal that is left half read does not make its transaction speak', async () => {
    const held = "DECLARE h CURSOR WITH HOLD FOR SELECT string_agg(email, ' ')::int FROM customers"
    const bytes = await said(
      'reader',
      [extended('BEGIN'), extended(held), SYNC],
      [parse('', 'SELECT id FROM plain'), bind('half', '', []), executeSome('half', 1), SYNC],
      [extended('COMMIT'), SYNC],
    )
    assert.match(bytes, /\0C22P02\0/)
    assert.equal(findCanary(bytes), undefined, bytes)
  })

  test('what is pipelined behind is not taken for what has been executed', async () => {
    const bytes = await said('reader', [
      query('SELECT note::int FROM plain'),
      query('SELECT email FROM customers'),
    ])
    assert.match(bytes, /Minvalid input syntax for type integer: "one"/)
  })

  test('a parameter may be of any type, also of one that runs code', async () => {
    const other = await startBench({ policies: POLICIES, schema: schemaWithHiddenCode(FIRST) })
    try {
      const [type] = await other.server.adminQuery("SELECT 'watched_text'::regtype::oid::int AS n")
      const client = await openRawClient(other, AGENT_OF.reader)
      const typed = message(
        0x50,
        cstring(''),
        cstring('SELECT $1'),
        int16(1),
        int32(Number(type?.['n'])),
      )
      const heard = await ask(client, typed, bind('', '', ['']), execute(''), SYNC)
      client.destroy()
      const bytes = heard.map(({ type, body }) => `${type} ${body}`).join('\n')
      assert.match(bytes, /\0C22P02\0/)
      assert.equal(findCanary(bytes), undefined, bytes)
    } finally {
      await other.stop()
    }
  })

  test('nor what types do that run code when COPY reads them', async () => {
    const other = await startBench({ policies: POLICIES, schema: schemaWithHiddenCode(FIRST) })
    try {
      for (const [column, row] of [
        ['one', 'x'],
        ['both_of_them', '(x,1)'],
      ]) {
        const bytes = await copied(other, `lodged (id, ${column}) FROM STDIN`, `1\t${row}\n`)
        assert.equal(findCanary(bytes), undefined, bytes)
      }
    } finally {
      await other.stop()
    }
  })
})

function executeSome(portal: string, rows: number): Buffer {
  return message(0x45, cstring(portal), int32(rows))
}

test('the corpus makes the target speak of what must not show', { skip }, () => {
  assert.ok(withheld.size >= WITHHELD_MIN, `${withheld.size} cases`)
})

async function converse(client: RawClient, sql: readonly string[], way: Way): Promise<Heard[]> {
  if (way === 'one text') return ask(client, query(sql.join(';\n')))
  if (way === 'batch') return ask(client, ...sql.map(extended), SYNC)
  const heard: Heard[] = []
  for (const text of sql) {
    const messages = way === 'simple' ? [query(text)] : [extended(text), SYNC]
    heard.push(...(await ask(client, ...messages)))
  }
  return heard
}

function ask(client: RawClient, ...messages: readonly Buffer[]): Promise<Heard[]> {
  client.say(...messages)
  return client.hear()
}

function extended(text: string): Buffer {
  return Buffer.concat([parse('', text), bind('', '', []), execute('')])
}
