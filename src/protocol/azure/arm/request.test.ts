import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attack, KEYS, read } from '../../../../test/support/azure/requests.ts'
import { createLinkStore } from '../shared/links.ts'
import { readArm } from './request.ts'

const S = '/subscriptions/00000000-0000-4000-8000-000000000001'
const RG = `${S}/resourceGroups/rg`
const DEPLOY = `PUT ${RG}/providers/Microsoft.Resources/deployments/d?api-version=2021-04-01`

const accesses = (line: string, body?: unknown) => read(line, body)

const deployment = (template: object, more: object = {}) => ({
  properties: { mode: 'Incremental', template, ...more },
})

const STORAGE = {
  type: 'Microsoft.Storage/storageAccounts',
  apiVersion: '2023-01-01',
  name: 'acme',
}

test('every resource of a template is a write of its own', () => {
  assert.deepEqual(accesses(DEPLOY, deployment({ resources: [STORAGE] })), [
    'Microsoft.Resources/deployments/write S/resourceGroups/rg/providers/Microsoft.Resources/deployments/d',
    'Microsoft.Storage/storageAccounts/write S/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acme',
  ])
})

test('children, nested templates and symbolic names are found', () => {
  const nested = {
    type: 'Microsoft.Resources/deployments',
    name: 'inner',
    resourceGroup: 'Other',
    properties: { template: { resources: { deep: { ...STORAGE, name: 'deep' } } } },
  }
  const child = { type: 'blobServices/containers', name: 'default/c' }
  const got = accesses(
    DEPLOY,
    deployment({ resources: { a: { ...STORAGE, resources: [child] }, nested } }),
  )
  assert.deepEqual(got.slice(1), [
    'Microsoft.Storage/storageAccounts/write S/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acme',
    'Microsoft.Storage/storageAccounts/blobServices/containers/write S/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acme/blobServices/default/containers/c',
    'Microsoft.Resources/deployments/write S/resourceGroups/rg/providers/Microsoft.Resources/deployments/inner',
    'Microsoft.Storage/storageAccounts/write S/resourceGroups/other/providers/Microsoft.Storage/storageAccounts/deep',
  ])
})

test('a name that an expression makes counts as every name', () => {
  const resources = [{ ...STORAGE, name: "[concat('a', uniqueString('b'))]" }]
  assert.equal(
    accesses(DEPLOY, deployment({ resources }))[1],
    'Microsoft.Storage/storageAccounts/write S/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts',
  )
  const byParameter = {
    parameters: { n: { type: 'string', defaultValue: 'other' } },
    resources: [{ ...STORAGE, name: "[parameters('N')]" }],
  }
  const given = { parameters: { n: { value: 'Mine' } } }
  assert.match(accesses(DEPLOY, deployment(byParameter, given))[1]!, /storageAccounts\/mine$/)
  assert.match(accesses(DEPLOY, deployment(byParameter))[1]!, /storageAccounts\/other$/)
  const unknown = { parameters: { n: { value: { not: 'text' } } } }
  assert.match(accesses(DEPLOY, deployment(byParameter, unknown))[1]!, /storageAccounts$/)
})

test('what a template reads and hands out beside its resources is asked for too', () => {
  const keys = {
    resources: [],
    outputs: { k: { value: "[ListKeys (resourceId('x'), '1').keys]" } },
  }
  assert.match(
    accesses(DEPLOY, deployment(keys)).join(),
    /azure\.secrets\.read S\/resourceGroups\/rg$/,
  )
  const vault = `${RG}/providers/Microsoft.KeyVault/vaults/kv`
  const reference = {
    parameters: { p: { reference: { keyVault: { id: vault }, secretName: 's' } } },
  }
  assert.match(
    accesses(DEPLOY, deployment({ resources: [] }, reference)).join(),
    /Microsoft\.KeyVault\/vaults\/deploy\/action .*vaults\/kv,azure\.secrets\.read/,
  )
  const id = `${RG}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/boss`
  const identity = { userAssignedIdentities: { [id]: {} } }
  const vm = `PUT ${RG}/providers/Microsoft.Compute/virtualMachines/v?api-version=2023-03-01`
  assert.match(
    accesses(vm, { identity }).join(),
    /userAssignedIdentities\/assign\/action .*boss,azure\.escalate/,
  )
  const anyone = { identity: { userAssignedIdentities: "[parameters('ids')]" } }
  assert.match(accesses(vm, anyone).join(), /assign\/action $|assign\/action ,/)
})

