import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readJson } from '../../json.ts'
import { strictJson } from './json-with-comments.ts'

function read(text: string): unknown {
  const strict = strictJson(Buffer.from(text))
  if (typeof strict === 'string') return strict
  const value = readJson(Buffer.from(strict.text))
  return typeof value === 'string' ? value : value.value
}

test('what the Azure CLI sends for a template is read', () => {
  const text = `{"properties": {"mode": "Incremental", template:{ // a comment with "quotes" and }
    /* and
       more: "x" */ "a" : "two
lines", "u": "http://x/*no*/", "n": 1.50, "t": true, "z": null}}}`
  assert.deepEqual(read(text), {
    properties: {
      mode: 'Incremental',
      template: { a: 'two\nlines', u: 'http://x/*no*/', n: 1.5, t: true, z: null },
    },
  })
})

test('what two readers could take differently is still refused', () => {
  for (const [text, why] of [
    ['{"template":{}, template:{}}', /twice/],
    ['{"a":1,}', /JSON/],
    ["{'a':1}", /JSON/],
    ['{"a":NaN}', /JSON/],
    ['{"a":/*x', /JSON/],
    ['{"a":/x/}', /JSON/],
    ['{"a":"x', /end/],
    ['{"a\\": 1, "b": "}', /JSON|end/],
    ['{a b:1}', /JSON/],
    ['\ufeff{}', /byte order mark/],
    ['{"a":1}// \u2028,"b":2}', /JSON/],
  ] as const) {
    assert.match(String(read(text)), why, text)
  }
})

test('strict JSON stays what it is', () => {
  const text = '{"a":{"b":[1,-2.5e10,"\\u0041\\"/ // no comment"]},"c":false}'
  const strict = strictJson(Buffer.from(text))
  assert.deepEqual(strict, { text })
})
