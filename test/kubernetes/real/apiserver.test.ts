import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { findKubePrograms } from './programs.ts'
import type { RealWorld } from './world.ts'
import { startRealWorld } from './world.ts'

/** Through the gateway with kubectl, to Kubernetes' own API server: what no emulator can vouch for. */

const programs = findKubePrograms()
const skip = programs === undefined && 'kube-apiserver is not built: npm run test:kube-apiserver'

const POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow:
      actions: [k8s.get, k8s.list, k8s.watch]
      objects: [prod/**, _cluster/namespaces/**]
    mask:
      - { columns: [prod/secrets/*/data/**, prod/secrets/*/stringData/**], with: redact }
      - { columns: [prod/deployments.apps/*/spec/template/spec/containers/env/value], with: redact }
      - { detect: [email], with: redact }
  - id: write
    allow:
      actions: [k8s.create, k8s.update, k8s.patch]
      objects: [prod/configmaps/**, prod/deployments.apps/**, prod/secrets/**, prod/widgets.example.com/**]
  - id: scale
    hold: { actions: [k8s.deployments.scale], objects: [prod/**] }
    approvers: { groups: [nobody] }
    expires: 2s
  - id: no-deleting
    deny: { actions: [k8s.delete, k8s.deletecollection] }
    message: Deleting goes through the pipeline.
  - id: no-roles
    deny: { actions: [k8s.escalate, k8s.bind, k8s.impersonate] }
`

const SEED = `
apiVersion: v1
kind: Secret
metadata: { name: db, namespace: prod }
stringData: { password: canary-hunter2, user: app }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: prod }
data: { contact: canary.person@example.com, mode: fast }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  names: { kind: Widget, plural: widgets }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } } }
`

const DEPLOYMENT = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: prod }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: nginx, env: [{ name: API_KEY, value: canary-env-value }] }
`

let world: RealWorld

before(async () => {
  if (programs !== undefined) world = await startRealWorld(programs, POLICY, SEED)
})
after(() => world?.stop())

const asAdmin = (words: readonly string[]) => world.asAdmin(...words)
const kubectl = (...words: readonly string[]) => world.kubectl(...words)
const file = (name: string, text: string) => world.file(name, text)

test('reads, with Secrets masked in every output', { skip }, async () => {
  for (const output of ['yaml', 'json', 'wide', 'jsonpath={.items[*].data}', 'name']) {
    const ran = await kubectl('get', 'secrets', '-n', 'prod', '-o', output)
    assert.equal(ran.code, 0, ran.err)
    assertClean(ran.out)
  }
  const { out } = await kubectl(
    'get',
    'secret',
    'db',
    '-n',
    'prod',
    '-o',
    'jsonpath={.data.password}',
  )
  assert.equal(Buffer.from(out, 'base64').toString(), '[redacted]')
  const map = await kubectl('get', 'configmap', 'settings', '-n', 'prod', '-o', 'yaml')
  assert.match(map.out, /mode: fast/)
  assertClean(map.out)
  assert.match((await kubectl('describe', 'secret', 'db', '-n', 'prod')).out, /Opaque/)
})

test('what no rule allows is refused as kubectl prints it', { skip }, async () => {
  const all = await kubectl('get', 'secrets', '--all-namespaces')
  assert.match(all.err, /Error from server \(Forbidden\).*POLICY_NO_MATCH/)
  const elsewhere = await kubectl('get', 'pods', '-n', 'default')
  assert.match(elsewhere.err, /POLICY_NO_MATCH/)
  const deleting = await kubectl('delete', 'configmap', 'settings', '-n', 'prod')
  assert.match(deleting.err, /POLICY_DENIED, rule platform\/no-deleting.*Deleting goes through/)
  const whole = await kubectl('delete', 'namespace', 'prod')
  assert.match(whole.err, /POLICY_DENIED/)
  const binding = await kubectl(
    'create',
    'rolebinding',
    'x',
    '--clusterrole=admin',
    '--user=a',
    '-n',
    'prod',
  )
  assert.match(binding.err, /POLICY_DENIED, rule platform\/no-roles/)
  assert.match((await asAdmin(['get', 'configmap', 'settings', '-n', 'prod'])).out, /settings/)
})

test('applies, both ways, and does not show what it applied', { skip }, async () => {
  const one = await file('deployment.yaml', DEPLOYMENT(1))
  assert.match((await kubectl('apply', '-f', one)).out, /created/)
  const two = await file('deployment2.yaml', DEPLOYMENT(2))
  assert.match((await kubectl('diff', '-f', two)).out, /replicas: 2/)
  assert.match((await kubectl('apply', '-f', two)).out, /configured/)
  const three = await file('deployment3.yaml', DEPLOYMENT(3))
  const server = await kubectl('apply', '--server-side', '--force-conflicts', '-f', three)
  assert.equal(server.code, 0, server.err)
  const shown = await kubectl('get', 'deployment', 'web', '-n', 'prod', '-o', 'yaml')
  assert.match(shown.out, /replicas: 3/)
  assertClean(shown.out)
  const dry = await kubectl('apply', '--dry-run=server', '-f', one)
  assert.match(dry.out, /server dry run/)
})

test('a masked object cannot be written back', { skip }, async () => {
  const { out } = await kubectl('get', 'secret', 'db', '-n', 'prod', '-o', 'json')
  const back = await kubectl('replace', '-f', await file('back.json', out))
  assert.match(back.err, /text of a mask/)
  const kept = await asAdmin([
    'get',
    'secret',
    'db',
    '-n',
    'prod',
    '-o',
    'jsonpath={.data.password}',
  ])
  assert.equal(Buffer.from(kept.out, 'base64').toString(), 'canary-hunter2')
})

test('discovery, explain, custom resources, patches and who one may be', { skip }, async () => {
  assert.match((await kubectl('api-resources')).out, /deployments/)
  assert.match((await kubectl('explain', 'pods.spec')).out, /containers/)
  const widget =
    'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: w, namespace: prod }\nspec: { size: 1 }\n'
  assert.match((await kubectl('apply', '-f', await file('widget.yaml', widget))).out, /created/)
  const patched = await kubectl(
    'patch',
    'widget',
    'w',
    '-n',
    'prod',
    '--type=merge',
    '-p',
    '{"spec":{"size":2}}',
  )
  assert.match(patched.out, /patched/)
  assert.match((await kubectl('get', 'widget', 'w', '-n', 'prod', '-o', 'yaml')).out, /size: 2/)
  const json = '[{"op":"replace","path":"/data/mode","value":"slow"}]'
  const byJson = await kubectl(
    'patch',
    'configmap',
    'settings',
    '-n',
    'prod',
    '--type=json',
    '-p',
    json,
  )
  assert.match(byJson.out, /patched/)
  assert.match((await kubectl('auth', 'can-i', 'get', 'pods', '-n', 'prod')).out, /yes/)
  const someone = await kubectl('get', 'pods', '-n', 'prod', '--as', 'admin')
  assert.match(someone.err, /impersonate-user/)
})

test('a kubeconfig with the CLI as credential plugin', { skip }, async () => {
  const { bench, token } = world
  const config = join(bench.folder, 'kubeconfig')
  const cli = join(import.meta.dirname, '..', '..', '..', 'bin', 'chaperone')
  const api = ['--api', `https://127.0.0.1:${bench.apiPort}`, '--ca', bench.authorityFile]
  const door = `https://127.0.0.1:${bench.port}`
  const words = ['kubeconfig', '--resource', 'k8s-prod', '--door', door, '--out', config]
  const env = { PATH: process.env['PATH'], HOME: bench.folder, CHAPERONE_AGENT_TOKEN: token }
  await promisify(execFile)(cli, [...api, ...words], { env })
  const asked = ['--kubeconfig', config, 'get', 'namespace', 'prod', '-o', 'name']
  const { stdout } = await promisify(execFile)(programs!.kubectl, asked, { env })
  assert.equal(stdout, 'namespace/prod\n')
})

test('watches as things happen', { skip }, async () => {
  const watching = kubectl(
    'get',
    'configmaps',
    '-n',
    'prod',
    '-w',
    '--request-timeout=4s',
    '-o',
    'json',
  )
  await asAdmin([
    'create',
    'configmap',
    'later',
    '-n',
    'prod',
    '--from-literal=contact=canary.late@example.com',
  ])
  const { out } = await watching
  assert.match(out, /"later"/)
  assertClean(out)
})

test('a hold that nobody answers expires', { skip }, async () => {
  const scaled = await kubectl('scale', 'deployment', 'web', '-n', 'prod', '--replicas=7')
  assert.match(scaled.err, /APPROVAL_EXPIRED/)
  const { out } = await asAdmin([
    'get',
    'deployment',
    'web',
    '-n',
    'prod',
    '-o',
    'jsonpath={.spec.replicas}',
  ])
  assert.equal(out, '3')
})

test("the cluster's own audit names the agent, by the ids of our records", { skip }, async () => {
  const events = (await world.cluster.audit()).filter(
    ({ user }) => user.username === 'chaperone-gateway',
  )
  assert.ok(events.length > 20)
  const records = await world.bench.records()
  for (const event of events) {
    assert.equal(event.impersonatedUser?.username, 'chaperone:etl-1', event.requestURI)
    assert.ok(records.includes(event.auditID), `${event.verb} ${event.requestURI}`)
  }
  assert.ok(!records.includes('canary'), 'records hold no secret')
})

function assertClean(text: string): void {
  assert.ok(!text.includes('canary'), text)
  assert.ok(!text.includes(Buffer.from('canary-hunter2').toString('base64')), text)
}
