import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as assertProperty, dictionary, jsonValue, property, string } from 'fast-check'
import { parseStrictObject } from './json.ts'

const parse = (text: string) => parseStrictObject(Buffer.from(text))

test('an object that names a key twice is none, at any depth and however it is spelled', () => {
  const repeated = [
    '{"a":1,"a":2}',
    String.raw`{"a":1,"\u0061":2}`,
    '{"x":{"a":1,"b":[{"c":1}],"a":2}}',
    '[1]',
    '{"x":[{"a":1},{"a":1,"a":1}]}',
  ]
  for (const text of repeated) assert.equal(parse(text), undefined, text)
})

test('alike keys in different objects, and alike values, are fine', () => {
  const fine = ['{"a":{"a":"a"},"b":["a","a",{"a":1},{"a":"}"}]}', String.raw`{"a\"":1,"a":"\\"}`]
  for (const text of fine) assert.deepEqual(parse(text), JSON.parse(text))
})

test('what is no JSON object in UTF-8 is none', () => {
  for (const text of ['', '1', '"a"', 'null', '{', '\ufeff{}']) {
    assert.equal(parse(text), undefined, text)
  }
  assert.equal(
    parseStrictObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    undefined,
  )
})

test('it reads whatever JSON.stringify writes', () => {
  assertProperty(
    property(dictionary(string(), jsonValue()), (value) => {
      const text = JSON.stringify(value)
      assert.deepEqual(parse(text), JSON.parse(text))
    }),
    { numRuns: 200 },
  )
})
