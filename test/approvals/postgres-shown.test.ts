import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { silentLog } from '../../src/core/log.ts'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { loadParser } from '../../src/sql/postgres/parse/parser.ts'
import { openPlayer } from '../wire/player.ts'
import { createHoldWorld } from './hold-world.ts'
import { createSimpleTarget } from './simple-target.ts'

before(() => loadParser())

/** Runs the statements, and then holds the last one: what people are shown of it. */
async function held(...texts: readonly string[]) {
  const world = createHoldWorld(false)
  const player = openPlayer(silentLog, world)
  const target = createSimpleTarget(() => {})
  for (const [index, text] of texts.entries()) {
    if (index === texts.length - 1) {
      world.change('one of dba')
      player.policyChanged()
    }
    player.fromClient(message(0x51, text))
    for (let round = 0; round < 5; round++) {
      player.fromTarget(target.hear(player.takeForTarget()))
      await new Promise((turn) => setImmediate(turn))
    }
  }
  const [request] = world.approvals.list({ state: 'pending' }).items
  assert.ok(request !== undefined, `${texts.at(-1)} is not held`)
  return request.request
}

test('people see what a prepared statement runs, and are asked for that', async () => {
  const one = await held('PREPARE b AS SELECT 1', 'EXECUTE b')
  assert.match(one.text, /^EXECUTE b\n\n"b" is:\n\s*SELECT 1$/)
  const again = await held('PREPARE b AS SELECT 7', 'EXECUTE b')
  assert.equal(again.fingerprint, one.fingerprint, 'alike but for a literal')
  const other = await held("PREPARE b AS SELECT 'x' || 'y', 2", 'EXECUTE b')
  assert.notEqual(other.fingerprint, one.fingerprint)
  assert.notEqual(other.digest, one.digest)
})

test('people see what a cursor reads', async () => {
  const { text } = await held('DECLARE c CURSOR WITH HOLD FOR SELECT 1', 'FETCH 3 FROM c')
  assert.match(text, /^FETCH 3 FROM c\n\n"c" is:\nDECLARE c CURSOR WITH HOLD FOR SELECT 1$/)
})

test('people are told of code that they do not see', async () => {
  const block = 'DO $$ BEGIN PERFORM 1; END $$'
  const { text, facts } = await held(block)
  assert.deepEqual(facts.unseen, ['code'])
  assert.ok(text.startsWith(`${block}\n\nNot seen, and not approved: what functions`))
})