test('code that a body brings along says so', () => {
  const line = `PUT ${RG}/providers/Microsoft.Compute/virtualMachineScaleSets/v?api-version=2023-03-01`
  const body = { properties: { virtualMachineProfile: { extensionProfile: { extensions: [] } } } }
  assert.match(accesses(line, body).join(), /azure\.escalate/)
  const vm = `GET ${RG}/providers/Microsoft.Compute/virtualMachines/v?api-version=2023-03-01&$expand=userData`
  assert.match(accesses(vm).join(), /azure\.secrets\.read/)
})

test('a deployment in complete mode says so, and so does one without a mode', () => {
  for (const mode of ['Complete', 'complete', undefined, 'Incremental ']) {
    const body = { properties: { template: { resources: [] }, mode } }
    assert.match(accesses(DEPLOY, body).join(), /azure\.deployment\.complete/, String(mode))
  }
})

test('a what-if only reads, but not keys', () => {
  const line = `POST ${RG}/providers/Microsoft.Resources/deployments/d/whatIf?api-version=2021-04-01`
  assert.deepEqual(accesses(line, deployment({ resources: [STORAGE] })), [
    'Microsoft.Resources/deployments/whatIf/action S/resourceGroups/rg/providers/Microsoft.Resources/deployments/d',
  ])
})

test('a move touches both ends', () => {
  const line = `POST ${RG}/moveResources?api-version=2021-04-01`
  const vm = `${RG}/providers/Microsoft.Compute/virtualMachines/v`
  const got = accesses(line, { targetResourceGroup: `${S}/resourceGroups/To`, resources: [vm] })
  assert.match(got.join(), /moveresources\/action S\/resourceGroups\/rg,/i)
  assert.match(got.join(), /moveresources\/action .*virtualMachines\/v,/i)
  assert.match(got.join(), /resourceGroups\/write S\/resourceGroups\/to/)
  assert.match(got.join(), /virtualMachines\/delete S\/resourceGroups\/rg\/.*virtualMachines\/v,/)
  assert.match(got.join(), /virtualMachines\/write S\/resourceGroups\/to\/.*virtualMachines\/v$/)
  const elsewhere = vm.replace('/rg/', '/elsewhere/')
  const odd = accesses(line, {
    targetResourceGroup: `${S}/resourceGroups/To`,
    resources: [elsewhere],
  })
  assert.match(odd.join(), /virtualMachines\/write S\/resourceGroups\/to$/)
  const checked = accesses(line.replace('move', 'validateMove'), {
    targetResourceGroup: `${S}/resourceGroups/To`,
    resources: [vm],
  })
  assert.doesNotMatch(checked.join(), /virtualMachines\/delete/)
  for (const resources of [[RG], ['x'], [7], undefined]) {
    const body = { targetResourceGroup: `${S}/resourceGroups/To`, resources }
    assert.match(accesses(line, body).join(), /^refused REQUEST_UNSUPPORTED/)
  }
})

test('what is no batch, or has too many requests, is refused', () => {
  const path = '/batch?api-version=2020-06-01'
  const one = { httpMethod: 'GET', relativeUrl: `${RG}?api-version=2021-04-01` }
  const batch = (count: number) => ({ requests: Array.from({ length: count }, () => one) })
  for (const body of [{}, { requests: [] }, { requests: {} }, { requests: 'x' }, [], batch(501)]) {
    assert.match(accesses(`POST ${path}`, body).join(), /^refused /)
  }
  for (const method of ['PUT', 'GET', 'PATCH', 'DELETE']) {
    assert.match(accesses(`${method} ${path}`, batch(1)).join(), /^refused /, method)
  }
  for (const count of [1, 500]) assert.match(accesses(`POST ${path}`, batch(count)).join(), /read/)
})

