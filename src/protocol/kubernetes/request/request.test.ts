import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatObject } from '../../../core/object.ts'
import type { Reading } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'
import type { KubernetesNote } from './note.ts'
import { readKubernetes } from './request.ts'

const KEYS = { hashKey: new Uint8Array(32) }

const ASKER = { agent: 'etl-1', sessionId: 's' }

interface Given {
  readonly headers?: RequestHead['headers']
  readonly body?: string
  readonly upgrade?: string
  /** Says nothing of its body's type. */
  readonly untyped?: true
}

function read(
  line: string,
  { headers = [], body, upgrade, untyped }: Given = {},
): Reading<KubernetesNote> {
  const [method = '', target = ''] = line.split(' ')
  const { pathname: path, search, searchParams } = new URL(target, 'https://cluster')
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const isTyped = untyped || body === undefined || headers.some(([name]) => name === 'content-type')
  const type = isTyped ? [] : [['content-type', 'application/json'] as const]
  const head: RequestHead = {
    method,
    path,
    segments: path.slice(1).split('/').map(decodeURIComponent),
    query: search.slice(1),
    parameters: [...searchParams],
    headers: [...type, ...headers],
    authority: 'gw',
    prefix: '/k8s',
    bodyLength: bytes?.length ?? 0,
    ...(upgrade === undefined ? {} : { upgrade }),
  }
  return readKubernetes(head, bytes, ASKER, KEYS)
}

function accesses(line: string, given?: Given): string {
  const reading = read(line, given)
  if (reading.type !== 'request')
    return reading.type === 'refused' ? reading.denial.message : reading.type
  return reading.request.operation.accesses
    .map(
      ({ action, object, grant }) =>
        `${grant === 'implied' ? '~' : ''}${action} ${formatObject(object)}`,
    )
    .join(', ')
}

const NS = '/api/v1/namespaces/prod'
const WS = { upgrade: 'websocket' }

