import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { ANSWERED, POLICIES, QUESTIONS, SCHEMA } from './questions.ts'

const skip = noPostgres()
let bench: Bench
let client: RawClient

before(async () => {
  if (skip !== false) return
  bench = await startBench({ policies: POLICIES, schema: SCHEMA })
  client = await openRawClient(bench)
})
after(async () => {
  client?.destroy()
  await bench?.stop()
})

/** What comes of the statement in a transaction that is undone. */
async function told(text: string): Promise<string> {
  client.say(message(0x51, 'BEGIN'), message(0x51, text))
  await client.hear()
  const heard = await client.hearUntil('Z', 'G')
  client.say(...(heard.at(-1)?.type === 'G' ? [message(0x63)] : []), message(0x51, 'ROLLBACK'))
  await client.hear(heard.at(-1)?.type === 'G' ? 2 : 1)
  return heard.flatMap(({ type, body }) => (type === 'E' ? [body] : [])).join()
}

for (const [kind, questions] of Object.entries(QUESTIONS)) {
  if (typeof questions === 'string') continue
  for (const text of questions) {
    test(`${kind} answers no question: ${text}`, { skip }, async () => {
      assert.match(await told(text), /code=(MASKED_PREDICATE|MASK_UNPROVABLE)/)
    })
  }
}

for (const text of ANSWERED) {
  test(`it asks nothing: ${text}`, { skip }, async () => {
    assert.equal(await told(text), '')
  })
}
