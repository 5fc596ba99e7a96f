import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bind, close, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { int32, message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'

/**
 * What the target reads in the names of a command, it reads when it runs it: what was judged when a
 * portal was bound, or a statement prepared, may have come to stand for something else by then.
 */
const SCHEMA = `
  CREATE SCHEMA closed;
  CREATE TABLE closed.people (x text);
  INSERT INTO closed.people VALUES ('${CANARIES[0].email}');
  CREATE TABLE people (x text);
  INSERT INTO people VALUES ('nobody');
  CREATE SCHEMA dim;
  CREATE TABLE dim.people (x text);
  INSERT INTO dim.people VALUES ('${CANARIES[0].email}');
  GRANT ALL ON SCHEMA closed, dim TO PUBLIC;
  GRANT ALL ON ALL TABLES IN SCHEMA closed, dim, public TO PUBLIC;
`
const POLICIES = {
  'policy.yaml': `
name: late-names
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: ['sql.*'], objects: ['sales.public.**', 'sales.dim.**', 'sales.setting.**'] }
    mask: [{ columns: ['sales.dim.people.x'], with: redact }]
`,
}
const DENIED = /code=(?:SQL_UNRESOLVED|POLICY_NO_MATCH)/
const MASKED = /\[redacted\]/

const skip = noPostgres()
let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: SCHEMA })
})
after(() => bench?.stop())

const query = (text: string) => [message(0x51, text)]
const CLEAN = 'SELECT x FROM public.people'
const DIM = 'SELECT x FROM dim.people'

interface Case {
  /** Each is answered before the next is sent. */
  readonly batches: readonly (readonly Buffer[])[]
  readonly told: RegExp
}

const CASES: Readonly<Record<string, Case>> = {
  'a COPY that is bound before the search_path changes': {
    batches: [
      query('BEGIN'),
      [parse('', 'COPY people TO STDOUT'), bind('p', '', []), SYNC],
      query('SET search_path = closed'),
      [execute('p'), SYNC],
    ],
    told: DENIED,
  },
  'a FETCH that is bound before its cursor changes': {
    batches: [
      query(`BEGIN; DECLARE c CURSOR FOR ${CLEAN}`),
      [parse('', 'FETCH ALL FROM c'), bind('p', '', []), SYNC],
      query(`CLOSE c; DECLARE c CURSOR FOR ${DIM}`),
      [execute('p'), SYNC],
    ],
    told: DENIED,
  },
  'a FETCH that is prepared before its cursor changes': {
    batches: [
      query(`BEGIN; DECLARE c CURSOR FOR ${CLEAN}`),
      [parse('f', 'FETCH ALL FROM c'), SYNC],
      query(`CLOSE c; DECLARE c CURSOR FOR ${DIM}`),
      [bind('', 'f', []), execute(''), SYNC],
    ],
    told: MASKED,
  },
  'an EXECUTE that is bound before its statement changes': {
    batches: [
      query(`PREPARE q AS ${CLEAN}`),
      query('BEGIN'),
      [parse('', 'EXECUTE q'), bind('p', '', []), SYNC],
      query(`DEALLOCATE q; PREPARE q AS ${DIM}`),
      [execute('p'), SYNC],
    ],
    told: DENIED,
  },
  'an EXECUTE whose statement changes in the same batch': {
    batches: [
      [
        parse('q', CLEAN),
        parse('', 'EXECUTE q'),
        bind('p', '', []),
        close('statement', 'q'),
        parse('q', DIM),
        execute('p'),
        SYNC,
      ],
    ],
    told: DENIED,
  },
  'a prepared FETCH that SQL executes': {
    batches: [
      query(`BEGIN; DECLARE c CURSOR FOR ${CLEAN}`),
      [parse('f', 'FETCH ALL FROM c'), SYNC],
      query(`CLOSE c; DECLARE c CURSOR FOR ${DIM}`),
      query('EXECUTE f'),
    ],
    told: MASKED,
  },
  'a portal of EXECUTE that SQL fetches from': {
    batches: [
      query(`PREPARE q AS ${CLEAN}`),
      query('BEGIN'),
      [parse('', 'EXECUTE q'), bind('p', '', []), SYNC],
      query(`DEALLOCATE q; PREPARE q AS ${DIM}`),
      query('FETCH ALL FROM p'),
    ],
    told: DENIED,
  },
  'a portal whose statement is bound again under another search_path': {
    batches: [
      query('SET search_path = dim'),
      query('BEGIN'),
      [parse('s', 'SELECT x FROM people'), bind('p', 's', []), SYNC],
      query('SET search_path = public'),
      [bind('again', 's', []), SYNC],
      query('FETCH ALL FROM p'),
    ],
    told: MASKED,
  },
  'statements that execute one another': {
    batches: [
      [parse('a', CLEAN), parse('b', 'EXECUTE a'), SYNC],
      [close('statement', 'a'), parse('a', 'EXECUTE b'), SYNC],
      query('EXECUTE a'),
    ],
    told: DENIED,
  },
  'an EXECUTE that is read in pieces': {
    batches: [
      query(`PREPARE q AS ${CLEAN} UNION ALL ${DIM}`),
      query('BEGIN'),
      [parse('', 'EXECUTE q'), bind('p', '', []), message(0x45, 'p', int32(1)), SYNC],
      query('DEALLOCATE q'),
      [execute('p'), SYNC],
    ],
    told: MASKED,
  },
}

async function play(client: RawClient, { batches }: Case): Promise<string> {
  let told = ''
  for (const batch of batches) {
    client.say(...batch)
    told = (await client.hear()).map(({ type, body }) => type + body).join('\n')
    assert.equal(findCanary(told), undefined)
  }
  return told
}

for (const [name, one] of Object.entries(CASES)) {
  test(name, { skip }, async () => {
    const client = await openRawClient(bench)
    const told = await play(client, one)
    assert.match(told, one.told)
    client.destroy()
  })
}