/** What a request does, in words of policies. */
const OPERATIONS: readonly (readonly [string, string, Given?])[] = [
  [`GET ${NS}/pods/web`, 'k8s.get prod.pods.web'],
  [`HEAD ${NS}/pods/web`, 'k8s.get prod.pods.web'],
  [`GET ${NS}/pods`, 'k8s.list prod.pods'],
  [`GET ${NS}/pods?watch=true`, 'k8s.watch prod.pods'],
  [`GET ${NS}/pods?watch=0`, 'k8s.list prod.pods'],
  ['GET /api/v1/pods', 'k8s.list "*".pods'],
  ['GET /api/v1/nodes', 'k8s.list _cluster.nodes'],
  ['GET /api/v1/nodes/n1', 'k8s.get _cluster.nodes.n1'],
  ['GET /apis/example.com/v1/widgets', 'k8s.list "*"."widgets.example.com"'],
  ['GET /apis/example.com/v1/widgets/w', 'k8s.get _cluster."widgets.example.com".w'],
  ['GET /api/v1/namespaces', 'k8s.list _cluster.namespaces'],
  [`GET ${NS}/secrets/`, 'k8s.list prod.secrets'],
  [`DELETE ${NS}/pods/`, 'k8s.deletecollection prod.pods'],
  [`GET ${NS}`, 'k8s.get _cluster.namespaces.prod'],
  [`GET ${NS}/status`, 'k8s.get _cluster.namespaces.prod'],
  [
    `PUT ${NS}/finalize`,
    'k8s.namespaces.finalize _cluster.namespaces.prod, ~k8s.update _cluster.namespaces.prod',
    { body: '{}' },
  ],
  [`DELETE ${NS}`, 'k8s.delete _cluster.namespaces.prod, k8s.deletecollection prod'],
  [`POST ${NS}/configmaps`, 'k8s.create prod.configmaps.c', { body: '{"metadata":{"name":"c"}}' }],
  [
    `POST ${NS}/configmaps`,
    'k8s.create prod.configmaps',
    { body: '{"metadata":{"generateName":"c"}}' },
  ],
  [`PUT ${NS}/configmaps/c`, 'k8s.update prod.configmaps.c', { body: '{}' }],
  [`PATCH ${NS}/configmaps/c`, 'k8s.patch prod.configmaps.c', { body: '{}' }],
  [
    `PATCH ${NS}/configmaps/c?fieldManager=m`,
    'k8s.patch prod.configmaps.c, ~k8s.create prod.configmaps.c',
    { body: '{}', headers: [['content-type', 'application/apply-patch+yaml']] },
  ],
  [`PUT ${NS}/configmaps/c`, 'k8s.update prod.configmaps.c', { body: '{}', untyped: true }],
  [`DELETE ${NS}/configmaps/c`, 'k8s.delete prod.configmaps.c', { body: '{}', untyped: true }],
  [
    `PUT ${NS}/services/s`,
    'k8s.update prod.services.s, ~k8s.create prod.services.s',
    { body: '{}' },
  ],
  [`DELETE ${NS}/configmaps/c`, 'k8s.delete prod.configmaps.c'],
  [`DELETE ${NS}/configmaps`, 'k8s.deletecollection prod.configmaps'],
  ['DELETE /api/v1/configmaps', 'k8s.deletecollection "*".configmaps'],
  [`GET ${NS}/pods/web/log?follow=true&container=c`, 'k8s.pods.log prod.pods.web'],
  [`GET ${NS}/pods/web/exec?command=sh&command=-c&stdin=true`, 'k8s.pods.exec prod.pods.web', WS],
  [`POST ${NS}/pods/web/attach?stdin=true`, 'k8s.pods.attach prod.pods.web', WS],
  [`GET ${NS}/pods/web/portforward?ports=80`, 'k8s.pods.portforward prod.pods.web', WS],
  [`GET ${NS}/pods/web/proxy/any/thing?x=1`, 'k8s.pods.proxy prod.pods.web'],
  ['GET /api/v1/nodes/n1/proxy/run/x', 'k8s.nodes.proxy _cluster.nodes.n1'],
  [
    `POST ${NS}/pods/web/eviction`,
    'k8s.pods.eviction prod.pods.web, ~k8s.delete prod.pods.web',
    { body: '{}' },
  ],
  [
    `POST ${NS}/serviceaccounts/sa/token`,
    'k8s.serviceaccounts.token prod.serviceaccounts.sa',
    { body: '{}' },
  ],
  [
    `PATCH ${NS}/pods/web/ephemeralcontainers`,
    'k8s.pods.ephemeralcontainers prod.pods.web, ~k8s.patch prod.pods.web',
    { body: '{}' },
  ],
  [`GET ${NS}/pods/web/ephemeralcontainers`, 'k8s.get prod.pods.web'],
  [`GET ${NS}/pods/web/resize`, 'k8s.get prod.pods.web'],
  [
    `PUT ${NS}/pods/web/resize`,
    'k8s.pods.resize prod.pods.web, ~k8s.update prod.pods.web',
    { body: '{}' },
  ],
  [
    `POST ${NS}/pods/web/binding`,
    'k8s.pods.binding prod.pods.web, ~k8s.update prod.pods.web',
    { body: '{}' },
  ],
  [
    'GET /apis/certificates.k8s.io/v1/certificatesigningrequests/c/approval',
    'k8s.get _cluster."certificatesigningrequests.certificates.k8s.io".c',
  ],
  [
    'GET /apis/apps/v1/namespaces/prod/deployments/web/scale',
    'k8s.get prod."deployments.apps".web',
  ],
  [
    'PATCH /apis/apps/v1/namespaces/prod/deployments/web/scale',
    'k8s.deployments.scale prod."deployments.apps".web, ~k8s.patch prod."deployments.apps".web',
    { body: '{}' },
  ],
  [
    'POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    'k8s.create _cluster."clusterrolebindings.rbac.authorization.k8s.io".b, k8s.bind _cluster."clusterrolebindings.rbac.authorization.k8s.io".b',
    { body: '{"metadata":{"name":"b"}}' },
  ],
  [
    'PATCH /apis/rbac.authorization.k8s.io/v1/namespaces/prod/roles/r',
    'k8s.patch prod."roles.rbac.authorization.k8s.io".r, k8s.escalate prod."roles.rbac.authorization.k8s.io".r',
    { body: '{}' },
  ],
  [
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    '~k8s.create _cluster."selfsubjectaccessreviews.authorization.k8s.io"',
    { body: '{}' },
  ],
  [
    'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
    'k8s.create _cluster."subjectaccessreviews.authorization.k8s.io"',
    { body: '{}' },
  ],
  ['GET /api', '~k8s.nonresource.get _cluster.nonresource.api'],
  ['GET /apis/apps/v1', '~k8s.nonresource.get _cluster.nonresource.apis.apps.v1'],
  ['GET /openapi/v3?timeout=32s', '~k8s.nonresource.get _cluster.nonresource.openapi.v3'],
  ['GET /metrics', 'k8s.nonresource.get _cluster.nonresource.metrics'],
  ['GET /logs/kubelet.log', 'k8s.nonresource.get _cluster.nonresource.logs."kubelet.log"'],
  ['POST /api', 'k8s.nonresource.post _cluster.nonresource.api'],
  ['GET /apifoo/v1/pods', 'k8s.nonresource.get _cluster.nonresource.apifoo.v1.pods'],
]

test('requests in words of policies', () => {
  for (const [line, expected, given] of OPERATIONS)
    assert.equal(accesses(line, given), expected, line)
})

