import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { int16, int32, message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'

/**
 * Messages inside a parameter. If the two sides ever disagreed where a message ends, the target would
 * read what nobody has judged.
 */
const SMUGGLED = 'SELECT lower(email) FROM customers'

const SCHEMA = `
  CREATE TABLE customers (id int, email text);
  INSERT INTO customers VALUES (1, '${CANARIES[0].email}');
  CREATE TABLE numbers (n int);
  GRANT ALL ON customers, numbers TO gateway;
`
const POLICIES = {
  'policy.yaml': `
name: smuggling
subjects: { agents: [etl-*] }
rules:
  - id: copy
    allow: { actions: [sql.insert, sql.select], objects: [sales.public.numbers] }
`,
}

const skip = noPostgres()
let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: SCHEMA })
})
after(() => bench?.stop())

const BINARY = Buffer.from([0, 1, 0, 1])

/** Binds the statement `keep` to a parameter of these bytes. */
function bindBytes(bytes: Buffer): Buffer {
  return message(0x42, '', 'keep', BINARY, int16(1), int32(bytes.length), bytes, int16(0))
}

/** COPY data of which the first part is sent, and what is still to come. */
function cutCopyData(first: string, rest: string): readonly [Buffer, Buffer] {
  const whole = message(0x64, Buffer.from(first + rest))
  return [whole.subarray(0, 5 + first.length), whole.subarray(5 + first.length)]
}

for (const protocol of ['extended', 'simple'] as const) {
  for (const size of [5, 6, 11, 20, 30, 40]) {
    test(
      `COPY that fails before ${size} bytes of its data have come, ${protocol}`,
      { skip },
      async () => {
        const client = await openRawClient(bench)
        client.say(parse('keep', 'SELECT length($1::bytea)'), SYNC)
        await client.hear()
        const copy = 'COPY numbers FROM STDIN'
        if (protocol === 'simple') client.say(message(0x51, copy))
        else
          client.say(
            parse('', copy),
            message(0x42, '', '', int16(0), int16(0), int16(0)),
            execute(''),
          )
        await client.hearUntil('G')
        const [begun, rest] = cutCopyData('1\n', 'x'.repeat(size))
        client.say(message(0x64, Buffer.from('not a number\n')), begun)
        await client.hearUntil('E')
        client.say(rest)
        if (protocol === 'extended') client.say(SYNC)
        client.say(
          bindBytes(Buffer.concat(Array(8).fill(message(0x51, SMUGGLED)))),
          execute(''),
          SYNC,
        )
        const heard = await client.hear(2)
        assert.equal(findCanary(heard.map(({ body }) => body).join('')), undefined)
        const answers = heard.filter(({ type }) => type === 'D' || type === 'E')
        assert.equal(answers.length, 1, JSON.stringify(heard))
        assert.equal(answers[0]!.type, 'D', 'the parameter is data')
        assert.ok(!readFileSync(bench.server.logFile, 'utf8').includes(`statement: ${SMUGGLED}`))
        client.destroy()
      },
    )
  }
}
