import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { StatementCache } from './cache.ts'
import { createStatementCaches } from './cache.ts'

const BOUNDS = { entriesMax: 40, keyLengthMax: 4000 }

/** A cache whose `set` is done twice. */
function createCache<V>(): StatementCache<V> {
  const cache = createStatementCaches<V>(BOUNDS)()
  return {
    ...cache,
    get epoch() {
      return cache.epoch
    },
    set(...all) {
      cache.set(...all)
      cache.set(...all)
    },
  }
}

it('keeps what is set a second time, for the same text or the same key', () => {
  const cache = createStatementCaches<string>(BOUNDS)()
  cache.set('SELECT a FROM t', 'first', false, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t'), undefined)
  cache.set('SELECT a FROM t', 'second', false, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t'), 'second')
  cache.set('SELECT a FROM t WHERE b = 1', 'one', true, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t WHERE b = 3'), undefined)
  cache.set('SELECT a FROM t WHERE b = 2', 'two', true, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t WHERE b = 3'), 'two')
  cache.invalidate()
  cache.set('SELECT a FROM t', 'third', false, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t'), undefined)
})

it('takes what was met once for nothing that was met long ago', () => {
  const cache = createStatementCaches<number>(BOUNDS)()
  cache.set('SELECT a FROM t', -1, false, cache.epoch)
  for (let n = 0; n < 100; n++) cache.set(`SELECT a${n} FROM t`, n, false, cache.epoch)
  cache.set('SELECT a FROM t', -2, false, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t'), undefined)
})

it('answers for a text that differs in literals, if the value does not depend on them', () => {
  const cache = createCache<string>()
  cache.set('SELECT a FROM t WHERE b = 1', 'one', true, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t WHERE b = 2'), 'one')
  assert.equal(cache.get("SELECT a FROM t WHERE b = '2'"), undefined)
})

it('answers for the same text only, if the value depends on literals', () => {
  const cache = createCache<string>()
  cache.set('SELECT a FROM t WHERE b = 1', 'one', false, cache.epoch)
  cache.set('SELECT a FROM u', 'u', true, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t WHERE b = 1'), 'one')
  assert.equal(cache.get('SELECT a FROM t WHERE b = 2'), undefined)
})

it('prefers what was kept for the exact text', () => {
  const cache = createCache<string>()
  cache.set('SELECT a FROM t WHERE b = 1', 'any', true, cache.epoch)
  cache.set('SELECT a FROM t WHERE b = 2', 'two', false, cache.epoch)
  assert.equal(cache.get('SELECT a FROM t WHERE b = 2'), 'two')
  assert.equal(cache.get('SELECT a FROM t WHERE b = 3'), 'any')
})

it('forgets everything when names change, and what was made before that', () => {
  const cache = createCache<string>()
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
  const cache = createCache<number>()
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
  const cache = createCache<number>()
  const long = `SELECT ${'a'.repeat(2000)}`
  cache.set(long, 1, true, cache.epoch)
  assert.equal(cache.get(long), undefined)
})

it('keeps no more in many caches than in one, and drops nothing that is in use', () => {
  const weigh = (value: string) => value.length
  const caches = createStatementCaches<string>({ entriesMax: 1e6, keyLengthMax: 40_000, weigh })
  const all = Array.from({ length: 100 }, () => caches())
  const [mine] = all
  const twice = (cache: StatementCache<string>, text: string, value: string) => {
    for (let n = 0; n < 2; n++) cache.set(text, value, false, cache.epoch)
  }
  twice(mine!, 'mine', 'kept')
  for (let n = 0; n < 1000; n++) {
    twice(all[1 + (n % 99)]!, `text ${n} ${'x'.repeat(50)}`, 'v'.repeat(500))
    assert.equal(mine!.get('mine'), 'kept')
  }
  const found = Array.from({ length: 1000 }, (_, n) =>
    all[1 + (n % 99)]!.get(`text ${n} ${'x'.repeat(50)}`),
  )
  const bytes = found.reduce((sum, value) => sum + (value === undefined ? 0 : value.length + 60), 0)
  assert.ok(bytes > 0 && bytes <= 40_000, `${bytes}`)
})
