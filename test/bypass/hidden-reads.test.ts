import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Heard } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'
import { ASKED, CARRIED, FAILING, HARMLESS, POLICIES, schema } from './hidden-reads.ts'

const skip = noPostgres()
const READER = 'etl-1'
const STRICT = 'etl-2'

let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: schema(CANARIES[0]) })
})
after(() => bench?.stop())

for (const [name, steps] of Object.entries(FAILING)) {
  test(`what a policy reads is withheld: ${name}`, { skip }, async () => {
    const heard = await ask(READER, steps)
    assert.ok(
      heard.some(({ type }) => type === 'E'),
      `it does not fail: ${JSON.stringify(heard)}`,
    )
    assert.equal(findCanary(bytesOf(heard)), undefined, bytesOf(heard))
    assert.equal(codeIn(heard), 'MASK_UNPROVABLE', 'it is the target that fails')
  })

  test(`what a policy reads is a condition: ${name}`, { skip }, async () => {
    assert.equal(codeIn(await ask(STRICT, steps)), 'MASKED_PREDICATE')
  })
}

for (const [name, text] of Object.entries(HARMLESS)) {
  test(`no masked column is read by ${name}`, { skip }, async () => {
    for (const agent of [READER, STRICT]) {
      const heard = await ask(agent, text)
      assert.deepEqual(
        heard.filter(({ type }) => type === 'E'),
        [],
      )
    }
  })
}

for (const [name, text] of Object.entries(CARRIED)) {
  test(`a mask follows its values by ${name}`, { skip }, async () => {
    const heard = await ask(READER, text)
    assert.ok(
      heard.some(({ type }) => type === 'D' || type === 'd'),
      JSON.stringify(heard),
    )
    assert.equal(findCanary(bytesOf(heard)), undefined, bytesOf(heard))
  })
}

for (const [name, text] of Object.entries(ASKED)) {
  test(`a question is refused by ${name}`, { skip }, async () => {
    assert.equal(codeIn(await ask(STRICT, text)), 'MASKED_PREDICATE')
  })
}

/** All that the agent hears; the code is that of the first refusal. */
async function ask(agent: string, steps: string | readonly string[]): Promise<readonly Heard[]> {
  const client = await openRawClient(bench, agent)
  const heard: Heard[] = []
  for (const text of [steps].flat()) {
    client.say(message(0x51, text))
    heard.push(...(await client.hearUntil('Z', 'G')))
    if (heard.at(-1)?.type !== 'G') continue
    client.say(message(0x64, Buffer.from('1\tx\n')), message(0x63))
    heard.push(...(await client.hear()))
  }
  client.destroy()
  return heard
}

function bytesOf(heard: readonly Heard[]): string {
  return heard.map(({ body }) => body).join('\n')
}

function codeIn(heard: readonly Heard[]): string | undefined {
  return /code=([A-Z_]+)/.exec(bytesOf(heard))?.[1]
}
