import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attack, bytesOf, KEYS } from '../../../../test/support/azure/requests.ts'
import type { ColumnMask, MaskRule } from '../../../core/verdict.ts'
import { readArm } from '../arm/request.ts'
import { readGraph } from '../graph/request.ts'
import { createLinkStore } from './links.ts'
import { requestText } from './request-text.ts'

const RG = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg'
const DEPLOY = `PUT ${RG}/providers/Microsoft.Resources/deployments/d?api-version=2021-04-01`

function texts(line: string, body: unknown, masks: readonly MaskRule[] = []) {
  const options = { links: createLinkStore(), keys: KEYS }
  const read = line.includes(' /v1.0/') ? readGraph : readArm
  const asker = { agent: 'a', sessionId: 's' }
  const reading = read(attack({ line, body }), bytesOf(body), asker, options)
  assert.ok(reading.type === 'request', JSON.stringify(reading))
  return { exact: reading.request.text, shown: reading.request.show!(masks) }
}

const resource = (type: string, properties: unknown, name = 'x') => ({
  type,
  name,
  apiVersion: '2023-01-01',
  properties,
})
const deploy = (template: object, parameters = {}) => ({
  properties: { mode: 'Incremental', template: { resources: [], ...template }, parameters },
})
const put = (path: string) => `PUT ${RG}/providers/${path}?api-version=2023-01-01`

test('rules with text see the line as Azure reads it', () => {
  const head = {
    ...attack({ line: 'GET /', headers: [['commandname', 'group list']] }),
    path: '/subscriptions/s/resource%47roups',
    segments: ['subscriptions', 's', 'resourceGroups'],
    query: '%24filter=tagName%20eq%20%27a%27',
    parameters: [['$filter', "tagName eq 'a'"]] as const,
  }
  assert.deepEqual(requestText(head).split('\n'), [
    "GET /subscriptions/s/resourceGroups?$filter=tagName eq 'a'",
    'commandname: group list',
  ])
})

test('what an agent calls a value hides it from nobody', () => {
  const nested = {
    type: 'Microsoft.Resources/deployments',
    name: 'in',
    properties: {
      mode: 'Incremental',
      expressionEvaluationOptions: { scope: 'inner' },
      template: {
        parameters: { storekey: { type: 'object', defaultValue: { evil: 'evil' } } },
        resources: [],
      },
    },
  }
  const bodies: readonly (readonly [string, unknown])[] = [
    [DEPLOY, deploy({ parameters: { storekey: { type: 'object', defaultValue: { a: 'evil' } } } })],
    [DEPLOY, deploy({ resources: { storekey: nested } })],
    [DEPLOY, deploy({ resources: [nested] }, { storekey: { value: 'evil' } })],
    [DEPLOY, deploy({ variables: { password: 'evil' } })],
    [DEPLOY, deploy({ outputs: { token: { type: 'string', value: 'evil' } } })],
    [DEPLOY, deploy({ resources: [{ ...resource('A.B/c', {}), tags: { password: 'evil' } }] })],
    // A parameter of another template, or something that only looks like a declaration.
    [DEPLOY, deploy({ variables: { p: { type: 'secureString' } } }, { p: { value: 'evil' } })],
    [put('Microsoft.Compute/disks/d'), { tags: { password: 'evil', key: 'evil' } }],
    [put('A.B/c/d'), { properties: { rules: [{ name: 'password', key: 'evil' }] } }],
    [
      'PATCH /v1.0/users/u',
      { displayName: 'evil', token: 'evil', onPremises: { password: 'evil' } },
    ],
  ]
  for (const [line, body] of bodies) {
    const { exact, shown } = texts(line, body)
    assert.match(exact, /evil/)
    assert.match(shown.text, /evil/)
    assert.equal(shown.hidden, 0, line)
  }
})

