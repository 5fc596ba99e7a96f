import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessesOf } from '../../../src/protocol/azure/arm/operations/accesses.ts'
import { knownOperations, marksOf } from './known-operations.ts'

const known = knownOperations()

test('every operation of Azure that is known by name is what people read that it is', () => {
  assert.ok(known.length > 11_000)
  const different = known.filter(({ name, marks }) => marksOf(name) !== marks)
  assert.deepEqual(
    different.map(
      ({ name, marks }) => `${name}: ${marks} in the file, ${marksOf(name)} by the rules`,
    ),
    [],
  )
})

test('what gives keys is known by its words, also where nobody listed it', () => {
  const secret = [
    'Microsoft.Web/sites/hostruntime/host/_master/read',
    'Microsoft.Web/sites/slots/hostruntime/host/_master/read',
    'Microsoft.Web/sites/functions/keys/read',
    'Microsoft.Web/sites/slots/functions/keys/read',
    'Microsoft.Web/sites/extensions/vfs/secrets/read',
    'Microsoft.ApiManagement/service/gateways/keys/read',
    'Microsoft.ApiManagement/service/users/keys/read',
    'Microsoft.New/things/accessKeys/read',
    'Microsoft.New/things/clientSecret/read',
    'Microsoft.New/things/keys/versions/read',
    'Microsoft.New/things/listTokens/action',
  ]
  for (const name of secret) assert.match(marksOf(name), /\*/, name)
})

test('what gives access is known by its words, also where nobody listed it', () => {
  const rising = ['roleAssignments', 'administrators', 'accessPolicies', 'runCommands', 'users']
  for (const word of rising) assert.match(marksOf(`Microsoft.New/things/${word}/write`), /\^/, word)
})

test('a verb that nobody knows must be allowed by its name', () => {
  const asked = accessesOf({
    action: 'Microsoft.New/things/frobnicate/action',
    object: [],
    effect: 'action',
  })
  assert.deepEqual(
    asked.map(({ action }) => action),
    ['Microsoft.New/things/frobnicate/action', 'azure.unlisted'],
  )
})
