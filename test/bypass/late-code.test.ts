import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { query } from '../../src/protocol/postgres/signing-in/handshake-messages.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'
import { schema } from './texts-schema.ts'

const POLICIES = {
  'reader.yaml': `
name: reader
subjects: { agents: [etl-1] }
rules:
  - id: read
    allow: { actions: [sql.select, sql.execute], objects: [sales.public.*] }
    mask: [{ columns: [sales.public.*.email], with: redact }]
`,
}

/** Code that puts another statement under a name of the session. */
const TAKES_NAMES = `
  CREATE FUNCTION takes_statement() RETURNS int LANGUAGE plpgsql AS $$
    BEGIN
      DEALLOCATE p;
      EXECUTE 'PREPARE p AS SELECT 1, lower(email) AS note FROM public.customers';
      RETURN 1;
    END $$;
`

const HELD = 'DECLARE h CURSOR WITH HOLD FOR SELECT takes_statement()'
const PLAIN = 'SELECT id, note FROM plain'
const PARSE = parse('p', PLAIN)
const USE = [bind('', 'p', []), execute('')]

const extended = (text: string) => Buffer.concat([parse('', text), bind('', '', []), execute('')])

/** Rounds, each up to its last Sync or Query; the last one reads by a name that code may have taken. */
const CASES: Readonly<Record<string, readonly (readonly Buffer[])[]>> = {
  'a statement that was prepared before': [
    [PARSE, SYNC],
    [query('BEGIN')],
    [query(HELD)],
    [...USE, SYNC],
    [query('COMMIT')],
    [...USE, SYNC],
  ],
  'one that was prepared meanwhile': [
    [query('BEGIN')],
    [query(HELD)],
    [PARSE, SYNC],
    [query('COMMIT')],
    [...USE, SYNC],
  ],
  'all in one batch': [
    [extended('BEGIN'), extended(HELD), PARSE, extended('COMMIT'), ...USE, SYNC],
  ],
  'at a Sync': [
    [extended(HELD), PARSE, SYNC],
    [...USE, SYNC],
  ],
  'at COMMIT AND CHAIN': [
    [query('BEGIN')],
    [query(HELD)],
    [PARSE, SYNC],
    [query('COMMIT AND CHAIN')],
    [...USE, SYNC],
  ],
}

describe('code that runs when a transaction ends', { skip: noPostgres() }, () => {
  let bench: Bench
  before(async () => {
    bench = await startBench({
      policies: POLICIES,
      schema: `${schema(CANARIES[1])} SET ROLE gateway; ${TAKES_NAMES} RESET ROLE;`,
    })
  })
  after(() => bench?.stop())

  for (const [name, rounds] of Object.entries(CASES)) {
    test(`takes no name with it: ${name}`, async () => {
      const client = await openRawClient(bench, 'etl-1')
      let said = ''
      for (const round of rounds) {
        client.say(...round)
        for (const { type, body } of await client.hear()) said += `${type} ${body}\n`
      }
      client.destroy()
      assert.equal(findCanary(said), undefined, said)
    })
  }

  test('and the cursor itself stays, with others', async () => {
    const client = await openRawClient(bench, 'etl-1')
    const steps = [PLAIN, 'SELECT takes_statement()'].map(
      (sql, at) => `DECLARE c${at} CURSOR WITH HOLD FOR ${sql}`,
    )
    let said = ''
    for (const text of [
      `PREPARE p AS ${PLAIN}`,
      'BEGIN',
      ...steps,
      'COMMIT',
      'FETCH c0',
      'FETCH c1',
    ]) {
      client.say(query(text))
      said = (await client.hear()).map(({ type, body }) => `${type} ${body}`).join('\n')
      assert.doesNotMatch(said, /^E/m, text)
    }
    client.destroy()
    assert.match(said, /FETCH 1/)
  })
})
