import type { Place } from './place.ts'
import { base64, json, jsonLines, SEEN } from './place.ts'
import type { Secret } from './secrets.ts'
import type { Value } from './spelling.ts'

export const KUBERNETES_RULES = `
  - id: k8s-objects
    allow: { actions: [k8s.get, k8s.list, k8s.watch, k8s.patch, k8s.deletecollection], objects: ['prod/**', '*/configmaps/**'] }
    mask:
      - { columns: ['*/secrets/*/data/**', '*/secrets/*/stringData/**', prod/configmaps/settings/data/contact, '*/*/*/spec/**/env/value', 'prod/widgets.example.com/*/spec/**'], with: redact }
  - id: k8s-logs
    allow: { actions: [k8s.pods.log], objects: [prod/pods/web] }
    mask: [{ detect: [email, payment-card], with: redact }]
  - id: k8s-whole-logs
    allow: { actions: [k8s.pods.log], objects: [prod/pods/whole] }
    mask: [{ columns: [prod/pods/whole/log], with: redact }]
`

const NS = '/k8s/api/v1/namespaces/prod'
const WIDGETS = '/k8s/apis/example.com/v1/namespaces/prod/widgets'
const JSON_TYPE = 'application/json'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

const meta = (name: string, more: Record<string, Value> = {}): Record<string, Value> => ({
  name,
  namespace: 'prod',
  resourceVersion: '7',
  labels: { app: SEEN },
  ...more,
})

function secretObject({ word, even }: Secret, name = 'db'): Record<string, Value> {
  const data = { password: base64(word), 'a.b-c_d': base64(even), empty: '' }
  const applied = { kind: 'Secret', metadata: { name }, stringData: { password: word }, data }
  return {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: meta(name, { annotations: { [APPLIED]: JSON.stringify(applied) } }),
    data,
    stringData: { other: word },
    type: 'Opaque',
  }
}

function settings({ word }: Secret, name = 'settings'): Record<string, Value> {
  const held = name === 'settings' ? word : 'nothing'
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: meta(name, { annotations: { [APPLIED]: `{"data":{"contact":"${held}"}}` } }),
    data: { mode: SEEN, contact: held },
  }
}

function pod({ word }: Secret): Record<string, Value> {
  const container = { name: SEEN, env: [{ name: 'A', value: word }, { name: 'B' }] }
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: meta('web'),
    spec: { containers: [container], initContainers: [container] },
  }
}

/** A kind of somebody's own, whose fields are called as a list's or an event's. */
function widget({ word, even }: Secret): Record<string, Value> {
  const inner = { name: word, object: { data: even }, items: [{ value: word }], rows: [[word]] }
  return {
    kind: 'Widget',
    apiVersion: 'example.com/v1',
    metadata: meta('w'),
    spec: { ...inner, type: word, kind: 'Table', number: word.length, flag: even.length > 3 },
    items: [],
    object: { seen: SEEN },
  }
}

function table(rows: readonly Value[], cells: readonly Value[]): Value {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '9' },
    columnDefinitions: [{ name: 'Name', type: 'string', description: SEEN }],
    rows: rows.map((object) => ({ cells, object })),
  }
}

const list = (kind: string, items: readonly Value[]): Value => ({
  kind,
  apiVersion: 'v1',
  metadata: { resourceVersion: '9', continue: SEEN },
  items,
})

const status = (code: number, message: string): Value => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason: SEEN,
  details: { causes: [{ reason: 'FieldValueInvalid', message, field: 'spec' }] },
  code,
})

const events = (secret: Secret): readonly Value[] => [
  { type: 'ADDED', object: secretObject(secret) },
  { type: 'BOOKMARK', object: secretObject(secret, '') },
  { type: 'MODIFIED', object: table([secretObject(secret)], [secret.word, 1]) },
  { type: 'ERROR', object: status(410, 'too old') },
]

const MERGE = { 'content-type': 'application/merge-patch+json' }
const WRITE_ERRORS = [400, 403, 413, 422, 429, 500, 503, 504]

