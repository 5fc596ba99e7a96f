import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saslprep } from './saslprep.ts'

test('the examples of RFC 4013 section 3', () => {
  assert.equal(saslprep('I\u00adX'), 'IX')
  assert.equal(saslprep('user'), 'user')
  assert.equal(saslprep('USER'), 'USER')
  assert.equal(saslprep('\u00aa'), 'a')
  assert.equal(saslprep('\u2168'), 'IX')
})

test('what the profile forbids stays as it is, as PostgreSQL stores it', () => {
  for (const password of [
    'a\u0007\u2168',
    '\u06271\u2168', // right-to-left that does not end so
    '\u00ad', // nothing is left
    '\ufb01\u{1f600}', // unassigned in Unicode 3.2
    '\u2168\u{e0001}',
    '\u2168\u0340\u200e',
  ]) {
    assert.equal(saslprep(password), password)
  }
})

test('spaces become plain, and compatibility forms are folded', () => {
  assert.equal(saslprep('a\u00a0b\u3000c'), 'a b c')
  assert.equal(saslprep('\ufb01'), 'fi')
  assert.equal(saslprep('e\u0301'), '\u00e9')
  assert.equal(saslprep('\u0627\u0031\u0628\u2060'), '\u0627\u0031\u0628')
})
