import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createItemSplitter } from './item-splitter.ts'

function run(text: string, size: number) {
  const items: string[] = []
  const splitter = createItemSplitter((item) => {
    items.push(item.toString())
    return Buffer.from('@')
  })
  const bytes = Buffer.from(text)
  let out = ''
  for (let at = 0; at < bytes.length; at += size) {
    out += splitter.write(bytes.subarray(at, at + size)).toString()
  }
  return { items, out: out + splitter.end().toString() }
}

const CASES: readonly (readonly [string, readonly string[], string])[] = [
  [
    '{"kind":"List","items":[{"a":[{"items":[]}]},{"b":"]}"}]}',
    ['{"a":[{"items":[]}]}', '{"b":"]}"}'],
    '{"kind":"List","items":[@,@]}',
  ],
  [
    '{"rows": [ {"cells":["é\\""]} ], "metadata":{"items":[{}]}}',
    ['{"cells":["é\\""]}'],
    '{"rows": [ @ ], "metadata":{"items":[{}]}}',
  ],
  ['{"\\u0069tems":[{"a":1}]}', ['{"a":1}'], '{"\\u0069tems":[@]}'],
  ['{"items":[],"items":[{"a":1}]}', ['{"a":1}'], '{"items":[],"items":[@]}'],
  [
    '{"items":null,"columnDefinitions":[{"a":1}]}',
    [],
    '{"items":null,"columnDefinitions":[{"a":1}]}',
  ],
]

test('elements of lists are cut out, wherever the bytes are divided', () => {
  for (const [text, items, out] of CASES) {
    for (const size of [1, 2, 3, 7, 1000]) assert.deepEqual(run(text, size), { items, out }, text)
  }
})

test('a document that closes more than it opened is told, wherever', () => {
  for (const text of [
    '}',
    ']',
    '{}}',
    '{"items":[]}]',
    '{"items":[{"a":1}]}}{"items":[{"a":1}]}',
  ]) {
    for (const size of [1, 1000]) assert.throws(() => run(text, size), /is no JSON/, text)
  }
})

test('a document that ends too early is told', () => {
  for (const text of ['{"items":[{"a":1}', '{"items":[', '{"kind":"']) {
    assert.throws(() => run(text, 5), /ends too early/)
  }
})

test('a document with other fields than a list has is no list', () => {
  for (const text of [
    '{"items":[],"spec":{"secret":1}}',
    '{"data":"x","items":[]}',
    '{"\\u0064ata":1}',
  ]) {
    for (const size of [1, 100]) assert.throws(() => run(text, size), /lists do not have/, text)
  }
})

test('what two readers could take apart differently is no list', () => {
  for (const text of [
    '[{"items":[{"a":1}]}]',
    '"items"',
    '{"items":{"a":{"b":1}}}',
    '{"items":["a"]}',
    '{"items":[["a"]]}',
    '{"items":[1]}',
    '{"items" "kind":[{"a":1}]}',
    '{"kind" "items":[{"a":1}]}',
    '{"kind":"a" "metadata":[{"a":1}]}',
    '{"kind":"a", [{"a":1}]}',
    '{\'items\':[{"a":1}]}',
    '{items:[{"a":1}]}',
    '{"kind":"a"}{"items":[{"a":1}]}',
    '{"kind":"a"} "b"',
    '{"kind"::"a"}',
    '{,"kind":"a"}',
    '}{"kind":"a"}',
  ]) {
    for (const size of [1, 100]) {
      assert.throws(() => run(text, size), { code: 'TARGET_PROTOCOL' }, text)
    }
  }
})
