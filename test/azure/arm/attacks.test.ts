import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArmWorld } from '../../world/arm.ts'
import { startArmWorld } from '../../world/arm.ts'
import { ATTACKS_BY_NAME } from './attacks-by-name.ts'
import type { Attack } from './attacks.ts'
import { ARM_ATTACKS, GRAPH_ATTACKS } from './attacks.ts'
import { sendTo } from './send.ts'

const POLICY = `
name: mine
subjects: { agents: ['*'] }
rules:
  - id: read
    allow: { actions: ['*/read'], objects: [subscriptions/*/resourceGroups/mine] }
  - id: write
    allow: { actions: ['Microsoft.Storage/storageAccounts/write', 'Microsoft.Resources/deployment*/write'], objects: [subscriptions/*/resourceGroups/mine] }
  - id: verbs
    allow: { actions: ['*/action'], objects: [subscriptions/*/resourceGroups/mine] }
  - id: users
    allow: { actions: [Microsoft.Graph/users/read, Microsoft.Graph/users/manager/read], objects: ['users'] }
`

describe('what gets past a Resource Manager', () => {
  let bench: ArmWorld
  let led: 'nowhere' | 'away' = 'nowhere'
  /** One token is one session. */
  const tokens = new Map<string, string>()

  before(async () => {
    bench = await startArmWorld({
      policy: POLICY,
      arm: ', subscriptions: ["{subscription}"]',
      emulator: {
        pageSize: 2,
        change: (_request, reply) => (led === 'nowhere' ? reply : leadAway(reply)),
      },
    })
    for (const agent of ['etl-1', 'etl-2'] as const) tokens.set(agent, await bench.token(agent))
    for (const name of ['mine', 'other']) bench.arm.addGroup(name)
    bench.arm.addResource('mine', 'Microsoft.Storage/storageAccounts', 'acme')
    bench.arm.addResource('mine', 'Microsoft.Compute/virtualMachines', 'vm1')
    bench.arm.addResource('mine', 'Microsoft.Compute/disks', 'd1')
    bench.arm.addEntry('users', { id: 'a', displayName: 'ann' })
  })
  after(() => bench.stop())

  const send = (
    resource: string,
    attack: Omit<Attack, 'what' | 'codes'>,
    agent: string = 'etl-1',
  ) => sendTo(bench, resource, attack, tokens.get(agent)!)

  for (const [resource, attacks] of [
    ['arm', [...ARM_ATTACKS, ...ATTACKS_BY_NAME]],
    ['graph', GRAPH_ATTACKS],
  ] as const) {
    for (const attack of attacks) {
      test(`${resource}: ${attack.what}`, async () => {
        const before = bench.arm.requests.length
        const answer = await send(resource, attack)
        assert.ok(answer.status >= 400, `it was let through: ${answer.status}`)
        assert.ok(
          attack.codes.includes(answer.code),
          `${answer.status} ${answer.code} ${JSON.stringify(answer.json)}`,
        )
        assert.equal(bench.arm.requests.length, before, 'the target was asked')
      })
    }
  }

  const MINE = '/subscriptions/S/resourceGroups/mine'
  const V = 'api-version=2021-04-01'

  test('what is allowed passes, so that the above tells something', async () => {
    for (const line of [
      `GET ${MINE}?${V}`,
      `GET ${MINE}/resources?${V}`,
      `POST ${MINE}/providers/Microsoft.Compute/virtualMachines/vm1/start?${V}`,
    ]) {
      assert.ok((await send('arm', { line })).status < 300, line)
    }
    const template = {
      resources: [{ type: 'Microsoft.Storage/storageAccounts', name: 'n', apiVersion: 'x' }],
    }
    const body = { properties: { mode: 'Incremental', template } }
    const line = `PUT ${MINE}/providers/Microsoft.Resources/deployments/d?${V}`
    assert.equal((await send('arm', { line, body })).status, 201)
    const detach = { resources: 'detach', resourceGroups: 'detach', managementGroups: 'detach' }
    const properties = { template, actionOnUnmanage: detach, denySettings: { mode: 'none' } }
    const stack = `PUT ${MINE}/providers/Microsoft.Resources/deploymentStacks/s?${V}`
    assert.equal((await send('arm', { line: stack, body: { properties } })).status, 201)
    assert.equal((await send('graph', { line: 'GET /v1.0/users?$expand=manager' })).status, 200)
  })

  test('a page and a poll belong to the session that was given them', async () => {
    const first = await send('arm', { line: `GET ${MINE}/resources?${V}` })
    const next = String(first.json['nextLink'])
    assert.ok(next.startsWith(`${bench.door}/arm/`))
    assert.equal((await send('arm', { line: `GET ${next}` }, 'etl-2')).code, 'LINK_UNKNOWN')
    const start = `POST ${MINE}/providers/Microsoft.Compute/virtualMachines/vm1/start?${V}`
    const started = await send('arm', { line: start }, 'etl-2')
    const poll = String(started.headers['azure-asyncoperation'])
    assert.ok(poll.startsWith(`${bench.door}/arm/`))
    assert.equal((await send('arm', { line: `GET ${poll}` })).code, 'LINK_UNKNOWN')
    // Whoever may write a tag reads it back as a link, and has been given nothing by that.
    const link = poll.replace(`${bench.door}/arm`, bench.arm.url)
    const store = `${MINE}/providers/Microsoft.Storage/storageAccounts/tagged?${V}`
    await send('arm', { line: `PUT ${store}`, body: { tags: { nextLink: link, at: link } } })
    assert.equal((await send('arm', { line: `GET ${store}` })).status, 200)
    assert.equal((await send('arm', { line: `GET ${poll}` })).code, 'LINK_UNKNOWN')
    // Nor by having it said again by the target.
    for (const name of ['x-ms-client-request-id', 'client-request-id']) {
      const headers = [[name, link]] as const
      assert.equal((await send('arm', { line: `GET ${store}`, headers })).status, 200)
      assert.equal((await send('arm', { line: `GET ${poll}` })).code, 'LINK_UNKNOWN')
    }
    assert.equal((await send('arm', { line: `GET ${poll}` }, 'etl-2')).status, 200)
  })

  test('a target that leads clients away leads them nowhere', async () => {
    led = 'away'
    try {
      const answer = await send('arm', { line: `GET ${MINE}?${V}` })
      assert.doesNotMatch(JSON.stringify(answer.json), /"(nextLink|@odata\.nextLink)":"/)
      assert.equal(JSON.stringify(answer.json).includes('evil.example/page'), false)
      for (const name of [
        'location',
        'azure-asyncoperation',
        'operation-location',
        'content-location',
      ]) {
        assert.equal(answer.headers[name], undefined, name)
      }
      assert.equal(answer.headers['set-cookie'], undefined)
      assert.equal(answer.headers['alt-svc'], undefined)
      // A link that nobody follows by itself is what it is.
      assert.match(JSON.stringify(answer.json), /https:\/\/evil\.example\/docs/)
    } finally {
      led = 'nowhere'
    }
  })

  test('nothing of a credential came back, or was recorded', async () => {
    const records = await bench.records()
    for (const secret of [process.env['CHAPERONE_TEST_ARM']!, tokens.get('etl-1')!]) {
      assert.equal(records.includes(secret.slice(-40)), false)
    }
  })
})

function leadAway<T extends { readonly body: object | string }>(reply: T): T {
  const evil = 'https://evil.example/page'
  const body = {
    ...(reply.body as object),
    nextLink: evil,
    '@odata.nextLink': '//evil.example/page',
    docs: 'https://evil.example/docs',
  }
  const headers = {
    location: evil,
    'azure-asyncoperation': evil,
    'operation-location': '//evil.example/page',
    'content-location': 'https://127.0.0.1@evil.example/page',
    'set-cookie': 'a=b',
    'alt-svc': 'h2="evil.example:443"',
  }
  return { ...reply, body, headers }
}
