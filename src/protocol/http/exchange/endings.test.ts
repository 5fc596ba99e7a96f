import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hintOfEnd } from './endings.ts'

test('whoever loses a session hears what can be done, which is no new token where access was taken away', () => {
  assert.match(hintOfEnd('SESSION_REVOKED'), /owner/)
  assert.doesNotMatch(hintOfEnd('SESSION_REVOKED'), /token|again/)
  assert.match(hintOfEnd('SESSION_EXPIRED'), /token that has not expired/)
  assert.match(hintOfEnd('SESSION_IDLE'), /new session/)
})
