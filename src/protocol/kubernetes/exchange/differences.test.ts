import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../http/strict-json.ts'
import { differences } from './differences.ts'

test('what is different, by the exact values, in words that may be shown', () => {
  const value = (replicas: number, key: string) => ({
    exact: { spec: { replicas, env: [{ name: 'KEY', value: key }] }, gone: { deep: ['x'] } },
    shown: { spec: { replicas, env: [{ name: 'KEY', value: '[redacted]' }] }, gone: '(not shown)' },
  })
  const none = differences(value(1, 'a'), value(1, 'a'))
  assert.deepEqual(none, { lines: [], more: 0 })
  const changes = differences(value(1, 'a'), {
    exact: value(2, 'b').exact,
    shown: value(2, 'b').shown,
  })
  assert.deepEqual(changes.lines, [
    '  spec.env[KEY].value: "[redacted]" → "[redacted]"',
    '  spec.replicas: 1 → 2',
  ])
})

test('what has nothing to be shown in its place is not shown', () => {
  const before = { exact: {}, shown: {} }
  const after = { exact: { data: { a: ['canary'] } }, shown: { data: '(not shown)' } }
  assert.deepEqual(differences(before, after).lines, ['- : {}', '+ data.a[0]: (not shown)'])
})

test('elements that are called alike where they are shown stay apart', () => {
  const named = (...names: readonly string[]) => ({
    exact: { l: names.map((name) => ({ name })) },
    shown: { l: names.map(() => ({ name: '[redacted]' })) },
  })
  const changes = differences(named('a', 'b'), named('a', 'c'))
  assert.deepEqual(changes.lines, ['  l[[redacted]][1].name: "[redacted]" → "[redacted]"'])
})

test('names as long as a body, and more values than anybody reads, cost no more than their size', () => {
  const seen = (value: Json) => ({ exact: value, shown: value })
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n]))
  const long = 'x'.repeat(1_000_000)
  const { lines, more } = differences(seen({}), seen({ spec: { [long]: many } }))
  assert.equal(lines.length + more, 20_001)
  assert.ok(lines.length <= 400 && lines.every(({ length }) => length < 1000))
  // Each path written out would take more than there is.
  const nested = Array.from({ length: 90 }).reduce<Json>(
    (value) => ({ ['y'.repeat(10_000)]: value }),
    Array.from({ length: 50_000 }, () => 1),
  )
  assert.equal(differences(seen(nested), seen({ ...(nested as object), a: 1 })).lines.length, 1)
  const all = differences(seen({}), seen(nested)).lines.join('\n')
  assert.ok(all.length < 1_000_000, `${all.length} characters`)
})
