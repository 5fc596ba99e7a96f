import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAgentStore } from './agent-store.ts'
import { createOrigin } from './origin.ts'
import { openStore } from './sqlite.ts'

test('a new state is not complete until it is said to be, also after a crash half-way', () => {
  const store = openStore(':memory:')
  const origin = createOrigin(store)
  assert.equal(origin.complete, false)
  createAgentStore(store)
  assert.equal(createOrigin(store).complete, false)
  origin.completed()
  assert.equal(createOrigin(store).complete, true)
})

test('a state that was kept before anybody asked is complete', () => {
  const store = openStore(':memory:')
  createAgentStore(store)
  assert.equal(createOrigin(store).complete, true)
})
