import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duplicateField } from './strict-json.ts'

test('a field that stands twice is found, however it is spelled and wherever it is', () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{"c":1,"d":[{}],"c":2}}]',
    '{"":1,"":2}',
    '{"a\\"":1,"a\\"":2}',
  ]) {
    assert.ok(duplicateField(text), text)
  }
})

test('the same name elsewhere is none', () => {
  for (const text of [
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{"a":"a","b":"a"}',
    '["a","a"]',
    '1',
  ]) {
    assert.ok(!duplicateField(text), text)
  }
})

test('names are compared as the target does', () => {
  assert.ok(!duplicateField('{"a":1,"A":2}'))
  assert.ok(duplicateField('{"a":1,"A":2}', (name) => name.toLowerCase()))
})
