import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { startEntraEmulator } from '../entra/server.ts'
import { startArmEmulator } from './server.ts'

const V = 'api-version=2021-04-01'

async function start(context: TestContext) {
  const entra = await startEntraEmulator()
  context.after(() => entra.close())
  const arm = await startArmEmulator({ entra, pageSize: 2 })
  context.after(() => arm.close())
  const tokenFor = (audience: string) => entra.issueToken({ kind: 'app', version: 1, audience })
  const S = `/subscriptions/${arm.subscription}`
  async function ask(line: string, body?: unknown, audience = 'https://management.azure.com') {
    const [method = '', path = ''] = line.split(' ')
    const response = await fetch(path.startsWith('http') ? path : `${arm.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenFor(audience)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
    return { status: response.status, headers: response.headers, json }
  }
  return { arm, ask, S }
}

test('only a token for the right audience is taken', async (context) => {
  const { arm, ask } = await start(context)
  assert.equal((await ask(`GET /subscriptions?${V}`)).status, 200)
  assert.equal(
    (await ask(`GET /subscriptions?${V}`, undefined, 'https://graph.microsoft.com')).status,
    401,
  )
  assert.equal((await ask('GET /v1.0/users')).status, 401)
  assert.equal((await fetch(`${arm.url}/subscriptions?${V}`)).status, 401)
  assert.equal((await ask('GET /subscriptions')).status, 400)
  assert.equal(arm.requests.length, 5)
})

test('lists have pages, and groups are deleted by and by', async (context) => {
  const { arm, ask, S } = await start(context)
  for (const name of ['a', 'b', 'c'])
    assert.equal((await ask(`PUT ${S}/resourceGroups/${name}?${V}`, {})).status, 201)
  const first = await ask(`GET ${S}/resourcegroups?${V}`)
  const second = await ask(`GET ${String(first.json['nextLink'])}`)
  assert.equal((second.json['value'] as unknown[]).length, 1)
  const deleting = await ask(`DELETE ${S}/resourceGroups/a?${V}`)
  assert.equal(deleting.status, 202)
  const location = deleting.headers.get('location')!
  assert.equal((await ask(`GET ${location}`)).status, 202)
  assert.ok(arm.thing(`${S}/resourceGroups/a`))
  assert.equal((await ask(`GET ${location}`)).status, 200)
  assert.equal(arm.thing(`${S}/resourceGroups/a`), undefined)
})

test('a deployment makes its resources, and what-if tells them before', async (context) => {
  const { arm, ask, S } = await start(context)
  arm.addGroup('g')
  const deployment = `${S}/resourceGroups/g/providers/Microsoft.Resources/deployments/d`
  const resources = [{ type: 'Microsoft.Storage/storageAccounts', name: 'acme', properties: {} }]
  const body = { properties: { mode: 'Incremental', template: { resources } } }
  const asked = await ask(`POST ${deployment}/whatIf?${V}`, body)
  await ask(`GET ${asked.headers.get('location')!}`)
  const told = await ask(`GET ${asked.headers.get('location')!}`)
  assert.match(JSON.stringify(told.json), /"changeType":"Create"/)
  const id = `${S}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acme`
  assert.equal(arm.thing(id), undefined)
  const made = await ask(`PUT ${deployment}?${V}`, body)
  const status = made.headers.get('azure-asyncoperation')!
  assert.equal((await ask(`GET ${status}`)).json['status'], 'Running')
  assert.equal((await ask(`GET ${status}`)).json['status'], 'Succeeded')
  assert.ok(arm.thing(id))
  assert.equal((await ask(`POST ${id}/listKeys?${V}`)).status, 200)
})

test('Graph lists, filters, pages and batches', async (context) => {
  const { arm, ask } = await start(context)
  const graph = 'https://graph.microsoft.com'
  for (const name of ['ann', 'ben', 'cem']) arm.addEntry('users', { id: name, displayName: name })
  const all = await ask('GET /v1.0/users', undefined, graph)
  assert.match(String(all.json['@odata.nextLink']), /skiptoken=2/)
  const one = await ask("GET /v1.0/users?$filter=displayName%20eq%20'ben'", undefined, graph)
  assert.deepEqual(one.json['value'], [{ id: 'ben', displayName: 'ben' }])
  const requests = [{ id: '1', method: 'GET', url: '/users/ann' }]
  const batch = await ask('POST /v1.0/$batch', { requests }, graph)
  assert.match(JSON.stringify(batch.json), /"status":200.*ann/)
})

test('a stack deletes what it no longer names, or leaves it', async (context) => {
  const { arm, ask, S } = await start(context)
  await ask(`PUT ${S}/resourceGroups/a?${V}`, {})
  const base = `${S}/resourceGroups/a/providers`
  const stack = `${base}/Microsoft.Resources/deploymentStacks/s`
  const type = 'Microsoft.Storage/storageAccounts'
  const put = (names: readonly string[], resources: string) => {
    const template = { resources: names.map((name) => ({ type, name })) }
    return ask(`PUT ${stack}?${V}`, { properties: { template, actionOnUnmanage: { resources } } })
  }
  const isThere = (name: string) => arm.thing(`${base}/${type}/${name}`) !== undefined
  assert.equal((await put(['x', 'y', 'z'], 'delete')).status, 201)
  assert.equal((await put(['x', 'y'], 'detach')).status, 200)
  assert.equal((await put(['x'], 'delete')).status, 200)
  assert.deepEqual(['x', 'y', 'z'].map(isThere), [true, false, true])
  assert.equal((await ask(`DELETE ${stack}?${V}&unmanageAction.Resources=delete`)).status, 200)
  assert.deepEqual(['x', 'z'].map(isThere), [false, true])
  assert.equal((await ask(`GET ${stack}?${V}`)).status, 404)
})
