import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStrictJson } from './strict-json.ts'

const read = (text: string, same?: (name: string) => string) =>
  readStrictJson(Buffer.from(text), same)

test('a field that stands twice is found, however it is spelled and wherever it is', () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{"c":1,"d":[{}],"c":2}}]',
    '{"":1,"":2}',
    '{"a\\"":1,"a\\"":2}',
  ]) {
    assert.equal(read(text), 'names a field twice in one object', text)
  }
})

test('the same name elsewhere is none', () => {
  for (const text of [
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{"a":"a","b":"a"}',
    '["a","a"]',
    '1',
  ]) {
    assert.deepEqual(read(text), { value: JSON.parse(text) as unknown }, text)
  }
})

test('names are compared as the target does', () => {
  assert.equal(typeof read('{"a":1,"A":2}'), 'object')
  assert.equal(typeof read('{"a":1,"A":2}', (name) => name.toLowerCase()), 'string')
})

test('other bytes than two readers agree on are refused', () => {
  assert.equal(readStrictJson(Buffer.from([0x22, 0xff, 0x22])), 'is not UTF-8')
  assert.equal(read('\ufeff{}'), 'begins with a byte order mark')
  assert.equal(read('{"a":1,}'), 'is not valid JSON')
  assert.equal(read('['.repeat(101) + ']'.repeat(101)), 'is nested too deeply')
})