test('every request of a batch is asked for', () => {
  const requests = [
    { httpMethod: 'GET', url: `${RG}?api-version=2021-04-01` },
    { httpMethod: 'DELETE', relativeUrl: `${RG}?api-version=2021-04-01` },
  ]
  assert.deepEqual(accesses('POST /batch?api-version=2020-06-01', { requests }), [
    'Microsoft.Resources/subscriptions/resourceGroups/read S/resourceGroups/rg',
    'Microsoft.Resources/subscriptions/resourceGroups/delete S/resourceGroups/rg',
  ])
})

test('what is polled or paged belongs to the session that began', () => {
  const links = createLinkStore()
  const target = `${S}/operationresults/abc?api-version=2020-01-01`
  const me = { agent: 'a', sessionId: 's1' }
  const head = attack({ line: `GET ${target}` })
  links.give(me, target, { masks: [], objects: [] })
  assert.equal(readArm(head, undefined, me, { links, keys: KEYS }).type, 'request')
  const other = readArm(head, undefined, { agent: 'b', sessionId: 's2' }, { links, keys: KEYS })
  assert.equal(other.type === 'refused' && other.denial.code, 'LINK_UNKNOWN')
})

test('the text for people has no secret, and the tool that sent it', () => {
  const line = `PUT ${RG}/providers/Microsoft.Compute/virtualMachines/v?api-version=2023-03-01`
  const head = attack({ line, headers: [['commandname', 'vm create']], body: {} })
  const body = Buffer.from(
    JSON.stringify({ properties: { osProfile: { adminPassword: 'S3cret' }, tags: { key: 'v' } } }),
  )
  const reading = readArm(
    { ...head, bodyLength: body.length },
    body,
    { agent: 'a', sessionId: 's' },
    { links: createLinkStore(), keys: KEYS },
  )
  assert.ok(reading.type === 'request')
  const { text, hidden } = reading.request.show!([])
  assert.equal(hidden, 1)
  assert.match(text, /^PUT \/subscriptions.*\ncommandname: vm create\n/)
  assert.doesNotMatch(text, /S3cret/)
})

test('a parameter that its template calls secure is not shown, whatever its name', () => {
  const template = {
    parameters: { p: { type: 'secureString' }, q: { type: 'string' } },
    resources: [],
  }
  const body = deployment(template, {
    parameters: { P: { value: 'S3cret' }, q: { value: 'plain' } },
  })
  const bytes = Buffer.from(JSON.stringify(body))
  const head = { ...attack({ line: DEPLOY, body }), bodyLength: bytes.length }
  const reading = readArm(
    head,
    bytes,
    { agent: 'a', sessionId: 's' },
    { links: createLinkStore(), keys: KEYS },
  )
  assert.ok(reading.type === 'request')
  const { text } = reading.request.show!([])
  assert.doesNotMatch(text, /S3cret/)
  assert.match(text, /plain/)
})

test('what an expression refers to is a read, of its own template or of a type in the same scope', () => {
  const outputs = (value: string) =>
    accesses(DEPLOY, deployment({ resources: [], outputs: { o: { value } } })).slice(1)
  assert.deepEqual(outputs("[reference('store').x]"), [])
  assert.deepEqual(
    outputs("[reference(resourceId('Microsoft.Storage/storageAccounts', 'acme'), '1').x]"),
    [
      'Microsoft.Storage/storageAccounts/read S/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts',
    ],
  )
  assert.deepEqual(
    outputs("[reference(resourceId('other', 'Microsoft.Storage/storageAccounts', 'acme')).x]"),
    ['azure.reference '],
  )
  assert.deepEqual(outputs("[reference(parameters('id')).x]"), ['azure.reference '])
})

test('a condition in a batch is one', () => {
  const url = `${RG}/resources?api-version=2021-04-01&$filter=ssn+eq+'1'`
  const body = { requests: [{ httpMethod: 'GET', url }] }
  const bytes = Buffer.from(JSON.stringify(body))
  const head = attack({ line: 'POST /batch?api-version=2020-06-01', body })
  const asker = { agent: 'a', sessionId: 's' }
  const reading = readArm(head, bytes, asker, { links: createLinkStore(), keys: KEYS })
  assert.ok(reading.type === 'request')
  assert.ok(reading.request.operation.predicates.some((path) => path.at(-1) === 'ssn'))
})

