import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatObject, parseObject } from './object.ts'

const PATHS = [
  ['sales', 'public', 'customers', 'email'],
  ['a.b', 'c"d', ' '],
  ['""', '"', '.'],
  ['default', 'secrets', 'db-1'],
  ['Ünï', '1', ''],
]

test('what is written can be read', () => {
  for (const path of PATHS) assert.deepEqual(parseObject(formatObject(path)), path)
})

test('what was not written so is no object', () => {
  for (const text of ['', '.', 'a.', '.a', 'a..b', '"a', 'a"b"', '"plain"', 'a b', '"a""']) {
    assert.equal(parseObject(text), undefined, text)
  }
})
