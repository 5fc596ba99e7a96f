import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../../../test/support/azure/requests.ts'

const RG = '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg'
const STACK = `${RG}/providers/Microsoft.Resources/deploymentStacks/s`
const V = 'api-version=2024-03-01'
const STORAGE = {
  type: 'Microsoft.Storage/storageAccounts',
  apiVersion: '2023-01-01',
  name: 'acme',
}
const DETACH = { resources: 'detach', resourceGroups: 'detach', managementGroups: 'Detach' }

const stack = (more: object = {}) => ({
  properties: {
    template: { resources: [STORAGE] },
    actionOnUnmanage: DETACH,
    denySettings: { mode: 'none' },
    ...more,
  },
})
const put = (more: object = {}) => read(`PUT ${STACK}?${V}`, stack(more)).join()

test('a stack is everything in its template, and may lift what it denied', () => {
  assert.deepEqual(read(`PUT ${STACK}?${V}`, stack()), [
    'Microsoft.Resources/deploymentStacks/write S/resourceGroups/rg/providers/Microsoft.Resources/deploymentStacks/s',
    'Microsoft.Storage/storageAccounts/write S/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acme',
    'Microsoft.Resources/deploymentStacks/manageDenySetting/action S/resourceGroups/rg/providers/Microsoft.Resources/deploymentStacks/s',
  ])
})

test('what it may delete is asked for, and everything where it does not say', () => {
  const resources = put({ actionOnUnmanage: { ...DETACH, resources: 'delete' } })
  assert.match(resources, /azure\.deployment\.complete S\/resourceGroups\/rg,/)
  assert.doesNotMatch(resources, /resourceGroups\/delete/)
  assert.match(
    put({ actionOnUnmanage: { ...DETACH, resourceGroups: 'Delete' } }),
    /azure\.deployment\.complete .*resourceGroups\/delete S\/resourceGroups\/rg,/,
  )
  for (const actionOnUnmanage of [undefined, {}, 'detach', null, []]) {
    assert.match(
      put({ actionOnUnmanage }),
      /azure\.deployment\.complete .*resourceGroups\/delete .*managementGroups\/delete /,
      JSON.stringify(actionOnUnmanage),
    )
  }
})

test('where it deploys to is where it may delete', () => {
  const deploymentScope = RG.replace('/rg', '/Other')
  const got = put({ deploymentScope, actionOnUnmanage: { resources: 'delete' } })
  assert.match(got, /storageAccounts\/write S\/resourceGroups\/other\//)
  assert.match(got, /azure\.deployment\.complete S\/resourceGroups\/other,/)
  assert.match(put({ deploymentScope: 'x' }), /^refused REQUEST_UNSUPPORTED/)
})

test('denying something to others is an escalation', () => {
  for (const denySettings of [{ mode: 'denyDelete' }, { mode: 'DenyWriteAndDelete' }, {}, 'none']) {
    assert.match(put({ denySettings }), /azure\.escalate/, JSON.stringify(denySettings))
  }
  assert.doesNotMatch(put(), /azure\.escalate/)
})

test('the end of a stack takes along what the query says', () => {
  const gone = `DELETE ${STACK}?${V}`
  assert.doesNotMatch(read(gone).join(), /azure\./)
  assert.match(read(gone).join(), /manageDenySetting/)
  assert.match(
    read(`${gone}&unmanageAction.Resources=delete`).join(),
    /azure\.deployment\.complete/,
  )
  assert.match(
    read(`${gone}&unmanageaction.resourcegroups=delete`).join(),
    /azure\.deployment\.complete .*resourceGroups\/delete S\/resourceGroups\/rg/,
  )
  assert.doesNotMatch(read(`${gone}&unmanageAction.Resources=Detach`).join(), /azure\./)
})

test('validating one only reads; a template that lies elsewhere and kept what-ifs are refused', () => {
  assert.deepEqual(read(`POST ${STACK}/validate?${V}`, stack({ denySettings: { mode: 'x' } })), [
    'Microsoft.Resources/deploymentStacks/validate/action S/resourceGroups/rg/providers/Microsoft.Resources/deploymentStacks/s',
  ])
  const spec = `${RG}/providers/Microsoft.Resources/templateSpecs/t/versions/1`
  const links = [
    { templateLink: { id: spec } },
    { parametersLink: { uri: 'https://x.example/p.json' } },
  ]
  for (const more of links) assert.match(put(more), /^refused REQUEST_UNSUPPORTED .*elsewhere/)
  const kept = `${RG}/providers/Microsoft.Resources/deploymentStacksWhatIfResults/w`
  for (const line of [`PUT ${kept}?${V}`, `POST ${kept}/whatIf?${V}`]) {
    assert.match(read(line, stack()).join(), /^refused REQUEST_UNSUPPORTED/)
    assert.match(read(line).join(), /^refused REQUEST_UNSUPPORTED/)
  }
})
