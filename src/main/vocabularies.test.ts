import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policyText } from '../../test/support/policy/fixtures.ts'
import { lintPolicies } from '../policy/change/lint.ts'
import { parsePolicies } from '../policy/document.ts'
import { VOCABULARIES } from './vocabularies.ts'

function said(action: string, effect: 'allow' | 'deny' = 'deny'): string {
  const rule = `{ id: r, ${effect}: { actions: ['${action}'], objects: [s] } }`
  const { policies } = parsePolicies([{ file: 'p.yaml', text: policyText([rule]) }])
  return lintPolicies(policies, VOCABULARIES)
    .map(({ kind, message }) => `${kind}: ${message}`)
    .join('\n')
}

test('words of every protocol are actions', () => {
  for (const action of [
    'sql.select',
    'k8s.get',
    'k8s.deletecollection',
    'k8s.pods.exec',
    'k8s.pods.*',
    'k8s.*.exec',
    'k8s.nonresource.get',
    'k8s.bind',
    'k8s.escalate',
    'k8s.widgets.scale',
    'k8s.virtualmachineinstances.console',
    'azure.secrets.read',
    'azure.poll',
    '*/read',
    '*/action',
    'Microsoft.Compute/*',
    'Microsoft.Compute/virtualMachines/*',
    'Microsoft.Compute/virtualMachines/start/action',
    'microsoft.compute/virtualmachines/READ',
    'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/filter/action',
    'Microsoft.Graph/users/read',
    '84codes.CloudAMQP/servers/read',
    'Microsoft.*/read',
    '*',
  ]) {
    assert.equal(said(action), '', action)
  }
})

test('misspelt words are none', () => {
  for (const [action, meant] of [
    ['k8s.gett', 'did you mean k8s.get?'],
    ['k8.list', 'did you mean k8s.list?'],
    ['k8s.pods.exce', 'did you mean k8s.pods.exec?'],
    ['k8s.pod.exec', 'did you mean k8s.pods.exec?'],
    ['k8s.pods/exec', 'operations of Azure'],
    ['azure.secret.read', 'did you mean azure.secrets.read?'],
    ['azure.escalation', 'did you mean azure.escalate?'],
    ['Microsoft.Compute/virtualMachines/raed', '/read, /write, /delete or /action'],
    ['Microsoft.Compute/virtualMachines/start', '/read, /write, /delete or /action'],
    ['Microsoft.Compute', 'is no action that there is'],
    ['kubernetes.get', 'is no action that there is'],
  ] as const) {
    assert.match(said(action), /^unknown-action: /, action)
    assert.ok(said(action).includes(meant), said(action))
  }
})

test('what wildcards give away beside', () => {
  assert.match(said('k8s.*', 'allow'), /^wide-action: .*k8s\.escalate.*k8s\.pods\.exec/)
  assert.match(said('azure.*', 'allow'), /^wide-action: .*azure\.secrets\.read/)
  assert.match(said('k8s.pods.*', 'allow'), /^wide-action: .*k8s\.pods\.exec/)
  assert.match(said('microsoft.keyvault/vaults/*', 'allow'), /^wide-action: .*getSecret/)
  assert.match(said('*/action', 'allow'), /^wide-action: .*getSecret/)
  assert.equal(said('Microsoft.KeyVault/vaults/secrets/getSecret/action', 'allow'), '')
  assert.equal(said('*/read', 'allow'), '')
  assert.equal(said('k8s.get', 'allow'), '')
})
