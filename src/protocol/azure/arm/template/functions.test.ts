import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../../../../test/support/azure/requests.ts'
import { callsIn, isExpression, isKnownFunction } from './functions.ts'

const RG = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg'
const DEPLOY = `PUT ${RG}/providers/Microsoft.Resources/deployments/d?api-version=2021-04-01`

/** What the deployment asks for beside its own write, by last words of the object. */
function asked(template: object, parameters: object = {}): readonly string[] {
  const properties = { mode: 'Incremental', template: { resources: [], ...template }, parameters }
  return read(DEPLOY, { properties }).slice(1)
}

const output = (value: string, more: object = {}) =>
  asked({ ...more, outputs: { o: { type: 'string', value } } })

test('what an expression tells of its scope is a read of that', () => {
  const group = ['Microsoft.Resources/subscriptions/resourceGroups/read S/resourceGroups/rg']
  const subscription = ['Microsoft.Resources/subscriptions/read S']
  assert.deepEqual(output('[resourceGroup().tags]'), group)
  assert.deepEqual(output('[ResourceGroup ( ).tags.owner]'), group)
  assert.deepEqual(output("[resourceGroup()['tags']]"), group)
  assert.deepEqual(output('[resourceGroup()]'), group)
  assert.deepEqual(output("[sys.resourceGroup().tags['a']]"), group)
  assert.deepEqual(output('[concat(resourceGroup().id, subscription().displayName)]'), subscription)
  assert.deepEqual(output('[subscription()]'), subscription)
  assert.deepEqual(output('[tenant().displayName]'), ['Microsoft.Resources/tenants/read tenants'])
  for (const plain of [
    '[resourceGroup().location]',
    '[resourceGroup().id]',
    '[subscription().subscriptionId]',
    '[tenant().tenantId]',
    "[concat('resourceGroup().tags', 'frobnicate(x)')]",
    '[[resourceGroup().tags]',
    'a text [about] resourceGroup().tags',
    "[map(parameters('a'), lambda('x', toLower(lambdaVariables('x'))))]",
  ]) {
    assert.deepEqual(output(plain), [], plain)
  }
})

test('a function that nobody knows may read anything', () => {
  assert.deepEqual(output("[frobnicate('x')]"), ['azure.reference '])
  assert.deepEqual(output('[deployer().objectId]'), ['azure.reference '])
  assert.deepEqual(output("[contoso.name('x')]"), ['azure.reference '])
  const members = { name: { parameters: [], output: { type: 'string', value: "[toLower('x')]" } } }
  assert.deepEqual(
    output("[contoso.name('x')]", { functions: [{ namespace: 'Contoso', members }] }),
    [],
  )
})

test('what is worked out twice may be put together', () => {
  const nested = (value: string, scope?: string) => ({
    type: 'Microsoft.Resources/deployments',
    name: 'in',
    properties: {
      mode: 'Incremental',
      ...(scope === undefined ? {} : { expressionEvaluationOptions: { scope } }),
      template: { resources: [], outputs: { o: { type: 'string', value } } },
    },
  })
  const of = (value: string, scope?: string, given: object = {}) =>
    asked({ resources: [nested(value, scope)] }, given).slice(1)
  const anything = ['azure.reference ', 'azure.secrets.read ']
  for (const value of [
    "[concat('[resource', 'Group().tags]')]",
    "[concat('[list', 'Keys(1)]')]",
    "[base64ToString('W2xpc3RLZXlzKDEpXQ==')]",
    "[substring(parameters('a'), 1)]",
    "[uriComponentToString('%5BresourceGroup()%5D')]",
    "[json('\\u005b')]",
    "[format('{0}', parameters('a'))]",
    '[[resourceGroup().tags]',
  ]) {
    const words = of(value)
    for (const one of anything) assert.ok(words.includes(one), `${value}: ${words.join()}`)
    assert.deepEqual(of(value, 'outer'), words)
  }
  assert.deepEqual(of("[concat('[resource', 'Group().tags]')]", 'inner'), [])
  assert.deepEqual(of("[concat(parameters('a'), '/', resourceGroup().location)]"), [])
  assert.deepEqual(of("[parameters('a')]", undefined, { a: { value: '[listAll(1)]' } }), anything)
  assert.deepEqual(of("[parameters('a')]", 'Inner', { a: { value: '[listAll(1)]' } }), [])
})

test('a bracket alone is a text, and begins an expression where it comes out', () => {
  const put = (first: string, more: object = {}, given: object = {}) => {
    const value = `[concat(${first}, 'list', 'Keys(1)', variables('end'))]`
    const properties = {
      mode: 'Incremental',
      template: { resources: [], outputs: { o: { type: 'string', value } } },
    }
    const resources = [{ type: 'Microsoft.Resources/deployments', name: 'in', properties }]
    return asked({ resources, variables: { end: ']' }, ...more }, given).slice(1)
  }
  const anything = ['azure.reference ', 'azure.secrets.read ']
  const isAnything = (words: readonly string[]) =>
    anything.every((one) => words.includes(one)) || words.join()
  for (const text of ['[', ' [', '[list', '[a]b']) {
    const declared = { parameters: { a: { type: 'string', defaultValue: text } } }
    assert.equal(isAnything(put("parameters('a')", declared)), true, text)
    assert.equal(isAnything(put("variables('a')", { variables: { a: text, end: ']' } })), true)
    assert.equal(isAnything(put("parameters('a')", {}, { a: { value: text } })), true)
  }
  // Whoever may write a tag has said what it is.
  assert.equal(isAnything(put('resourceGroup().tags.a')), true)
  assert.equal(isAnything(put("subscription()['displayName']")), true)
  assert.deepEqual(put('resourceGroup().location'), [])
})

test('new ways to bring an expression are refused', () => {
  const refused = (properties: object) =>
    read(DEPLOY, {
      properties: { mode: 'Incremental', template: { resources: [] }, ...properties },
    })
  for (const properties of [
    { parameters: { a: { expression: '[listKeys(1)]' } } },
    { parameters: { a: { Expression: null } } },
    { externalInputs: { a: { value: '[listKeys(1)]' } } },
    { extensionConfigs: {} },
    { template: { resources: [{ type: 'A.B/c', name: 'x', existing: '[true()]' }] } },
  ]) {
    assert.match(refused(properties).join(), /^refused REQUEST_UNSUPPORTED/)
  }
  const sent = { provisioningState: 'Succeeded', debugSetting: null, validationLevel: 'Provider' }
  assert.doesNotMatch(refused(sent).join(), /refused/)
})

test('calls are found outside of texts, in time that grows with the text', () => {
  assert.deepEqual(
    callsIn("[a('b(''c(', d.e (f))]").map(({ name }) => name),
    ['a', 'd.e'],
  )
  assert.equal(isKnownFunction('listanything', new Set()), true)
  assert.equal(isExpression(' [a] '), true)
  assert.equal(isExpression('[[a]'), false)
  for (const text of ['a.'.repeat(500_000), "'".repeat(999_999), 'a'.repeat(1_000_000)]) {
    assert.deepEqual(callsIn(`[${text}]`), [])
  }
})
