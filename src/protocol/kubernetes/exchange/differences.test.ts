import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences } from './differences.ts'

test('what is different, by the exact values, in words that may be shown', () => {
  const value = (replicas: number, key: string) => ({
    exact: { spec: { replicas, env: [{ name: 'KEY', value: key }] }, gone: { deep: ['x'] } },
    shown: { spec: { replicas, env: [{ name: 'KEY', value: '[redacted]' }] }, gone: '(not shown)' },
  })
  const none = differences(value(1, 'a'), value(1, 'a'))
  assert.deepEqual(none, [])
  const changes = differences(value(1, 'a'), {
    exact: value(2, 'b').exact,
    shown: value(2, 'b').shown,
  })
  assert.deepEqual(
    changes.map(({ shown }) => shown),
    ['  spec.env[KEY].value: "[redacted]" → "[redacted]"', '  spec.replicas: 1 → 2'],
  )
  assert.match(changes[0]!.exact, /"a" → "b"/)
})

test('what has nothing to be shown in its place is not shown', () => {
  const before = { exact: {}, shown: {} }
  const after = { exact: { data: { a: ['canary'] } }, shown: { data: '(not shown)' } }
  assert.deepEqual(
    differences(before, after).map(({ shown }) => shown),
    ['- : {}', '+ data.a[0]: (not shown)'],
  )
})

test('elements that are called alike where they are shown stay apart', () => {
  const named = (...names: readonly string[]) => ({
    exact: { l: names.map((name) => ({ name })) },
    shown: { l: names.map(() => ({ name: '[redacted]' })) },
  })
  const changes = differences(named('a', 'b'), named('a', 'c'))
  assert.deepEqual(
    changes.map(({ shown }) => shown),
    ['  l[[redacted]][1].name: "[redacted]" → "[redacted]"'],
  )
})
