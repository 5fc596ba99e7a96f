import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../support/until.ts'
import type { Sent, World } from './world.ts'
import { startWorld, TARGET_TOKEN } from './world.ts'

/** Requests of an agent that means it, which no client library would send. */

const POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [k8s.get, k8s.list, k8s.watch], objects: [prod/**] }
    mask: [{ columns: [prod/secrets/*/data/**, prod/pods/*/spec/containers/env/value], with: redact, predicates: deny }]
  - id: logs
    allow: { actions: [k8s.pods.log], objects: [prod/pods/**] }
    mask: [{ detect: [email], with: redact }]
  - id: tries
    allow: { actions: [k8s.delete, k8s.deletecollection, k8s.pods.proxy, k8s.serviceaccounts.token], objects: [prod/**] }
    when: op.readOnly
  - id: not-that-service
    deny: { actions: [k8s.services.proxy], objects: [prod/services/admin] }
  - id: writes
    allow: { actions: [k8s.patch, k8s.update], objects: [prod/secrets/**, prod/pods/**] }
  - id: shell
    allow: { actions: [k8s.pods.exec, k8s.pods.portforward], objects: [prod/pods/web-2] }
    mask: [{ detect: [email], with: redact }]
  - id: everywhere
    allow: { actions: [k8s.list], objects: ['*/configmaps/**'] }
    mask: [{ columns: [prod/configmaps/*/data/contact], with: redact }]
  - id: services
    allow: { actions: [k8s.services.proxy], objects: [prod/services/*] }
  - id: metrics
    allow: { actions: [k8s.nonresource.get], objects: [_cluster/nonresource/metrics] }
    mask: [{ detect: [email], with: redact }]
  - id: one-version
    deny: { actions: ['k8s.*'], objects: ['*/widgets.example.com/**'] }
    when: '!op.text.matches("^[A-Z]+ /apis/example[.]com/v1/")'
`

let world: World
before(async () => {
  world = await startWorld(POLICY)
})
after(() => world?.stop())

const NS = '/api/v1/namespaces/prod'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

function jsonPatch(op: string, from: string): Sent {
  return patchOf({ op, from, path: '/metadata/annotations' })
}

function patchOf(...changes: readonly object[]): Sent {
  const body = JSON.stringify(changes)
  return { headers: { 'content-type': 'application/json-patch+json' }, body }
}

const REFUSED: readonly (readonly [what: string, line: string, sent?: Sent])[] = [
  ['a deletion', `DELETE ${NS}/configmaps/settings`],
  [
    'a dry run in the query and options in the body',
    `DELETE ${NS}/configmaps/settings?dryRun=All`,
    { body: '{"kind":"DeleteOptions","apiVersion":"v1"}' },
  ],
  [
    'all of them, the same way',
    `DELETE ${NS}/configmaps?dryRun=All`,
    { body: '{"kind":"DeleteOptions","apiVersion":"v1"}' },
  ],
  ['a dry run for whoever is behind a proxy', `DELETE ${NS}/pods/web-1/proxy/x?dryRun=All`],
  [
    'a dry run of what knows none',
    `POST ${NS}/serviceaccounts/default/token?dryRun=All`,
    { body: '{}' },
  ],
  ['a service with its port', `GET ${NS}/services/admin:80/proxy/`],
  ['a service with a scheme', `GET ${NS}/services/https:admin:443/proxy/`],
  ['all namespaces', 'GET /api/v1/secrets'],
  ['a copy of a masked value', `PATCH ${NS}/secrets/db`, jsonPatch('copy', '/data/password')],
  ['all of it moved', `PATCH ${NS}/secrets/db`, jsonPatch('move', '/data')],
  ['one from a list', `PATCH ${NS}/pods/web-1`, jsonPatch('copy', '/spec/containers/0/env/0')],
  ...['-1', '+0', '-0', '00', '-'].map((place): readonly [string, string, Sent] => [
    `one from a list, at ${place}`,
    `PATCH ${NS}/pods/web-1`,
    jsonPatch('copy', `/spec/containers/${place}/env/${place}/value`),
  ]),
  [
    'a copy from more places than anybody has lists',
    `PATCH ${NS}/pods/web-1`,
    jsonPatch('copy', '/spec/containers/0/0/0/0/0/env/0/value'),
  ],
  [
    'a copy without a slash in front',
    `PATCH ${NS}/secrets/db`,
    jsonPatch('copy', 'x/data/password'),
  ],
  [
    'copies without end',
    `PATCH ${NS}/secrets/db`,
    patchOf(...Array.from({ length: 2000 }, () => ({ op: 'copy', from: '/type', path: '/x' }))),
  ],
  [
    'a question about a masked value',
    `PATCH ${NS}/secrets/db`,
    patchOf({ op: 'test', path: '/data/password', value: 'guess' }),
  ],
  [
    'a question about one in a list',
    `PATCH ${NS}/pods/web-1`,
    patchOf({ op: 'test', path: '/spec/containers/-1/env/-1/value', value: 'guess' }),
  ],
  [
    'a question about all of it',
    `PATCH ${NS}/pods/web-1`,
    patchOf({ op: 'test', path: '/spec', value: { containers: [] } }),
  ],
  [
    'a question about a list of them',
    `PATCH ${NS}/pods/web-1`,
    patchOf({ op: 'test', path: '/spec/containers/0/env', value: [{ name: 'A', value: 'guess' }] }),
  ],
  [
    'a masked field between parentheses of a field selector, which has none',
    `GET ${NS}/secrets?fieldSelector=metadata.name!%3D(,data.password%3Dguess,metadata.namespace!%3D)`,
  ],
  [
    'one behind an escaped comma',
    `GET ${NS}/secrets?fieldSelector=metadata.name!%3Da%5C,b,data.password%3Dguess`,
  ],
  ['a field selector that is none', `GET ${NS}/secrets?fieldSelector=(data.password)`],
  ['a label selector that is none', `GET ${NS}/secrets?labelSelector=a%20in%20(b`],
  [
    'a stream where a mask is due',
    `GET ${NS}/pods/web-2/exec?command=id&stdout=true`,
    {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-protocol': 'v5.channel.k8s.io',
      },
    },
  ],
  ['another version', 'GET /apis/example.com/v2/namespaces/prod/widgets'],
  ['one that begins alike', 'GET /apis/example.com/v1beta1/namespaces/prod/widgets/w'],
  ['one that is written oddly', 'GET /apis/%65xample.com/v%32/namespaces/prod/widgets'],
  ['another namespace', 'GET /api/v1/namespaces/default/pods'],
  ['the old watch', 'GET /api/v1/watch/namespaces/prod/secrets'],
  ['an encoded slash', 'GET /api/v1/namespaces/prod%2Fsecrets/x'],
  ['dots', `GET ${NS}/pods/../../default/secrets`],
  ['encoded dots', `GET ${NS}/pods/%2e%2e/secrets`],
  ['a double slash', 'GET /api//v1/namespaces/prod/secrets'],
  ['another user', `GET ${NS}/pods`, { headers: { 'impersonate-user': 'admin' } }],
  ['another uid', `GET ${NS}/pods`, { headers: { 'impersonate-uid': '1' } }],
  ['a front proxy', `GET ${NS}/pods`, { headers: { 'x-remote-group': 'system:masters' } }],
  ['another method', `GET ${NS}/pods/web-1`, { headers: { 'x-http-method-override': 'DELETE' } }],
  ['a masked field in a selector', `GET ${NS}/pods?fieldSelector=spec.containers.env.value%3Dx`],
  ['two meanings of watch', `GET ${NS}/secrets?watch=0&watch=1`],
]

for (const [what, line, sent] of REFUSED) {
  test(`refused: ${what}`, async () => {
    const before = world.cluster.audit.length
    const { status, text } = await world.ask(line, sent)
    assert.ok((status >= 400 && status < 500) || status === 501, `${status} ${text}`)
    assert.equal(world.cluster.audit.length, before, 'nothing reached the cluster')
    assert.ok(world.cluster.thing('configmaps', 'prod', 'settings'))
  })
}

test('a header of a front proxy is refused as a Status, of the agent that sent it', async () => {
  for (const name of ['x-remote-user', 'x-remote-extra-scopes', 'x_remote_group']) {
    const headers = { [name]: 'system:masters' }
    const { status, text } = await world.ask(`GET ${NS}/pods`, { headers })
    assert.equal(status, 501)
    const { kind, message } = JSON.parse(text) as Record<string, unknown>
    assert.equal(kind, 'Status')
    assert.match(String(message), new RegExp(`The header ${name} is not taken`))
  }
  await until('the record of it', async () =>
    (await world.bench.records()).includes('x_remote_group is not taken'),
  )
})

test('the version that masks are written for is served', async () => {
  const { status } = await world.ask('GET /apis/example.com/v1/namespaces/prod/widgets')
  assert.equal(status, 404, 'it is the cluster that has none')
})

test('a dry run that the cluster takes for one is one', async () => {
  const one = await world.ask(`DELETE ${NS}/configmaps/settings?dryRun=All`)
  assert.equal(one.status, 200, one.text)
  const body = '{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}'
  const other = await world.ask(`DELETE ${NS}/configmaps/settings`, { body })
  assert.equal(other.status, 200, other.text)
  assert.ok(world.cluster.thing('configmaps', 'prod', 'settings'))
})

const READ: readonly (readonly [line: string, accept: string])[] = [
  [`GET ${NS}/secrets/db`, 'application/json'],
  [`GET ${NS}/secrets`, 'application/json'],
  [`GET ${NS}/secrets`, TABLE],
  [`GET ${NS}/secrets?includeObject=Object`, TABLE],
  [`GET ${NS}/secrets/db`, 'application/yaml'],
  [`GET ${NS}/secrets`, 'application/vnd.kubernetes.protobuf'],
  [`GET ${NS}/secrets`, 'application/cbor'],
  [`GET ${NS}/secrets?watch=true&timeoutSeconds=1&allowWatchBookmarks=true`, 'application/json'],
  [`GET ${NS}/pods?labelSelector=app%3Dweb`, 'application/json'],
  [`GET ${NS}/pods/web-1/log`, '*/*'],
  ['GET /metrics', '*/*'],
]

for (const [line, accept] of READ) {
  test(`masked: ${line} as ${accept}`, async () => {
    const { status, text } = await world.ask(line, {
      headers: { accept, 'accept-encoding': 'gzip' },
    })
    assert.equal(status, 200, text)
    assert.match(text, /db|web|orders|requests_total/)
    assert.doesNotMatch(text, /canary/)
    assert.ok(!text.includes(Buffer.from('canary-hunter2').toString('base64')), text)
  })
}

const MERGE = { 'content-type': 'application/merge-patch+json' }

test('what a write brings back is masked by the masks on reading', async () => {
  for (const name of ['secrets/db', 'pods/web-1']) {
    const { status, text } = await world.ask(`PATCH ${NS}/${name}`, { headers: MERGE, body: '{}' })
    assert.equal(status, 200, text)
    assert.doesNotMatch(text, /canary|Y2FuYXJ5/)
  }
})

test('what a write brings back is searched by the detectors of all rules that speak of it', async () => {
  const body = '{"metadata":{"annotations":{"contact":"someone@shop.example"}}}'
  const { status, text } = await world.ask(`PATCH ${NS}/pods/web-2`, { headers: MERGE, body })
  assert.equal(status, 200, text)
  assert.match(text, /"contact":/)
  assert.doesNotMatch(text, /someone@/)
})

test('refusals of the cluster do not quote what is masked', async () => {
  const body = '{"spec":{"nodeName":"x"}}'
  const { status, text } = await world.ask(`PATCH ${NS}/pods/web-1`, { headers: MERGE, body })
  assert.equal(status, 422)
  assert.match(text, /"reason":"Invalid"/)
  assert.doesNotMatch(text, /canary/)
})

test('masks of one namespace hold in a list of all', async () => {
  const { status, text } = await world.ask('GET /api/v1/configmaps')
  assert.equal(status, 200, text)
  assert.match(text, /"mode":"fast"/)
  assert.doesNotMatch(text, /canary/)
})

test('a table without masked fields is shown', async () => {
  const { text } = await world.ask(`GET /apis/apps/v1/namespaces/prod/deployments`, {
    headers: { accept: TABLE },
  })
  assert.match(text, /"cells":\["web","2"/)
})

test('the gateway speaks to the cluster in the name of the agent, with its own credential', () => {
  assert.ok(world.cluster.audit.length > 0)
  for (const { user, groups, headers } of world.cluster.audit) {
    assert.equal(user, 'chaperone:etl-1')
    assert.deepEqual(groups, ['agents'])
    assert.equal(headers.authorization, `Bearer ${TARGET_TOKEN}`)
  }
})

test('a body that does not say what it is is JSON, as the API server reads it', async () => {
  const path = `${NS}/secrets/untyped`
  world.cluster.add('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'untyped', namespace: 'prod' },
  })
  const body = '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"untyped"},"type":"Opaque"}'
  for (const sent of [
    { body, untyped: true } as const,
    { body, headers: { 'content-type': '' } },
  ]) {
    assert.equal((await world.ask(`PUT ${path}`, sent)).status, 200)
  }
  assert.equal((await world.ask(`PATCH ${path}`, { body: '{}', untyped: true })).status, 403)
})
