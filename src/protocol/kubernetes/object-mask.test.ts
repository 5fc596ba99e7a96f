import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ColumnMask } from '../../core/verdict.ts'
import { createObjectMasker } from './object-mask.ts'

const MASK: ColumnMask = {
  type: 'columns',
  covers: ([namespace, resource, name, field]) =>
    namespace === 'prod' && resource === 'odd.example.com' && name === 'x' && field === 'secret',
  with: { name: 'redact' },
  predicates: 'allow',
  policy: 'p',
  rule: 'r',
}

function masker() {
  const keys = { hashKey: Buffer.alloc(32) }
  return createObjectMasker({ resource: 'odd.example.com', namespace: 'prod', masks: [MASK], keys })
}

/** Kinds whose fields are called as those of lists, tables and events are. */
const ODD: readonly object[] = [
  { kind: 'AllowList', items: [{ a: 1 }] },
  { kind: 'Odd', cells: ['a'], object: { metadata: { name: 'y' } } },
  { kind: 'Odd', type: 'ADDED', object: { metadata: { name: 'y' } } },
  { kind: 'Table', apiVersion: 'example.com/v1', rows: [] },
]

test('an object is masked by what it is, whatever its fields are called', () => {
  for (const odd of ODD) {
    const object = { ...odd, metadata: { name: 'x', namespace: 'prod' }, secret: 'canary' }
    const document = Buffer.from(JSON.stringify(object))
    const event = Buffer.from(JSON.stringify({ type: 'ADDED', object }))
    for (const shown of [
      masker().mask(document),
      masker().maskItem(document, 'items'),
      masker().maskEvent(event),
    ]) {
      assert.doesNotMatch(shown.toString(), /canary/)
      assert.match(shown.toString(), /"secret":"\[redacted\]"/)
    }
  }
})

test("a list that came whole has a list's fields and no others", () => {
  const item = { metadata: { name: 'x', namespace: 'prod' }, secret: 'canary' }
  const list = (more: object) => Buffer.from(JSON.stringify({ kind: 'L', items: [item], ...more }))
  assert.doesNotMatch(masker().maskCollection(list({})).toString(), /canary/)
  assert.throws(() => masker().maskCollection(list({ spec: 1 })), /lists do not have/)
})
