import assert from 'node:assert/strict'
import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { recorded } from '../../../test/support/audit/recorded.ts'
import { ALLOW, DENY, operation } from '../../../test/support/record/facts.ts'
import type { PastOperation } from './history.ts'
import { pastOperations } from './history.ts'

async function read(folder: string, from_ms = 0) {
  const found: PastOperation[] = []
  const skipped: unknown[] = []
  const options = { folder, from_ms, skipped: (why: unknown) => void skipped.push(why) }
  for await (const past of pastOperations(options)) found.push(past)
  return { found, skipped }
}

test('an operation comes back as policies saw it', async (t) => {
  const records = recorded(t)
  const asked = operation({
    accesses: [
      { action: 'sql.update', object: ['s', 'p', 'odd.name'], parts: ['a'], grant: 'required' },
      { action: 'sql.select', object: ['s', 'p', 't'], parts: 'all', grant: 'implied' },
    ],
    predicates: [['s', 'p', 't', 'b']],
    copies: [
      { from: ['s', 'p', 't', 'b'], to: ['s', 'p', 'odd.name', 'a'] },
      { from: 'unknown', to: ['f'] },
    ],
  })
  records.open('etl-1').run('UPDATE …', ALLOW, asked)
  await records.written()
  const { found, skipped } = await read(records.folder)
  assert.deepEqual(skipped, [])
  const [past] = found
  assert.equal(past?.effect, 'allow')
  assert.equal(past?.text, 'UPDATE …')
  assert.deepEqual({ ...past?.operation, results: asked.results }, asked)
  const { principal, resource } = past.session
  assert.equal(principal.agent.name, 'etl-1')
  assert.deepEqual(principal.groups, ['data-agents'])
  assert.deepEqual(resource, { name: 'sales-db', type: 'postgres', labels: { env: 'prod' } })
})

test('what no policy was asked about is left out, and so is what came before', async (t) => {
  const records = recorded(t)
  const session = records.open('etl-1')
  session.run('gibberish', DENY, { accesses: [] })
  session.run('early')
  records.pass(60_000)
  const later_ms = records.clock.now_ms()
  session.run('late', DENY)
  await records.written()
  const { found } = await read(records.folder, later_ms)
  assert.deepEqual(
    found.map(({ text, effect }) => [text, effect]),
    [['late', 'deny']],
  )
})

test('what cannot be used is told', async (t) => {
  const records = recorded(t)
  records.open('etl-1').run('SELECT 1')
  await records.written()
  const live = join(records.folder, 'live')
  appendFileSync(join(live, readdirSync(live)[0]!), 'rubbish\n')
  const { found, skipped } = await read(records.folder)
  assert.equal(found.length, 1)
  assert.equal(skipped.length, 1)
})
