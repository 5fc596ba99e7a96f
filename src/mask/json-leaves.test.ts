import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editJson } from './json-leaves.ts'

const TEXT =
  '\ufeff{"value":[{"id":"/a","n":-1.5e3,"t":true,"x":null,"q":"a\\"b\\\\"},{"n":7}],"e":{},"l":[[1,"é"]]}'

function run(text: string, size: number, edit = (_path: string, raw: string) => raw) {
  const seen: string[] = []
  const editor = editJson(({ path, raw }) => {
    seen.push(`${path.join('.')}=${raw}`)
    return edit(path.join('.'), raw)
  }, 1000)
  const bytes = Buffer.from(text)
  let out = ''
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size)
    parts.push(editor.write(bytes.subarray(at, at + size)))
  parts.push(editor.end())
  out = Buffer.concat(parts).toString()
  return { out, seen }
}

test('leaves are seen with their paths, however the bytes come', () => {
  for (let size = 1; size <= Buffer.byteLength(TEXT); size++) {
    const { out, seen } = run(TEXT, size)
    assert.equal(out, TEXT)
    assert.deepEqual(seen, [
      'value.id="/a"',
      'value.n=-1.5e3',
      'value.t=true',
      'value.x=null',
      'value.q="a\\"b\\\\"',
      'value.n=7',
      'l=1',
      'l="é"',
    ])
  }
})

test('a leaf is replaced and nothing else', () => {
  const { out } = run('{"a":"x","b":[1, "x"]}', 3, (path, raw) => (path === 'b' ? '"y"' : raw))
  assert.equal(out, '{"a":"x","b":["y", "y"]}')
  assert.equal(run('"x"', 1, () => '1').out, '1')
  assert.equal(run('12', 1, () => '"y"').out, '"y"')
})

test('what is no JSON, ends early or is too long cuts the answer', () => {
  for (const text of [
    '{"a":',
    '{"a"',
    '<html>',
    '{"a":1]',
    '"abc',
    '{"a" "b":1}',
    '{"a"::1}',
    '{"a":1 "b":2}',
    '{"a":1,}',
    '{,"a":1}',
    '{"a":1:2}',
    '{"a"}',
    '{"a":}',
    '{1:2}',
    '[1 2]',
    '[1,]',
    '[,1]',
    '["a":1]',
    '1,2',
    '{"a":01}',
    '{"a":nul}',
    '{"a":1.}',
    '{"a":+1}',
    '{"a":--1}',
    '{"a":truefalse}',
    `{"a":"${'x'.repeat(1001)}"}`,
  ]) {
    assert.throws(() => run(text, 2), { code: 'TARGET_PROTOCOL' }, text)
  }
})

test('documents may follow each other', () => {
  const text = '{"a":1}\n{"a":[ ]} [ { } ]\n2 "x"'
  for (const size of [1, 3, 100]) assert.equal(run(text, size).out, text)
})
