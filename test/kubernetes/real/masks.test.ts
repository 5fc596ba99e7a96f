import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findKubePrograms } from './programs.ts'
import type { RealWorld } from './world.ts'
import { startRealWorld } from './world.ts'

/** Every other way in which Kubernetes' own API server shows a field: none of them shows its value. */

const programs = findKubePrograms()
const skip = programs === undefined && 'kube-apiserver is not built: npm run test:kube-apiserver'

const POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [k8s.get, k8s.list, k8s.watch], objects: [prod/**] }
    mask:
      - columns:
          - prod/secrets/*/data/**
          - prod/events/*/message
          - prod/widgets.example.com/*/spec/token
          - prod/widgets.example.com/*/spec/keys
          - prod/widgets.example.com/*/spec/peers/ip
          - prod/pods/*/spec/hostAliases/**
          - prod/pods/*/spec/containers/env/value
        with: redact
  - id: write
    allow: { actions: [k8s.create, k8s.update, k8s.patch], objects: [prod/**] }
`

const SEED = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  names: { kind: Widget, plural: widgets }
  scope: Namespaced
  versions:
    - &version
      name: v1
      served: true
      storage: true
      deprecated: true
      deprecationWarning: this version is old
      additionalPrinterColumns: [{ name: Token, type: string, jsonPath: .spec.token }]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                token: { type: string, maxLength: 40 }
                keys: { type: array, items: { type: string }, x-kubernetes-list-type: set }
                peers:
                  type: array
                  items: { type: object, required: [ip], properties: { ip: { type: string }, size: { type: integer } } }
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [ip]
    - <<: *version
      name: v2
      storage: false
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: quotes }
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{ apiGroups: [example.com], apiVersions: ['*'], resources: [widgets], operations: [CREATE, UPDATE] }]
  validations:
    - { expression: "!has(object.spec.peers) || object.spec.peers.all(p, !has(p.size) || p.size < 100)", messageExpression: "'the token is ' + object.spec.token", reason: Forbidden }
    - { expression: "!has(object.spec.peers) || object.spec.peers.all(p, !has(p.size) || p.size < 50)", messageExpression: "'the token is ' + object.spec.token" }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: warns }
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{ apiGroups: [example.com], apiVersions: ['*'], resources: [widgets], operations: [UPDATE] }]
  validations: [{ expression: "false", messageExpression: "'the token is ' + object.spec.token" }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: quotes }
spec: { policyName: quotes, validationActions: [Deny] }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: warns }
spec: { policyName: warns, validationActions: [Warn] }
---
apiVersion: v1
kind: Secret
metadata: { name: db, namespace: prod }
stringData: { password: canary-hunter2 }
---
apiVersion: v1
kind: Event
metadata: { name: pulled, namespace: prod }
involvedObject: { apiVersion: v1, kind: Pod, name: web, namespace: prod }
message: 'Invalid value: "canary-of-an-event"'
reason: Failed
type: Warning
---
`

const WIDGET = (size: number) => `
apiVersion: example.com/v1
kind: Widget
metadata: { name: w, namespace: prod }
spec:
  token: canary-token
  keys: [canary-key]
  peers: [{ ip: canary-ip, size: ${size} }]
`

const POD = `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: prod }
spec:
  hostAliases: [{ ip: 10.99.88.77, hostnames: [canary-host] }]
  containers: [{ name: web, image: nginx, env: [{ name: API_KEY, value: canary-env }] }]
`

let world: RealWorld

before(async () => {
  if (programs === undefined) return
  world = await startRealWorld(programs, POLICY, SEED)
  for (const yaml of [WIDGET(1), POD]) {
    const path = await world.file('object.yaml', yaml)
    for (const how of ['--server-side=true', '--server-side=false']) {
      const { code, err } = await world.asAdmin('apply', how, '-f', path)
      assert.equal(code, 0, err)
    }
  }
})
after(() => world?.stop())

/** As the agent; nothing that comes back has a value in it that is masked. */
async function kubectl(...words: readonly string[]) {
  const ran = await world.kubectl('-n', 'prod', ...words)
  const said = ran.out + ran.err
  assert.doesNotMatch(said, /canary|10\.99\.88\.77/, words.join(' '))
  assert.ok(!said.includes(Buffer.from('canary-hunter2').toString('base64')), words.join(' '))
  return ran
}

const KINDS = [
  'widgets.v1.example.com',
  'widgets.v2.example.com',
  'pods',
  'secrets',
  'events',
  'events.v1.events.k8s.io',
]

test('in every form of reading', { skip }, async () => {
  for (const kind of KINDS) {
    const { out } = await kubectl('get', kind, '-o', 'yaml', '--show-managed-fields')
    assert.match(out, /redacted|W3JlZGFjdGVkXQ/, kind)
    for (const words of [[], ['-o', 'wide'], ['-o', 'json', '--show-managed-fields']]) {
      assert.equal((await kubectl('get', kind, ...words)).code, 0)
    }
    assert.equal((await kubectl('describe', kind)).code, 0)
  }
  const columns = 'T:.spec.token,K:.spec.keys,P:.spec.peers'
  await kubectl('get', 'widgets', '--sort-by=.spec.token', '-o', `custom-columns=${columns}`)
})

test('in the names of managed fields', { skip }, async () => {
  const managed = ['-o', 'yaml', '--show-managed-fields'] as const
  const widget = await kubectl('get', 'widget', 'w', ...managed)
  assert.match(widget.out, /k:\{"ip":"\[redacted\]"\}/)
  assert.match(widget.out, /v:"\[redacted\]"/)
  assert.match((await kubectl('get', 'pod', 'web', ...managed)).out, /k:\{"ip":"\[redacted\]"\}/)
})

test('in watches and tables', { skip }, async () => {
  const path = '/apis/example.com/v1/namespaces/prod/widgets'
  const watched = await kubectl(
    'get',
    '--raw',
    `${path}?watch=1&timeoutSeconds=1&resourceVersion=0`,
  )
  assert.match(watched.out, /"type":"ADDED"/)
  const old = await kubectl('get', '--raw', `${path}?watch=1&timeoutSeconds=1&resourceVersion=1`)
  assert.match(old.out, /ADDED|ERROR/)
})

test('in comparisons', { skip }, async () => {
  const file = await world.file('widget.yaml', WIDGET(2))
  for (const how of ['--server-side=false', '--server-side=true']) {
    const { code, out } = await kubectl('diff', how, '-f', file)
    assert.equal(code, 1)
    assert.match(out, /^\+.*size: 2/m)
  }
})

test("in the words of the cluster's own policies", { skip }, async () => {
  const patch = (size: number) => {
    const change = `{"spec":{"peers":[{"ip":"x","size":${size}}]}}`
    return ['patch', 'widget', 'w', '--type=merge', '-p', change]
  }
  const direct = await world.asAdmin('-n', 'prod', ...patch(60))
  assert.match(direct.err, /the token is canary-token/, 'it would be told')
  assert.match((await kubectl(...patch(60))).err, /its words are not shown/)
  assert.match((await kubectl(...patch(200))).err, /\(Forbidden\).*its words are not shown/)
  const labelled = await kubectl('label', 'widget', 'w', 'a=b')
  assert.match(labelled.err, /Warning: A warning of the cluster is not shown/)
})

test('in refusals of what is invalid, and in conflicts', { skip }, async () => {
  const odd = '{"spec":{"nodeName":"x"}}'
  assert.match((await kubectl('patch', 'pod', 'web', '-p', odd)).err, /its words are not shown/)
  const shape = '{"spec":{"peers":"x"}}'
  const shaped = await kubectl('patch', 'widget', 'w', '--type=merge', '-p', shape)
  assert.match(shaped.err, /its words are not shown/)
  const other = await world.file('other.yaml', WIDGET(9).replace('canary-token', 'other'))
  const conflict = await kubectl('apply', '--server-side', '--field-manager=other', '-f', other)
  assert.notEqual(conflict.code, 0)
  assert.match(conflict.err, /conflict/i)
})

test('in what a write brings back', { skip }, async () => {
  for (const how of [['--server-side', '--force-conflicts'], []]) {
    const file = await world.file('widget.yaml', WIDGET(4 + how.length))
    const { code, err } = await kubectl('apply', ...how, '-f', file, '-o', 'yaml')
    assert.equal(code, 0, err)
  }
  assert.doesNotMatch(await world.bench.records(), /canary-hunter2/)
})
