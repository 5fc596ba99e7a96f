import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ColumnMask, DetectMask, MaskRule } from '../../core/verdict.ts'
import type { RequestHead } from '../http/head.ts'
import { readKubernetes } from './request/request.ts'

const KEYS = { hashKey: new Uint8Array(32).fill(7) }
const NS = '/api/v1/namespaces/prod'

function texts(line: string, body: unknown, masks: readonly MaskRule[] = [], type = 'json') {
  const [method = '', path = ''] = line.split(' ')
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
  const head: RequestHead = {
    method,
    path,
    segments: path.slice(1).split('/'),
    query: '',
    parameters: [],
    headers: [['content-type', `application/${type}`]],
    authority: 'gw',
    prefix: '',
    bodyLength: bytes.length,
  }
  const reading = readKubernetes(head, bytes, { agent: 'a', sessionId: 's' }, KEYS)
  assert.ok(reading.type === 'request', JSON.stringify(reading))
  const { text, show, operation } = reading.request
  return { exact: text, shown: show!(masks), operation }
}

const mask = (column: string): ColumnMask => ({
  type: 'columns',
  covers: (path) => path.join('/') === column,
  with: { name: 'redact' },
  predicates: 'allow',
  policy: 'p',
  rule: 'r',
})

test('what an agent calls a value hides it from nobody', () => {
  const patch = [
    { op: 'add', path: '/spec/volumes', value: [{ hostPath: { path: '/' } }], name: 'password' },
  ]
  const pods: readonly (readonly [string, unknown, RegExp, string?])[] = [
    [`PATCH ${NS}/pods/p`, patch, /"hostPath"/, 'json-patch+json'],
    [`PATCH ${NS}/configmaps/c`, { data: { run: 'curl evil' } }, /curl evil/, 'merge-patch+json'],
    [`POST ${NS}/configmaps`, { data: { run: 'curl evil' } }, /curl evil/],
    [`POST ${NS}/configmaps`, { kind: 'Secret', data: { run: 'curl evil' } }, /curl evil/],
    [`POST ${NS}/pods`, { spec: { tolerations: [{ key: 'gpu' }] } }, /"key": "gpu"/],
    [`POST ${NS}/pods`, { spec: { env: [{ name: 'PASSWORD', value: 'evil' }] } }, /evil/],
    [`POST ${NS}/pods`, { name: 'token', value: 'evil' }, /evil/],
    [`POST ${NS}/pods`, { metadata: { annotations: { password: 'evil' } } }, /evil/],
  ]
  for (const [line, body, what, type] of pods) {
    const { exact, shown } = texts(line, body, [], type)
    assert.match(exact, what)
    assert.match(shown.text, what)
    assert.equal(shown.hidden, 0)
  }
})

test('what is of a Secret is hidden by the path of the request, in whatever form, and is judged', () => {
  const bodies: readonly (readonly [string, unknown, string, number])[] = [
    [`PUT ${NS}/secrets/db`, { kind: 'ConfigMap', data: { a: 'CANARY' } }, 'json', 1],
    [`POST ${NS}/secrets`, { stringData: { a: 'CANARY' } }, 'json', 1],
    [`PATCH ${NS}/secrets/db`, { data: { a: 'CANARY', b: null } }, 'merge-patch+json', 1],
    [
      `PATCH ${NS}/secrets/db`,
      [
        { op: 'add', path: '/data/a', value: 'CANARY' },
        { op: 'replace', path: '', value: { stringData: { a: 'CANARY' }, type: 'Opaque' } },
        { op: 'test', path: '/data', value: { a: 'CANARY' } },
        { op: 'add', path: '/metadata/labels/a', value: 'seen' },
      ],
      'json-patch+json',
      3,
    ],
    [
      `PUT ${NS}/secrets/db`,
      {
        metadata: {
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"CANARY"}' },
        },
      },
      'json',
      1,
    ],
    ['POST /apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'CANARY' } }, 'json', 1],
  ]
  for (const [line, body, type, hidden] of bodies) {
    const { exact, shown } = texts(line, body, [], type)
    assert.match(exact, /CANARY/)
    assert.doesNotMatch(shown.text, /CANARY/)
    assert.match(shown.text, /\(not shown\)/)
    assert.equal(shown.hidden, hidden)
  }
})

test('what masks hide of an object they hide of what is written to it', () => {
  const contact = mask('prod/configmaps/settings/data/contact')
  const bodies = [
    ['PUT', { metadata: { name: 'settings' }, data: { contact: 'CANARY', mode: 'seen' } }, 'json'],
    [
      'PATCH',
      [{ op: 'add', path: '/data/contact', value: 'CANARY', x: 'seen' }],
      'json-patch+json',
    ],
  ] as const
  for (const [method, body, type] of bodies) {
    const { shown } = texts(`${method} ${NS}/configmaps/settings`, body, [contact], type)
    assert.doesNotMatch(shown.text, /CANARY/)
    assert.match(shown.text, /seen/)
    assert.equal(shown.hidden, 1)
  }
  const emails: DetectMask = {
    type: 'detect',
    detectors: ['email'],
    with: { name: 'redact' },
    policy: 'p',
    rule: 'r',
  }
  const found = texts(`POST ${NS}/configmaps`, { data: { a: 'to ann@example.com' } }, [emails])
  assert.match(found.shown.text, /"to \[redacted\]"/)
  assert.equal(found.shown.hidden, 1)
})

test('the digest of what is hidden has a key, and is of the whole body', () => {
  const digest = (value: string) =>
    texts(`PUT ${NS}/secrets/db`, { data: { a: value } })
      .shown.text.split('\n')
      .at(-1)
  assert.equal(digest('x'), digest('x'))
  assert.notEqual(digest('x'), digest('y'))
  assert.match(digest('x')!, /^1 value is not shown; hmac-sha256 of the body [0-9a-f]{64}$/)
})

test('a body in protobuf counts as not shown, and as unread', () => {
  const type = Buffer.from('\x0a\x02v1\x12\x03Pod', 'latin1')
  const body = Buffer.concat([
    Buffer.from('k8s\0'),
    Buffer.from([0x0a, type.length]),
    type,
    Buffer.from([0x12, 0]),
  ])
  const { shown, operation } = texts(`POST ${NS}/pods`, body, [], 'vnd.kubernetes.protobuf')
  assert.equal(shown.hidden, 1)
  assert.equal(operation.facts.unread, true)
})
