import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createStatementCache } from './cache.ts'

const BOUNDS = { entriesMax: 40, keyLengthMax: 4000 }

it('answers for a text that differs in literals, if the value does not depend on them', () => {
  const cache = createStatementCache<string>(BOUNDS)
  cache.set('SELECT a FROM t WHERE b = 1', 'one', true, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t WHERE b = 2'), 'one')
  assert.equal(cache.get("SELECT a FROM t WHERE b = '2'"), undefined)
})

it('answers for the same text only, if the value depends on literals', () => {
  const cache = createStatementCache<string>(BOUNDS)
  cache.set('SELECT a FROM t WHERE b = 1', 'one', false, cache.epoch)
  cache.set('SELECT a FROM u', 'u', true, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t WHERE b = 1'), 'one')
  assert.equal(cache.get('SELECT a FROM t WHERE b = 2'), undefined)
})

it('prefers what was kept for the exact text', () => {
  const cache = createStatementCache<string>(BOUNDS)
  cache.set('SELECT a FROM t WHERE b = 1', 'any', true, cache.epoch)
  cache.set('SELECT a FROM t WHERE b = 2', 'two', false, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t WHERE b = 2'), 'two')
  assert.equal(cache.get('SELECT a FROM t WHERE b = 3'), 'any')
})

it('forgets everything when names change, and what was made before that', () => {
  const cache = createStatementCache<string>(BOUNDS)
  const epoch = cache.epoch
  cache.set('SELECT a FROM t', 'old', true, epoch)
  cache.invalidate()
  assert.equal(cache.get('SELECT a FROM t'), undefined)
  cache.set('SELECT a FROM t', 'stale', true, epoch)
  assert.equal(cache.get('SELECT a FROM t'), undefined)
  cache.set('SELECT a FROM t', 'new', true, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t'), 'new')
})

it('stays within its bounds, and keeps what is used', () => {
  const cache = createStatementCache<number>(BOUNDS)
  const hot = 'SELECT hot FROM t'
  cache.set(hot, -1, true, cache.epoch)
  for (let n = 0; n < 500; n++) {
    cache.set(`SELECT a${n} FROM t`, n, true, cache.epoch)
    assert.equal(cache.get(hot), -1)
  }
  const kept = Array.from({ length: 500 }, (_, n) => cache.get(`SELECT a${n} FROM t`))
  const count = kept.filter((value) => value !== undefined).length
  assert.ok(count > 0 && count < 40, `${count} kept`)
})

it('keeps no text that is too long for it', () => {
  const cache = createStatementCache<number>(BOUNDS)
  const long = `SELECT ${'a'.repeat(2000)}`
  cache.set(long, 1, true, cache.epoch)
  assert.equal(cache.get(long), undefined)
})
