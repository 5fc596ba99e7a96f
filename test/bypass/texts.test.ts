import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { query } from '../../src/protocol/postgres/signing-in/handshake-messages.ts'
import type { Bench } from '../support/gateway.ts'
import { startBench } from '../support/gateway.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Heard, RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import { CANARIES, findCanary } from './canaries.ts'
import type { Way } from './texts.ts'
import { AGENT_OF, POLICIES, schema, TELLINGS, WAYS } from './texts.ts'

const skip = noPostgres()

let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: schema(CANARIES[0]) })
})
after(() => bench?.stop())

for (const { name, agent = 'reader', sql, ways = WAYS, fails } of TELLINGS) {
  for (const way of ways) {
    test(`${name}: ${way}`, { skip }, async () => {
      const client = await openRawClient(bench, AGENT_OF[agent])
      const heard = await converse(client, sql, way)
      client.destroy()
      const said = heard.map(({ type, body }) => `${type} ${body}`).join('\n')
      assert.equal(findCanary(said), undefined, said)
      if (fails !== undefined) assert.ok(said.includes(`\0C${fails}\0`), said)
    })
  }
}

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
