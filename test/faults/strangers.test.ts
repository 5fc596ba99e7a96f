import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/*
 * What strangers do at an address harms nobody else there: agents, people and administrators often
 * share one (NAT, a sidecar, this machine).
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules: [{ id: all, allow: { actions: [sql.select], objects: ['**'] } }]
`

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'p.yaml': POLICY },
    schema: 'SELECT 1',
    config: 'limits: { connectionsMax: 40, connectionsPerAddressMax: 30 }',
  })
})
after(() => bench?.stop())

async function worksFor(agent: string): Promise<void> {
  const client = await bench.client({ agent })
  await client.connect()
  await client.query('SELECT 1')
  await client.end()
}

test('60 wrong tokens lock out neither agents nor an administrator', { skip }, async () => {
  const { folder, gateway } = bench
  const ca = readFileSync(gateway.authorityFile ?? join(folder, 'ca.pem'))
  const agent = new Agent({ keepAlive: true, ca })
  for (let n = 0; n < 130; n++) {
    const headers = { authorization: `Bearer ${Buffer.from(`wrong-${n}`).toString('base64url')}` }
    const url = `https://127.0.0.1:${gateway.apiPort}/v1/me`
    const asked = request(url, { agent, headers }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'end')
    assert.ok([401, 429].includes(answer.statusCode ?? 0))
  }
  agent.destroy()
  for (let n = 0; n < 5; n++) {
    const wrong = await bench.client({ password: `wrong-${n}` })
    await assert.rejects(wrong.connect())
  }
  await worksFor('etl-1')
  await bench.chaperone('admin', 'agents', 'revoke', 'etl-2')
  const revoked = await bench.client({ agent: 'etl-2' })
  await assert.rejects(revoked.connect())
  await bench.chaperone('admin', 'agents', 'restore', 'etl-2')
})

test('silent sockets close no door', { skip }, async () => {
  const { postgresPort, apiPort } = bench.gateway
  const open: Socket[] = []
  const inside = await bench.client()
  await inside.connect()
  for (const [port, count] of [
    [postgresPort, 200],
    [apiPort, 1200],
  ] as const) {
    for (let n = 0; n < count; n++) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      open.push(socket)
      await once(socket, 'connect')
    }
  }
  await worksFor('etl-1')
  await bench.chaperone('auditor', 'agents', 'list')
  // Who had signed in before was not moved.
  assert.equal((await inside.query('SELECT 1')).rowCount, 1)
  await inside.end()
  for (const socket of open) socket.destroy()
})