export const KUBERNETES_PLACES: readonly Place[] = [
  {
    name: 'k8s secret',
    line: `GET ${NS}/secrets/db`,
    type: JSON_TYPE,
    document: json((s) => secretObject(s)),
  },
  {
    name: 'k8s secret of a list without kinds',
    line: `GET ${NS}/secrets`,
    type: JSON_TYPE,
    document: json((s) => list('SecretList', [secretObject(s), { data: { a: base64(s.word) } }])),
  },
  {
    name: 'k8s table of secrets',
    line: `GET ${NS}/secrets`,
    headers: { accept: TABLE },
    type: JSON_TYPE,
    document: json((s) => table([secretObject(s), secretObject(s, 'x')], ['db', s.word, 4])),
  },
  {
    name: 'k8s watch',
    line: `GET ${NS}/secrets?watch=true&allowWatchBookmarks=true`,
    type: JSON_TYPE,
    document: jsonLines(events),
  },
  {
    name: 'k8s watch of one',
    line: `GET ${NS}/secrets?watch=1&fieldSelector=metadata.name%3Ddb`,
    type: 'application/json;stream=watch',
    document: jsonLines((s) => events(s).slice(0, 2)),
  },
  {
    name: 'k8s configmap',
    line: `GET ${NS}/configmaps/settings`,
    type: JSON_TYPE,
    document: json((s) => settings(s)),
  },
  {
    name: 'k8s configmaps of all namespaces',
    line: `GET /k8s/api/v1/configmaps`,
    type: JSON_TYPE,
    document: json((s) => list('ConfigMapList', [settings(s), settings(s, 'other')])),
  },
  {
    name: 'k8s pod',
    line: `GET ${NS}/pods/web`,
    type: JSON_TYPE,
    document: json(pod),
  },
  {
    name: 'k8s status of a pod',
    line: `GET ${NS}/pods/web/status`,
    type: JSON_TYPE,
    document: json(pod),
  },
  {
    name: 'k8s widget',
    line: `GET ${WIDGETS}/w`,
    type: JSON_TYPE,
    document: json(widget),
  },
  {
    name: 'k8s widgets watched',
    line: `GET ${WIDGETS}?watch=true`,
    type: JSON_TYPE,
    document: jsonLines((s) => [{ type: 'ADDED', object: widget(s) }]),
  },
  {
    name: 'k8s empty patch with a warning',
    line: `PATCH ${NS}/secrets/db`,
    headers: MERGE,
    body: '{}',
    type: JSON_TYPE,
    answerHeaders: ({ word }) => [`warning: 299 - "data: ${word} is odd"`],
    document: json((s) => secretObject(s)),
  },
  {
    name: 'k8s deleted collection',
    line: `DELETE ${NS}/pods`,
    type: JSON_TYPE,
    document: json((s) => list('PodList', [pod(s)])),
  },
  ...WRITE_ERRORS.map((code): Place => ({
    name: `k8s refusal of a write, ${code}`,
    line: `PATCH ${NS}/secrets/db`,
    headers: MERGE,
    body: '{}',
    status: code,
    type: JSON_TYPE,
    document: json(({ word }) => status(code, `data: Invalid value: "${word}"`)),
  })),
  ...[400, 422, 500, 503].map((code): Place => ({
    name: `k8s refusal of a read, ${code}`,
    line: `GET ${NS}/secrets/db`,
    status: code,
    type: JSON_TYPE,
    document: json(({ word }) => status(code, `odd: ${word}`)),
  })),
  {
    name: 'k8s log',
    line: `GET ${NS}/pods/web/log?follow=true`,
    type: 'text/plain',
    isText: true,
    typeMatters: true,
    document: ({ email, card }) =>
      `${SEEN}\nfrom ${email} paid ${card}\r\n{"a":"${email}","b":"${escaped(email)}"}\n${card}`,
  },
  {
    name: 'k8s whole log',
    line: `GET ${NS}/pods/whole/log`,
    type: 'text/plain',
    isText: true,
    isHidden: true,
    document: ({ word, email }) => `${word}\n\u0001${word}\r${email}\n\n${word}`,
  },
]

/** As a JSON writer for web pages would write it. */
function escaped(text: string): string {
  return text.replaceAll('@', String.raw`\u0040`).replaceAll('.', String.raw`\u002e`)
}
