import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArmPath } from '../../resource-path.ts'
import { accessesOf } from './accesses.ts'
import { armOperation } from './operation.ts'

const S = '/subscriptions/0A1b2c3d-0000-4000-8000-000000000000'
const RG = `${S}/resourceGroups/Prod-RG`
const VM = `${RG}/providers/Microsoft.Compute/virtualMachines/Web1`

function read(line: string) {
  const [method = '', path = ''] = line.split(' ')
  const parsed = readArmPath(path.slice(1).split('/'))
  if (typeof parsed === 'string') return undefined
  const operation = armOperation(method, parsed)
  if (operation === undefined) return undefined
  const words = accessesOf(operation)
    .map(({ action }) => action)
    .filter((action) => action.startsWith('azure.'))
  return { ...operation, words }
}

/** The rule, its exceptions, and the words beside it. A sample over all kinds of paths. */
const OPERATIONS: readonly (readonly [string, string, ...string[]])[] = [
  ['GET /subscriptions', 'Microsoft.Resources/subscriptions/read'],
  ['GET /tenants', 'Microsoft.Resources/tenants/read'],
  [`GET ${S}`, 'Microsoft.Resources/subscriptions/read'],
  [`GET ${S}/locations`, 'Microsoft.Resources/subscriptions/locations/read'],
  [`GET ${S}/resourcegroups`, 'Microsoft.Resources/subscriptions/resourceGroups/read'],
  [`PUT ${RG}`, 'Microsoft.Resources/subscriptions/resourceGroups/write'],
  [`DELETE ${RG}`, 'Microsoft.Resources/subscriptions/resourceGroups/delete'],
  [`HEAD ${RG}`, 'Microsoft.Resources/subscriptions/resourceGroups/read'],
  [`GET ${RG}/resources`, 'Microsoft.Resources/subscriptions/resourceGroups/resources/read'],
  [`GET ${S}/providers`, 'Microsoft.Resources/subscriptions/providers/read'],
  [`GET ${S}/providers/Microsoft.Web`, 'Microsoft.Resources/subscriptions/providers/read'],
  ['GET /providers/Microsoft.Web', 'Microsoft.Resources/providers/read'],
  [`POST ${S}/providers/microsoft.web/register`, 'Microsoft.Web/register/action'],
  [
    `GET ${S}/providers/microsoft.compute/VIRTUALMACHINES`,
    'Microsoft.Compute/virtualMachines/read',
  ],
  [`GET ${VM}`, 'Microsoft.Compute/virtualMachines/read'],
  [`PUT ${VM}`, 'Microsoft.Compute/virtualMachines/write'],
  [`PATCH ${VM}`, 'Microsoft.Compute/virtualMachines/write'],
  [`POST ${VM}/start`, 'Microsoft.Compute/virtualMachines/start/action'],
  [
    `POST ${VM}/runCommand`,
    'Microsoft.Compute/virtualMachines/runcommand/action',
    'azure.escalate',
  ],
  [
    `PUT ${VM}/extensions/script`,
    'Microsoft.Compute/virtualMachines/extensions/write',
    'azure.escalate',
  ],
  [
    `PUT ${VM}/providers/Microsoft.Authorization/roleAssignments/x`,
    'Microsoft.Authorization/roleAssignments/write',
    'azure.escalate',
  ],
  [
    `DELETE ${RG}/providers/microsoft.authorization/LOCKS/keep`,
    'Microsoft.Authorization/locks/delete',
    'azure.escalate',
  ],
  [
    'POST /providers/Microsoft.Authorization/elevateAccess',
    'Microsoft.Authorization/elevateaccess/action',
    'azure.escalate',
  ],
  [
    `PUT ${RG}/providers/Microsoft.Resources/deploymentScripts/x`,
    'Microsoft.Resources/deploymentScripts/write',
    'azure.escalate',
  ],
  [
    `PUT ${RG}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i/federatedIdentityCredentials/f`,
    'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write',
    'azure.escalate',
  ],
  [
    `POST ${RG}/providers/Microsoft.Storage/storageAccounts/a/listKeys`,
    'Microsoft.Storage/storageAccounts/listkeys/action',
    'azure.secrets.read',
  ],
  [
    `POST ${RG}/providers/Microsoft.Storage/storageAccounts/a/ListAccountSas`,
    'Microsoft.Storage/storageAccounts/listaccountsas/action',
    'azure.secrets.read',
  ],
  [
    `POST ${RG}/providers/Microsoft.Storage/storageAccounts/a/regenerateKey`,
    'Microsoft.Storage/storageAccounts/regeneratekey/action',
    'azure.secrets.read',
  ],
  [
    `POST ${RG}/providers/Microsoft.ContainerService/managedClusters/k/listClusterUserCredential`,
    'Microsoft.ContainerService/managedClusters/listclusterusercredential/action',
    'azure.secrets.read',
  ],
  [
    `POST ${RG}/providers/Microsoft.Web/sites/s/publishxml`,
    'Microsoft.Web/sites/publishxml/action',
    'azure.secrets.read',
  ],
  [
    `POST ${RG}/providers/Microsoft.Web/sites/s/config/appsettings/list`,
    'Microsoft.Web/sites/config/list/action',
    'azure.secrets.read',
  ],
  [
    `POST ${RG}/providers/Microsoft.DocumentDB/databaseAccounts/d/listConnectionStrings`,
    'Microsoft.DocumentDB/databaseAccounts/listconnectionstrings/action',
    'azure.secrets.read',
  ],
  [
    `GET ${RG}/providers/Microsoft.Network/connections/c/sharedkey`,
    'Microsoft.Network/connections/sharedKey/read',
    'azure.secrets.read',
  ],
  [
    `POST ${RG}/providers/Microsoft.Novelty/things/t/frobnicate`,
    'microsoft.novelty/things/frobnicate/action',
    'azure.unlisted',
  ],
  [
    `POST ${RG}/providers/Microsoft.NotificationHubs/namespaces/n/AuthorizationRules/r`,
    'Microsoft.NotificationHubs/namespaces/authorizationRules/write',
    'azure.escalate',
  ],
  [
    `GET ${S}/providers/Microsoft.Features/providers/Microsoft.Web/features/f`,
    'Microsoft.Features/features/read',
  ],
  [
    `POST ${S}/providers/Microsoft.Features/providers/Microsoft.Web/features/f/register`,
    'Microsoft.Features/providers/features/register/action',
  ],
  [
    `POST ${RG}/providers/Microsoft.DataFactory/factories/f/cancelpipelinerun/r`,
    'Microsoft.DataFactory/factories/cancelpipelinerun/action',
  ],
]

