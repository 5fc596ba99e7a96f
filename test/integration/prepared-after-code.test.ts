import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import { bind, execute, parse, query, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Heard, RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/**
 * Functions and procedures of a database may prepare and deallocate statements. What a session prepared
 * through the gateway goes on to stand for what it prepared, whatever they did.
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: ['*'] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: ['**'] }
    mask: [{ columns: ['*.public.people.email'], with: redact }]
  - { id: run, allow: { actions: [sql.execute, sql.do], objects: ['**'] } }
`
const SCHEMA = `
CREATE TABLE people (id int, name text, email text);
INSERT INTO people VALUES (1, 'Ann', 'canary@example.com');
GRANT SELECT ON people TO gateway;
CREATE FUNCTION harmless() RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN RETURN 1; END $$;
CREATE PROCEDURE proceeds() LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE FUNCTION takes(name text) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  EXECUTE format('DEALLOCATE %I', name); RETURN 1; END $$;
CREATE FUNCTION swaps(name text) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  EXECUTE format('DEALLOCATE %I', name);
  EXECUTE format('PREPARE %I(int) AS SELECT email AS name FROM people WHERE id = $1', name);
  RETURN 1; END $$;
CREATE FUNCTION closes(name refcursor) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  CLOSE name; RETURN 1; END $$;
CREATE FUNCTION reopens(name refcursor) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  CLOSE name; OPEN name FOR SELECT email AS name FROM people; RETURN 1; END $$;
CREATE FUNCTION fails(name text) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  PERFORM swaps(name); RAISE EXCEPTION 'no'; END $$;
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({ policies: { 'p.yaml': POLICY }, schema: SCHEMA })
})
after(() => bench?.stop())

async function connected(): Promise<pg.Client> {
  const client = await bench.client()
  await client.connect()
  return client
}

function talk(client: RawClient, replies: number, ...said: Buffer[]): Promise<Heard[]> {
  client.say(...said)
  return client.hear(replies)
}

const CODE = [
  'SELECT harmless()',
  'CALL proceeds()',
  "SELECT takes('s')",
  "SELECT swaps('s')",
  "SELECT fails('s')",
]
/** Ways to name a statement and to use it; each gives the rows' names. */
const WAYS: Readonly<
  Record<string, (client: pg.Client) => Promise<(client: pg.Client) => Promise<unknown>>>
> = {
  'Parse and Bind': async (client) => {
    const use = async () =>
      (await client.query({ name: 's', text: PEOPLE, values: [1] })).rows as unknown
    await use()
    return use
  },
  'PREPARE and EXECUTE': async (client) => {
    await client.query(`PREPARE s(int) AS ${PEOPLE}`)
    return async () => (await client.query('EXECUTE s(1)')).rows as unknown
  },
  'Parse and EXECUTE': async (client) => {
    await client.query({ name: 's', text: PEOPLE, values: [1] })
    return async () => (await client.query('EXECUTE s(1)')).rows as unknown
  },
}
const PEOPLE = 'SELECT name FROM people WHERE id = $1'

for (const [way, prepare] of Object.entries(WAYS)) {
  for (const code of CODE) {
    for (const around of [[], ['BEGIN', 'COMMIT']] as const) {
      // What failed ends the transaction, and what comes then is the client's matter.
      if (around.length > 0 && code.includes('fails')) continue
      test(`${way}, after ${around[0] ?? ''} ${code}`, { skip }, async () => {
        const client = await connected()
        const use = await prepare(client)
        if (around[0] !== undefined) await client.query(around[0])
        for (let round = 0; round < 2; round++) {
          await client
            .query(code)
            .catch((error: Error) => assert.match(code, /fails|takes/, String(error)))
          assert.deepEqual(await use(client), [{ name: 'Ann' }])
        }
        if (around[1] !== undefined) await client.query(around[1])
        await client.end()
      })
    }
  }
}

test('what cannot be prepared again is gone, and the session goes on', { skip }, async () => {
  await bench.server.adminQuery('CREATE TABLE fleeting (id int); GRANT ALL ON fleeting TO gateway')
  const client = await connected()
  const use = () => client.query({ name: 'f', text: 'SELECT id FROM fleeting', values: [] })
  await use()
  await client.query('SELECT harmless()')
  await bench.server.adminQuery('DROP TABLE fleeting')
  await assert.rejects(use(), { code: '26000' })
  assert.equal((await client.query('SELECT 1 AS one')).rows[0].one, 1)
  await client.query('BEGIN')
  await client.query('SELECT 1/0').catch(() => {})
  await assert.rejects(use(), { code: '25P02' })
  await client.query('ROLLBACK')
  await client.end()
})

test('DISCARD ALL and DEALLOCATE forget it all the same', { skip }, async () => {
  const client = await connected()
  for (const forget of ['DISCARD ALL', 'DEALLOCATE ALL', 'DEALLOCATE s']) {
    await client.query(`PREPARE s(int) AS ${PEOPLE}`)
    await client.query('SELECT harmless()')
    await client.query(forget)
    await assert.rejects(client.query('EXECUTE s(1)'), /not made/)
  }
  await client.end()
})

/** Code and cursors: what each makes of the name `c`, which FETCH then reads from. */
const CURSOR_CODE: readonly (readonly [code: string, then: 'goes on' | 'is gone'])[] = [
  ['SELECT harmless()', 'goes on'],
  ['CALL proceeds()', 'goes on'],
  ["SELECT closes('c')", 'is gone'],
  ["SELECT reopens('c')", 'is gone'],
]

for (const [code, then] of CURSOR_CODE) {
  test(`a cursor ${then} after ${code}`, { skip }, async () => {
    const client = await connected()
    await client.query('BEGIN')
    await client.query('DECLARE c CURSOR FOR SELECT name FROM people, generate_series(1, 9)')
    for (let round = 0; round < 3; round++) {
      await client.query(code).catch(() => {})
      const fetched = client.query('FETCH 1 FROM c')
      if (then === 'is gone') {
        await assert.rejects(fetched, /not made|aborted/)
        break
      }
      assert.deepEqual((await fetched).rows, [{ name: 'Ann' }])
    }
    await client.query('ROLLBACK')
    await client.end()
  })

  test(`a portal ${then} after ${code}`, { skip }, async () => {
    const client = await openRawClient(bench)
    await talk(client, 1, query('BEGIN'))
    const text = 'SELECT name FROM people, generate_series(1, 9)'
    await talk(client, 1, parse('', text), bind('c', '', []), execute('c', 1), SYNC)
    for (let round = 0; round < 3; round++) {
      await talk(client, 1, query(code))
      const heard = JSON.stringify(await talk(client, 1, execute('c', 1), SYNC))
      assert.doesNotMatch(heard, /canary/)
      if (then === 'is gone') {
        assert.match(heard, /34000|25P02/)
        break
      }
      assert.match(heard, /Ann/)
    }
    client.destroy()
  })
}