/** What could mean something else to the API server than it does here. */
const REFUSED: readonly (readonly [string, RegExp, Given?])[] = [
  ['GET /api/v1/watch/namespaces/prod/secrets', /"watch" where/],
  ['GET /api/v1/proxy/namespaces/prod/pods/p', /"proxy" where/],
  [`GET ${NS}/secrets/db?watch=true`, /watches one object/],
  [`GET ${NS}/secrets?watch=yes`, /neither true nor false/],
  [`GET ${NS}/secrets?watch=false&watch=true`, /"watch" twice/],
  [`GET ${NS}/secrets?unheard=1`, /"unheard"/],
  [`GET ${NS}/pods?limit=1;watch=true`, /semicolon/],
  [`GET ${NS}/pods/p/log?command=x`, /"command"/],
  [`GET ${NS}/pods/p/exec?command=sh`, /without a WebSocket/],
  [`GET ${NS}/pods/p/exec?command=sh&tty=yes`, /"tty" that is neither/, WS],
  [`GET ${NS}/pods`, /where nothing is streamed/, WS],
  ...['022', '+22', '80,', '22%0A', '99999', ''].map(
    (port) => [`GET ${NS}/pods/p/portforward?ports=80,${port}`, /no plain number/, WS] as const,
  ),
  [`PUT ${NS}/configmaps`, /no object in particular/, { body: '{}' }],
  [`OPTIONS ${NS}/configmaps`, /method OPTIONS/],
  [`GET ${NS}/pods`, /reads with a body/, { body: '{}' }],
  [`POST ${NS}/pods`, /not valid JSON/, { body: '{' }],
  [`POST ${NS}/pods`, /not valid JSON/, { body: 'kind: Pod', untyped: true }],
  [`PATCH ${NS}/configmaps/c`, /body that is not JSON/, { body: '{}', untyped: true }],
  [
    `POST ${NS}/pods`,
    /names a field twice/,
    { body: '{"metadata":{"name":"a"},"metadata":{"name":"b"}}' },
  ],
  [
    `POST ${NS}/pods`,
    /names a field twice/,
    { body: '{"metadata":{"name":"a","n\\u0061me":"b"}}' },
  ],
  [`POST ${NS}/pods`, /compressed/, { body: '{}', headers: [['content-encoding', 'gzip']] }],
  [`PUT ${NS}/secrets/db`, /text of a mask/, { body: '{"data":{"p":"W3JlZGFjdGVkXQ=="}}' }],
  [`PUT ${NS}/configmaps/c`, /text of a mask/, { body: '{"data":{"p":"[redacted]"}}' }],
  [`GET ${NS}/pods`, /impersonate-user/, { headers: [['impersonate-user', 'admin']] }],
  [`GET ${NS}/pods`, /impersonate-extra-scopes/, { headers: [['impersonate-extra-scopes', 'x']] }],
  [`GET ${NS}/pods`, /x-remote-user/, { headers: [['x-remote-user', 'admin']] }],
  [
    `GET ${NS}/pods/p/exec?command=sh`,
    /token as a WebSocket protocol/,
    {
      ...WS,
      headers: [
        ['sec-websocket-protocol', 'v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.eA'],
      ],
    },
  ],
]

test('what the API server could read differently is refused', () => {
  for (const [line, expected, given] of REFUSED) assert.match(accesses(line, given), expected, line)
})

test('other bodies than JSON and protobuf are refused', () => {
  for (const type of [
    'application/yaml',
    'application/cbor',
    'text/plain',
    'application/json; charset=utf-16',
  ]) {
    const given = { headers: [['content-type', type]], body: '{}' } as const
    const reading = read(`POST ${NS}/pods`, { headers: given.headers, body: given.body })
    assert.equal(reading.type, 'refused', type)
  }
})

test('records show commands, and no secret', () => {
  const exec = read(`GET ${NS}/pods/p/exec?command=sh&command=-c&command=echo+%22it%27s%22`, WS)
  assert.ok(exec.type === 'request')
  assert.match(exec.request.text, /^command: sh -c 'echo "it'\\''s"'$/m)
  const body =
    '{"kind":"Secret","metadata":{"name":"db"},"stringData":{"p":"hunter2"},"data":{"q":"aHVudGVyMg=="}}'
  const secret = read(`POST ${NS}/secrets`, { body })
  assert.ok(secret.type === 'request')
  const shown = secret.request.show?.([])
  assert.equal(shown?.hidden, 2)
  assert.doesNotMatch(shown.text, /hunter2|aHVudGVyMg/)
  assert.match(
    shown.text,
    /"p": "\(not shown\)"[^]*2 values are not shown; hmac-sha256 .*[0-9a-f]{64}$/,
  )
  assert.match(secret.request.text, /hunter2[^]*aHVudGVyMg/)
})

test('texts say what the API server reads', () => {
  const text = (line: string) => {
    const reading = read(line)
    assert.ok(reading.type === 'request')
    return reading.request.text
  }
  assert.equal(text(`GET ${NS}/pods?limit=5`), `GET ${NS}/pods?limit=5`)
  assert.equal(text(`GET ${NS}/%70ods/?limit=5`), `GET ${NS}/pods?limit=5`)
  assert.equal(
    text(`GET ${NS}/pods?labelSelector=app%3Dweb%26x`),
    `GET ${NS}/pods?labelSelector=app=web%26x`,
  )
})