for (const [line, action, ...words] of OPERATIONS) {
  test(`${line} is ${action}`, () => {
    const got = read(line)
    assert.equal(got?.action.toLowerCase(), action.toLowerCase())
    // Unlisted verbs are flagged in this table where that is the point of the line.
    assert.deepEqual(
      got.words.filter((word) => word !== 'azure.unlisted' || words.length > 0),
      words,
    )
  })
}

test('one thing has one spelling, whatever the client writes', () => {
  const path = (text: string) => {
    const parsed = readArmPath(text.slice(1).split('/'))
    assert.ok(typeof parsed !== 'string')
    return parsed.object
  }
  assert.deepEqual(path(VM.toUpperCase()), path(VM.toLowerCase()))
  assert.deepEqual(path(VM).slice(4), ['providers', 'Microsoft.Compute', 'virtualMachines', 'web1'])
})

test('paths that nobody can be sure of are none', () => {
  for (const path of [
    '/',
    '/foo',
    '/subscriptionsX/s',
    // The last `providers` of one reader is a name to another.
    `${RG}/providers/Microsoft.Web/sites/providers/Microsoft.Authorization/roleAssignments/x`,
    `${S}/resourceGroups/providers/providers/Microsoft.Web/sites/x`,
    `${RG}/providers/Microsoft.Web/sites/x/%70roviders/Microsoft.Authorization/locks/y`,
    `${RG}/providers/Micro soft.Web/sites/x`,
    `${RG}/providers/Microsoft.Compute/virtual machines/x`,
  ]) {
    assert.equal(typeof readArmPath(path.slice(1).split('/')), 'string', path)
  }
})

test('methods that Resource Manager does not have are none', () => {
  assert.equal(read(`TRACE ${VM}`), undefined)
  assert.equal(read(`CONNECT ${VM}`), undefined)
})
