import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/** What rules judge is all that is sent; what records hold of it is less, and says so. */

const POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: write
    allow: { actions: [k8s.patch, k8s.create], objects: [prod/**] }
  - id: no-host
    deny: { text: [hostPath, CANARY-9] }
  - id: nothing-unseen
    deny: { actions: [k8s.create], objects: [prod/secrets/**] }
    when: op.hidden > 1
`

let world: World
before(async () => {
  world = await startWorld(POLICY)
})
after(() => world?.stop())

const NS = '/api/v1/namespaces/prod'

async function codeOf(line: string, body: unknown, type = 'application/json'): Promise<string> {
  const bytes = Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const { status, text } = await world.ask(line, { headers: { 'content-type': type }, body: bytes })
  return /POLICY_[A-Z_]+/.exec(text)?.[0] ?? String(status)
}

test('a denial of a text finds it whatever stands beside it, and in Secrets too', async () => {
  const value = [{ name: 'x', hostPath: { path: '/' } }]
  const change = [{ op: 'add', path: '/spec/volumes', value, name: 'password' }]
  const patch = 'application/json-patch+json'
  assert.equal(await codeOf(`PATCH ${NS}/pods/web-1`, change, patch), 'POLICY_DENIED')
  const secret = { metadata: { name: 's' }, stringData: { password: 'CANARY-9' } }
  assert.equal(await codeOf(`POST ${NS}/secrets`, secret), 'POLICY_DENIED')
  assert.doesNotMatch(await world.bench.records(), /CANARY-9/)
})

test('a rule refuses what cannot be shown', async () => {
  const secret = (data: object) => ({ kind: 'Secret', metadata: { name: 's' }, data })
  assert.equal(
    await codeOf(`POST ${NS}/secrets`, secret({ a: 'YQ==', b: 'Yg==' })),
    'POLICY_DENIED',
  )
  assert.notEqual(await codeOf(`POST ${NS}/secrets`, secret({ a: 'YQ==' })), 'POLICY_DENIED')
})

test('a body that is no text matches every denial of a text', async () => {
  const kind = Buffer.from('\x0a\x02v1\x12\x03Pod', 'latin1')
  const head = Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x0a, kind.length]), kind])
  const body = Buffer.concat([head, Buffer.from([0x12, 0])])
  const type = 'application/vnd.kubernetes.protobuf'
  assert.equal(await codeOf(`POST ${NS}/pods`, body, type), 'POLICY_DENIED')
})
