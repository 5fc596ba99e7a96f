import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/** An object by other ways than its own path: subresources that show or change it, and cut logs. */

const POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [k8s.get], objects: [prod/**] }
    mask:
      - columns: ['prod/pods/*/spec/containers/env/value', 'prod/deployments.apps/*/spec/selector/matchLabels/tenant']
        with: redact
        predicates: deny
  - id: logs
    allow: { actions: [k8s.pods.log], objects: [prod/pods/**] }
    mask: [{ detect: [email, private-key], with: redact }]
  - id: services
    allow: { actions: [k8s.services.proxy], objects: [prod/services/*] }
    mask: [{ detect: [email], with: redact }]
  - id: views
    allow: { actions: ['k8s.pods.*', 'k8s.deployments.*'], objects: [prod/**] }
  - id: not-that-one
    deny: { actions: [k8s.delete, k8s.update, k8s.patch], objects: [prod/pods/web-2, prod/deployments.apps/kept] }
`

const NS = '/api/v1/namespaces/prod'
const APPS = '/apis/apps/v1/namespaces/prod/deployments'

let world: World
before(async () => {
  world = await startWorld(POLICY)
  for (const name of ['tenanted', 'kept']) {
    const selector = { matchLabels: { app: 'web', tenant: 'canary-tenant' } }
    const metadata = { name, namespace: 'prod' }
    const spec = { replicas: 1, selector }
    world.cluster.add('deployments', { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec })
  }
})
after(() => world?.stop())

for (const view of ['status', 'resize', 'ephemeralcontainers']) {
  test(`masks of an object hold on its ${view}`, async () => {
    const { status, text } = await world.ask(`GET ${NS}/pods/web-1/${view}`)
    assert.equal(status, 200, text)
    assert.match(text, /"name":"API_KEY"/)
    assert.doesNotMatch(text, /canary/)
  })
}

test('masks of labels hold in the selector of a scale', async () => {
  const { status, text } = await world.ask(`GET ${APPS}/tenanted/scale`)
  assert.equal(status, 200, text)
  assert.match(text, /"replicas":1/)
  assert.doesNotMatch(text, /canary/)
  assert.match((await world.ask(`GET ${APPS}/web/scale`)).text, /"selector":""/)
})

const MERGE = { 'content-type': 'application/merge-patch+json' }
const JSON_PATCH = { 'content-type': 'application/json-patch+json' }

test('a scale tells nothing of a masked selector by a patch', async () => {
  const body = JSON.stringify([{ op: 'test', path: '/status/selector', value: 'guess' }])
  const { status, text } = await world.ask(`PATCH ${APPS}/tenanted/scale`, {
    headers: JSON_PATCH,
    body,
  })
  assert.equal(status, 403, text)
  assert.match(text, /MASKED_PREDICATE/)
})

const CHANGES: readonly (readonly [line: string, body: string])[] = [
  [`PATCH ${NS}/pods/web-2/status`, '{}'],
  [`PATCH ${NS}/pods/web-2/resize`, '{}'],
  [`PATCH ${NS}/pods/web-2/ephemeralcontainers`, '{}'],
  [`POST ${NS}/pods/web-2/eviction`, '{}'],
  [`PATCH ${APPS}/kept/scale`, '{"spec":{"replicas":0}}'],
]

for (const [line, body] of CHANGES) {
  test(`a denial of changes counts for ${line}`, async () => {
    const type = line.startsWith('PATCH') ? MERGE : { 'content-type': 'application/json' }
    const { status, text } = await world.ask(line, { headers: type, body })
    assert.equal(status, 403, text)
    assert.match(text, /POLICY_DENIED, rule platform\/not-that-one/)
  })
}

test('what nobody denies may be scaled by the action of its own', async () => {
  const body = '{"spec":{"replicas":3}}'
  const { status, text } = await world.ask(`PATCH ${APPS}/tenanted/scale`, { headers: MERGE, body })
  assert.equal(status, 200, text)
})

test('a log that is cut anywhere shows no part of what detectors look for', async () => {
  const whole = (await world.ask(`GET ${NS}/pods/web-1/log`)).text
  assert.match(whole, /sent a receipt to \[redacted\]\n/)
  for (let bytes = 1; bytes < 140; bytes++) {
    const { status, text } = await world.ask(`GET ${NS}/pods/web-1/log?limitBytes=${bytes}`)
    assert.equal(status, 200)
    assert.doesNotMatch(text, /canary/, `${bytes}`)
    assert.ok(whole.startsWith(text) && (text === '' || text.endsWith('\n')), text)
  }
})

test('the last lines of a log show nothing of a key that began before', async () => {
  const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCanarycanaryca'
  world.cluster.logs.write('-----BEGIN PRIVATE KEY-----')
  for (let at = 0; at < 3; at++) world.cluster.logs.write(line)
  world.cluster.logs.write('-----END PRIVATE KEY-----')
  world.cluster.logs.write('ready')
  for (let tail = 1; tail <= 6; tail++) {
    const { text } = await world.ask(`GET ${NS}/pods/web-1/log?tailLines=${tail}`)
    assert.doesNotMatch(text, /canary/, `${tail}`)
    assert.match(text, /ready\n$/)
  }
})

test('what a service behind a proxy says in its headers is searched', async () => {
  const { status, headers } = await world.ask(`GET ${NS}/services/web/proxy/x`)
  assert.equal(status, 200)
  assert.equal(headers['x-contact'], '[redacted]')
})