test('what a nested template refers to is read in its own scope too', () => {
  const value = "[reference(resourceId('Microsoft.Compute/virtualMachines', 'v')).x]"
  const inner = {
    type: 'Microsoft.Resources/deployments',
    name: 'inner',
    resourceGroup: 'other',
    properties: {
      expressionEvaluationOptions: { scope: 'inner' },
      template: { resources: [], outputs: { o: { value } } },
    },
  }
  const got = accesses(DEPLOY, deployment({ resources: [inner] })).join()
  assert.match(got, /virtualMachines\/read S\/resourceGroups\/other\//)
  assert.match(got, /virtualMachines\/read S\/resourceGroups\/rg\//)
})

test('a deployment that keeps what was sent and answered gives secrets', () => {
  const kept = (debugSetting: unknown) =>
    accesses(DEPLOY, deployment({ resources: [] }, { debugSetting })).join()
  for (const level of [
    'requestContent',
    'requestContent, responseContent',
    "[parameters('x')]",
    1,
  ]) {
    assert.match(kept({ detailLevel: level }), /azure\.secrets\.read/)
  }
  for (const none of [undefined, null, {}, { detailLevel: 'None' }, { detailLevel: null }]) {
    assert.doesNotMatch(kept(none), /azure\.secrets\.read/)
  }
  const properties = {
    debugSetting: { detailLevel: 'responseContent' },
    template: { resources: [] },
  }
  const inner = { type: 'Microsoft.Resources/deployments', name: 'inner', properties }
  assert.match(accesses(DEPLOY, deployment({ resources: [inner] })).join(), /azure\.secrets\.read/)
})

test('answers that may call fields otherwise, or hold other things, are known', () => {
  const noteOf = (line: string) => {
    const asker = { agent: 'a', sessionId: 's' }
    const reading = readArm(attack({ line }), undefined, asker, {
      links: createLinkStore(),
      keys: KEYS,
    })
    assert.ok(reading.type === 'request', line)
    return reading.request.note
  }
  const v = 'api-version=2021-04-01'
  const vm = `${RG}/providers/Microsoft.Compute/virtualMachines/v`
  for (const line of [
    `POST /providers/Microsoft.ResourceGraph/resources?${v}`,
    `POST /providers/Microsoft.ResourceGraph/resourcesHistory?${v}`,
    `POST /providers/Microsoft.ResourceGraph/resourceChangeDetails?${v}`,
    `GET ${vm}/providers/Microsoft.Resources/changes?${v}`,
    `GET ${S}/providers/Microsoft.Insights/eventtypes/management/values?${v}`,
  ]) {
    assert.equal(noteOf(line).renames, true, line)
  }
  for (const line of [
    `POST ${RG}/exportTemplate?${v}`,
    `GET ${RG}/providers/Microsoft.Resources/deployments/d/operations?${v}`,
    `GET ${RG}/providers/Microsoft.Resources/deploymentStacksWhatIfResults/w?${v}`,
  ]) {
    assert.equal(noteOf(line).mixed?.length, 1, line)
  }
  assert.equal(noteOf(`GET ${vm}?${v}`).renames, false)
  assert.equal(noteOf(`GET ${vm}?${v}`).mixed, undefined)
})

test('a request in a batch has the bounds of one that comes alone', () => {
  const batch = (url: string) =>
    read('POST /batch?api-version=2020-06-01', { requests: [{ httpMethod: 'GET', url }] })
  const deep = (levels: number) => `${RG}/providers/Microsoft.X/a/b${'/c/d'.repeat(levels)}`
  assert.equal(batch(`${deep(10)}?api-version=2020-06-01`)[0]?.startsWith('refused'), false)
  const tooLong = /^refused REQUEST_UNSUPPORTED .*too long alone/
  assert.match(batch(`${deep(100)}?api-version=2020-06-01`)[0]!, tooLong)
  assert.match(batch(`${RG}?api-version=2020-06-01${'&a=b'.repeat(300)}`)[0]!, tooLong)
  assert.match(batch(`${RG}/${'x'.repeat(20_000)}?api-version=2020-06-01`)[0]!, tooLong)
})
