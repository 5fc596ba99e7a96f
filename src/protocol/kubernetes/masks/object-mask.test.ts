import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ColumnMask, MaskRule } from '../../../core/verdict.ts'
import { createObjectMasker } from './object-mask.ts'
import { withoutWordsOfErrors } from './withheld-words.ts'

/** Masks what has these names and words in its path, in this order. */
function covering(...words: readonly string[]): ColumnMask {
  return {
    type: 'columns',
    covers: (path) => {
      let at = 0
      for (const name of path) if (name === words[at]) at++
      return at === words.length
    },
    with: { name: 'redact' },
    predicates: 'allow',
    policy: 'p',
    rule: 'r',
  }
}

function masker(
  mask: MaskRule = covering('prod', 'odd.example.com', 'x', 'secret'),
  resource = 'odd.example.com',
) {
  const keys = { hashKey: Buffer.alloc(32) }
  return createObjectMasker({ resource, namespace: 'prod', masks: [mask], keys })
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

const EMAILS: MaskRule = {
  type: 'detect',
  detectors: ['email'],
  with: { name: 'redact' },
  policy: 'p',
  rule: 'r',
}

/** Names of managed fields that hold values, of a pod with a mask on it, and what is shown of them. */
const MANAGED: readonly (readonly [mask: MaskRule, names: readonly string[], shown: string])[] = [
  [
    covering('hostAliases', 'ip'),
    ['f:spec', 'f:hostAliases', 'k:{"ip":"canary"}'],
    'k:{"ip":"[redacted]"}',
  ],
  [covering('finalizers'), ['f:metadata', 'f:finalizers', 'v:"canary"'], 'v:"[redacted]"'],
  [covering('ports', 'port'), ['f:spec', 'f:ports', 'k:{"port":4711}'], 'k:{"port":null}'],
  [covering('keys'), ['f:spec', 'f:keys', 'v:{"a":["canary"]}'], 'v:{"a":["[redacted]"]}'],
  [
    covering('a', 'ip'),
    ['f:a', 'k:{"name":"n"}', 'f:b', 'k:{"ip":"canary"}'],
    'k:{"ip":"[redacted]"}',
  ],
  [covering('hostAliases', 'ip'), ['f:hostAliases', 'k:canary'], 'k:null'],
  [EMAILS, ['f:spec', 'f:owners', 'v:"canary@example.com"'], 'v:"[redacted]"'],
]

test('names of managed fields are masked where they hold values', () => {
  for (const [mask, names, shown] of MANAGED) {
    const fields = names.toReversed().reduce<object>((inner, name) => ({ [name]: inner }), {})
    const metadata = { name: 'x', namespace: 'prod', managedFields: [{ fieldsV1: fields }] }
    const document = Buffer.from(JSON.stringify({ kind: 'Pod', metadata }))
    const event = Buffer.from(JSON.stringify({ type: 'ADDED', object: { metadata } }))
    for (const text of [
      masker(mask, 'pods').mask(document),
      masker(mask, 'pods').maskItem(document, 'items'),
      masker(mask, 'pods').maskEvent(event),
    ].map(String)) {
      assert.doesNotMatch(text, /canary|4711/)
      assert.ok(text.includes(JSON.stringify(shown)), text)
      for (const name of names.slice(0, -1)) assert.ok(text.includes(JSON.stringify(name)))
    }
  }
})

const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

test('a copy is masked with the object, and as what it is a part of', () => {
  const copy = JSON.stringify({ secret: 'canary', mode: 'fast' })
  const object = (metadata: object, more: object = {}) =>
    Buffer.from(
      JSON.stringify({ metadata: { name: 'x', namespace: 'prod', ...metadata }, ...more }),
    )
  const own = object({ annotations: { [APPLIED]: copy } })
  assert.match(masker().mask(own).toString(), /\[redacted\].*fast/)
  assert.doesNotMatch(masker().mask(own).toString(), /canary/)
  assert.doesNotMatch(masker(covering('annotations')).mask(own).toString(), /canary|fast/)
  const nested = object(
    {},
    { spec: { template: { metadata: { annotations: { [APPLIED]: copy } } } } },
  )
  assert.doesNotMatch(masker().mask(nested).toString(), /canary|fast/)
})

test('a mask holds under the other names of a resource', () => {
  const event = (field: string) =>
    Buffer.from(JSON.stringify({ metadata: { name: 'x', namespace: 'prod' }, [field]: 'canary' }))
  const cases = [
    [covering('prod', 'events', 'x', 'message'), 'events.events.k8s.io', 'note'],
    [covering('prod', 'events.events.k8s.io', 'x', 'note'), 'events', 'message'],
    [covering('prod', 'deployments.apps', 'x', 'spec'), 'deployments.extensions', 'spec'],
    [covering('prod', 'secrets', 'x', 'data'), 'secrets', 'stringData'],
  ] as const
  for (const [mask, resource, field] of cases) {
    assert.doesNotMatch(masker(mask, resource).mask(event(field)).toString(), /canary/)
  }
})

test('an event that says what went wrong does not quote, and says when it is too late', () => {
  const events = withoutWordsOfErrors(masker())
  const failed = (code: number) =>
    events.maskEvent(
      Buffer.from(
        JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, message: 'canary' } }),
      ),
    )
  assert.doesNotMatch(failed(500).toString(), /canary/)
  assert.match(failed(410).toString(), /canary/)
})

test('what does not tell whose fields they are is not shown', () => {
  const object = '{"metadata":{"name":"x","namespace":"prod"},"secret":"canary"}'
  const twice = object.replace(/\}$/, ',"metadata":{"name":"y"}}')
  const masks = (text: string) => [
    () => masker().mask(Buffer.from(text)),
    () => masker().maskItem(Buffer.from(text), 'items'),
  ]
  for (const text of [twice, `\ufeff${object}`, `{}${object}`, `${object}x`, `[${object}]`]) {
    assert.throws(masks(text)[0]!, { code: 'TARGET_PROTOCOL' }, text)
  }
  assert.throws(masks(twice)[1]!, { code: 'TARGET_PROTOCOL' })
  const beside = `{"type":"ADDED","object":${object},"old":${object}}`
  assert.throws(() => masker().maskEvent(Buffer.from(beside)), { code: 'TARGET_PROTOCOL' })
  const row = Buffer.from(`{"cells":[],"object":${object},"old":${object}}`)
  assert.throws(() => masker().maskItem(row, 'rows'), { code: 'TARGET_PROTOCOL' })
})
