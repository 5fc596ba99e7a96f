import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bind, execute, parse, query, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/** While people are asked, another session changes what the names in the operation stand for. */

const skip = noPostgres()

const POLICY = `
name: board
subjects: { agents: [etl-1] }
rules:
  - { id: read, allow: { actions: [sql.select], objects: [sales.public.board] } }
  - id: ask
    hold: { actions: [sql.select], objects: [sales.public.board] }
    when: "!(op.kind in ['PREPARE', 'DECLARE CURSOR'])"
    approvers: { groups: ['{dba}'] }
    expires: 1m
`

const DEFINES = `
name: defines
subjects: { agents: [etl-2] }
rules:
  - { id: all, allow: { actions: ['sql.**'], objects: ['**'] } }
`

const SHOWS = (from: string) => `CREATE OR REPLACE VIEW board AS SELECT id, note FROM ${from}`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'board.yaml': POLICY, 'defines.yaml': DEFINES },
    schema: `ALTER SCHEMA public OWNER TO gateway; SET ROLE gateway;
      CREATE TABLE told (id int, note text); INSERT INTO told VALUES (1, 'told');
      CREATE TABLE kept (id int, note text); INSERT INTO kept VALUES (1, 'kept back');
      ${SHOWS('told')}`,
  })
})
after(() => bench?.stop())

const READ = 'SELECT id, note FROM board'

interface Way {
  /** Not held. */
  readonly first: readonly Buffer[]
  /** Held. */
  readonly held: readonly Buffer[]
  readonly outcome: 'is void' | 'is what was opened'
}

const WAYS: Readonly<Record<string, Way>> = {
  'a statement': { first: [], held: [query(READ)], outcome: 'is void' },
  'a portal of a statement that was prepared': {
    first: [parse('s', READ), SYNC],
    held: [bind('', 's', []), execute(''), SYNC],
    outcome: 'is void',
  },
  'EXECUTE of one': {
    first: [query(`PREPARE s AS ${READ}`)],
    held: [query('EXECUTE s')],
    outcome: 'is void',
  },
  'a portal of EXECUTE': {
    first: [query(`PREPARE s AS ${READ}`)],
    held: [parse('', 'EXECUTE s'), bind('', '', []), execute(''), SYNC],
    outcome: 'is void',
  },
  'FETCH from a cursor': {
    first: [query(`DECLARE c CURSOR WITH HOLD FOR ${READ}`)],
    held: [query('FETCH ALL FROM c')],
    outcome: 'is what was opened',
  },
}

for (const [name, { first, held, outcome }] of Object.entries(WAYS)) {
  for (const changes of [true, false]) {
    const end = changes ? outcome : 'runs'
    test(
      `the approval of ${name} ${end}${changes ? '' : ' where nothing changed'}`,
      { skip },
      async () => {
        await define('told')
        const client = await openRawClient(bench, 'etl-1')
        for (const bytes of first.length === 0 ? [] : [Buffer.concat(first)]) {
          client.say(bytes)
          assert.doesNotMatch(JSON.stringify(await client.hear()), /"E"/)
        }
        client.say(...held)
        const id = await askedAs(client)
        if (changes) await define('kept')
        await bench.chaperone('approver', 'approvals', 'approve', id, '--yes')
        const said = JSON.stringify(await client.hear())
        client.destroy()
        assert.doesNotMatch(said, /kept back/)
        if (end === 'is void') assert.match(said, /APPROVAL_STALE/)
        else assert.match(said, /told/)
      },
    )
  }
}

async function askedAs(client: RawClient): Promise<string> {
  const { body } = (await client.hearUntil('N', 'E')).at(-1)!
  const [, id] = /approval ([0-9a-f-]+)/.exec(body) ?? []
  return id ?? assert.fail(body)
}

async function define(from: string): Promise<void> {
  const other = await openRawClient(bench, 'etl-2')
  other.say(query(SHOWS(from)))
  assert.match(JSON.stringify(await other.hear()), /CREATE VIEW/)
  other.destroy()
}