test('what a schema calls a secret is hidden by its place, and judged', () => {
  const machine = { osProfile: { adminPassword: 'CANARY', adminUsername: 'seen' } }
  const app = { type: 'Microsoft.Web/sites', name: 'app', properties: {} }
  const settings = {
    ...resource('config', { A: 'CANARY' }, 'appsettings'),
    type: 'config',
  }
  const bodies: readonly (readonly [string, unknown])[] = [
    [put('Microsoft.Compute/virtualMachines/v'), { properties: machine }],
    [
      put('microsoft.compute/VIRTUALMACHINES/v'),
      { Properties: { OSPROFILE: { ADMINPASSWORD: 'CANARY' } } },
    ],
    [put('Microsoft.Sql/servers/s'), { properties: { administratorLoginPassword: 'CANARY' } }],
    [put('Microsoft.Web/sites/s/config/appsettings'), { properties: { A: 'CANARY' } }],
    [put('Microsoft.Web/sites/s/slots/t/config/appsettings'), { properties: { A: 'CANARY' } }],
    [put('Microsoft.KeyVault/vaults/v/secrets/s'), { properties: { value: 'CANARY' } }],
    [put('Microsoft.Network/connections/c/sharedKey'), { value: 'CANARY' }],
    [
      put('Microsoft.Web/sites/s'),
      { properties: { siteConfig: { appSettings: [{ name: 'a', value: 'CANARY' }] } } },
    ],
    [DEPLOY, deploy({ resources: [resource('Microsoft.Compute/virtualMachines', machine)] })],
    [DEPLOY, deploy({ resources: { vm: resource('Microsoft.Compute/virtualMachines', machine) } })],
    [DEPLOY, deploy({ resources: [{ ...app, resources: [settings] }] })],
    [
      DEPLOY,
      deploy({
        resources: [
          resource('Microsoft.Web/sites/config', { A: 'CANARY' }, "[concat('app','/appsettings')]"),
        ],
      }),
    ],
    [
      DEPLOY,
      deploy({
        resources: [
          resource('Microsoft.App/containerApps', {
            configuration: {
              copy: [{ name: 'secrets', count: 2, input: { name: 'a', value: 'CANARY' } }],
            },
          }),
        ],
      }),
    ],
    [DEPLOY, deploy({ parameters: { P: { type: 'SecureString', defaultValue: 'CANARY' } } })],
    [
      DEPLOY,
      deploy({ parameters: { P: { type: 'secureObject' } } }, { p: { value: { a: 'CANARY' } } }),
    ],
    [
      DEPLOY,
      deploy(
        {
          definitions: { d: { type: 'securestring' } },
          parameters: { p: { items: { $ref: '#/definitions/d' } } },
        },
        { p: { value: ['CANARY'] } },
      ),
    ],
    [
      DEPLOY,
      deploy({
        resources: [
          resource('Microsoft.Resources/deployments', {
            mode: 'Incremental',
            template: { parameters: { p: { type: 'securestring' } }, resources: [] },
            parameters: { p: { value: 'CANARY' } },
          }),
        ],
      }),
    ],
    ['POST /v1.0/users', { passwordProfile: { password: 'CANARY' }, displayName: 'seen' }],
    [
      'PUT /v1.0/servicePrincipals/p/synchronization/secrets',
      { value: [{ key: 'Password', value: 'CANARY' }] },
    ],
    [
      'POST /v1.0/$batch',
      {
        requests: [
          {
            id: '1',
            method: 'POST',
            url: '/users',
            headers: { 'content-type': 'application/json' },
            body: { passwordProfile: { password: 'CANARY' } },
          },
        ],
      },
    ],
    [
      'POST /batch?api-version=2020-06-01',
      {
        requests: [
          {
            httpMethod: 'PUT',
            url: `${RG}/providers/Microsoft.Sql/servers/s?api-version=2021-01-01`,
            content: { properties: { administratorLoginPassword: 'CANARY' } },
          },
        ],
      },
    ],
  ]
  for (const [line, body] of bodies) {
    const said = `${line} ${JSON.stringify(body)}`
    const { exact, shown } = texts(line, body)
    assert.match(exact, /CANARY/, said)
    assert.doesNotMatch(shown.text, /CANARY/, said)
    assert.equal(shown.hidden, 1, said)
    assert.match(shown.text, /1 value is not shown; hmac-sha256/, said)
  }
})

test('where a secret comes from is shown, and a text in an expression is not', () => {
  const password = (adminPassword: string) =>
    texts(
      DEPLOY,
      deploy({
        resources: [
          resource('Microsoft.Compute/virtualMachines', { osProfile: { adminPassword } }),
        ],
      }),
    ).shown
  assert.equal(password("[parameters('storekey')]").hidden, 0)
  assert.equal(password("[variables('a').b]").hidden, 0)
  for (const text of ["[concat('CANARY')]", '[CANARY', '[[CANARY]', "[parameters('a')]CANARY"]) {
    assert.equal(password(text).hidden, 1)
  }
})

test('what masks hide of a thing they hide of what is written to it', () => {
  const columns: ColumnMask = {
    type: 'columns',
    covers: (path) => path.join('/').endsWith('/disks/d/properties/ssn'),
    reaches: (end) => end.join('/') === 'properties/ssn',
    with: { name: 'redact' },
    predicates: 'allow',
    policy: 'p',
    rule: 'r',
  }
  const plain = texts(
    put('Microsoft.Compute/disks/d'),
    { properties: { ssn: 'CANARY', other: 'seen' } },
    [columns],
  )
  const inside = texts(DEPLOY, deploy({ resources: [resource('A.B/c', { ssn: 'CANARY' })] }), [
    columns,
  ])
  for (const { shown } of [plain, inside]) {
    assert.doesNotMatch(shown.text, /CANARY/)
    assert.equal(shown.hidden, 1)
  }
})
