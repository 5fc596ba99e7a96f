import assert from 'node:assert/strict'
import { test } from 'node:test'
import { azureCloud, cloudCommands } from '../signing-in/azure-cloud.ts'

const PLACES = { api: 'https://gw.example:8443', door: 'https://gw.example:7443' }

test('the cloud names what the gateway has, and nothing that it has not', () => {
  const all = azureCloud(PLACES, [
    { name: 'arm', type: 'azure-arm' },
    { name: 'graph', type: 'microsoft-graph' },
    { name: 'acme', type: 'azure-storage' },
    { name: 'kv', type: 'azure-keyvault' },
    { name: 'sales-db', type: 'postgres' },
  ])
  assert.deepEqual(all, {
    endpoints: {
      activeDirectory: 'https://gw.example:8443/adfs',
      activeDirectoryResourceId: 'https://gw.example:7443/arm',
      resourceManager: 'https://gw.example:7443/arm',
      management: 'https://gw.example:7443/arm',
      microsoftGraphResourceId: 'https://gw.example:7443/graph',
      activeDirectoryGraphResourceId: 'https://gw.example:7443/graph',
      ossrdbmsResourceId: 'https://ossrdbms-aad.database.windows.net',
    },
    suffixes: { storageEndpoint: 'gw.example:7443', keyvaultDns: '.vault.gw.example:7443' },
  })
  const one = azureCloud({ ...PLACES, door: 'https://127.0.0.1:7443' }, [
    { name: 'arm', type: 'azure-arm' },
    { name: 'acme', type: 'azure-storage' },
  ])
  assert.deepEqual(Object.keys(one.endpoints).sort(), [
    'activeDirectory',
    'activeDirectoryGraphResourceId',
    'activeDirectoryResourceId',
    'management',
    'resourceManager',
  ])
  // Account names go before an address of numbers nowhere.
  assert.deepEqual(one.suffixes, {})
})

test('the commands name the file, the authority and both kinds of CLI', () => {
  const text = cloudCommands('chaperone', 'cloud.json', '/etc/ca.pem')
  assert.match(text, /^export REQUESTS_CA_BUNDLE=\/etc\/ca\.pem$/m)
  assert.match(text, /--cloud-config @cloud\.json --skip-endpoint-discovery$/m)
  assert.match(text, /^#   az cloud register .*@cloud\.json$/m)
})
