import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { silentLog } from '../../src/core/log.ts'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { loadParser } from '../../src/sql/postgres/parse/parser.ts'
import { createSimpleTarget } from '../approvals/simple-target.ts'
import { openPlayer } from './player.ts'

before(() => loadParser())

test('nothing goes to the target while a cancel is on its way there', async () => {
  const cancels: (() => void)[] = []
  const ran: string[] = []
  const player = openPlayer(silentLog, {}, () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // The second one fails: it can hit nothing either.
    cancels.push(cancels.length === 0 ? resolve : () => reject(new Error('no target')))
    return promise
  })
  const target = createSimpleTarget((text) => void ran.push(text))
  const settle = () => {
    for (let round = 0; round < 5; round++) player.fromTarget(target.hear(player.takeForTarget()))
  }
  const ask = (text: string) => player.fromClient(message(0x51, text))
  ask('SELECT 1')
  settle()
  ask('SELECT 2')
  const both = [player.cancel(), player.cancel()]
  settle()
  ask('SELECT 3')
  settle()
  assert.deepEqual(ran, ['SELECT 1', 'SELECT 2'])
  cancels[0]!()
  await both[0]
  settle()
  assert.deepEqual(ran, ['SELECT 1', 'SELECT 2'], 'the other cancel is still on its way')
  cancels[1]!()
  await both[1]
  settle()
  assert.deepEqual(ran, ['SELECT 1', 'SELECT 2', 'SELECT 3'])
})
