import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../json.ts'
import type { Found } from './secret-fields.ts'
import { secretsOfDeployment, secretsOfResource } from './secret-fields.ts'

const VM = { type: 'Microsoft.Compute/virtualMachines', name: 'vm' }

/** The body as people see it: what is found left out. */
function shown(body: Json, found: Found): unknown {
  if (Array.isArray(body)) return body.map((one) => shown(one as Json, found))
  if (typeof body !== 'object' || body === null) return body
  const hidden = found.get(body as never) ?? new Set()
  return Object.fromEntries(
    Object.entries(body)
      .filter(([name]) => !hidden.has(name))
      .map(([name, one]) => [name, shown(one, found)]),
  )
}

const ofResource = (body: Json) => shown(body, secretsOfResource(body, VM))
const ofDeployment = (body: Json) => shown(body, secretsOfDeployment(body))

const SECRET_VALUES: readonly Json[] = [
  'secret',
  '',
  7,
  true,
  ['secret'],
  ["[parameters('p')]", 'secret'],
  "[concat('secret', parameters('p'))]",
  "[parameters('p')]secret",
  "secret[parameters('p')]",
  "[[parameters('p')]",
  "[parameters('p', 'secret')]",
]
const OPEN_VALUES: readonly Json[] = [
  null,
  [],
  "[parameters('p')]",
  "[ variables( 'v' ) ]",
  "[PARAMETERS('p').a.b]",
  ["[parameters('p')]"],
]

describe('the secrets of a resource', () => {
  test('are left out whatever form they have, and references to them stay', () => {
    const body = (value: Json) => ({ properties: { osProfile: { adminPassword: value, x: 1 } } })
    for (const value of SECRET_VALUES) {
      assert.deepEqual(ofResource(body(value)), { properties: { osProfile: { x: 1 } } })
    }
    for (const value of OPEN_VALUES) assert.deepEqual(ofResource(body(value)), body(value))
  })

  test('are found in any case of their names, in lists, and where copies are made', () => {
    const list = { properties: [{ OSPROFILE: { AdminPassword: 'secret' } }] }
    assert.deepEqual(ofResource(list), { properties: [{ OSPROFILE: {} }] })
    const copies = (input: Json) => ({
      properties: { osProfile: { copy: [{ name: 'adminPassword', count: 1, input }] } },
    })
    assert.deepEqual(ofResource(copies('secret')), {
      properties: { osProfile: { copy: [{ name: 'adminPassword', count: 1 }] } },
    })
    assert.deepEqual(ofResource(copies("[parameters('p')]")), copies("[parameters('p')]"))
    const deeper = {
      properties: { copy: [{ name: 'osProfile', input: { adminPassword: 'secret', x: 1 } }] },
    }
    assert.deepEqual(ofResource(deeper), {
      properties: { copy: [{ name: 'osProfile', input: { x: 1 } }] },
    })
  })
})

describe('the secrets of a deployment', () => {
  const deployment = (template: Json, parameters: Json = {}) => ({
    properties: { template, parameters },
  })

  test('are the values of secure parameters, wherever and however these are declared', () => {
    for (const type of ['securestring', 'secureString', 'SecureObject']) {
      for (const declared of [
        { type },
        { type: 'array', items: { type } },
        { type: 'object', properties: { a: { type } } },
      ]) {
        const template = {
          parameters: { P: { ...declared, defaultValue: 's', AllowedValues: ['s'] } },
        }
        assert.deepEqual(
          ofDeployment(deployment(template, { p: { value: 's' }, q: { value: 'open' } })),
          deployment({ parameters: { P: declared } }, { p: {}, q: { value: 'open' } }),
        )
      }
    }
    const open = deployment(
      { parameters: { p: { type: 'string', defaultValue: 'x' } } },
      { p: { value: 'y' } },
    )
    assert.deepEqual(ofDeployment(open), open)
  })

  test('are those of a type with a name, where any type of the template is secure', () => {
    const parameters = { p: { $ref: '#/definitions/d', defaultValue: 's' } }
    for (const [type, left] of [
      ['securestring', { $ref: '#/definitions/d' }],
      ['string', parameters.p],
    ] as const) {
      const definitions = { d: { type } }
      assert.deepEqual(
        ofDeployment(deployment({ definitions, parameters })),
        deployment({ definitions, parameters: { p: left } }),
      )
    }
  })

  test('are those of its resources, their children, and deployments in it', () => {
    const vm = (password: object) => ({
      type: VM.type,
      name: 'vm',
      properties: { osProfile: { ...password } },
    })
    const secret = { adminPassword: 's' }
    for (const wrap of [
      (one: Json) => ({ resources: [one] }),
      (one: Json) => ({ resources: { a: one } }),
      (one: Json) => ({ resources: [{ type: 'A.B/c', name: 'x', resources: [one] }] }),
      (one: Json) => ({
        resources: [
          {
            type: 'Microsoft.Resources/deployments',
            name: 'inner',
            properties: { template: { resources: [one] } },
          },
        ],
      }),
    ]) {
      assert.deepEqual(ofDeployment(deployment(wrap(vm(secret)))), deployment(wrap(vm({}))))
    }
    const child = {
      type: 'Microsoft.Compute',
      name: 'x',
      resources: [{ ...vm(secret), type: 'virtualMachines' }],
    }
    const { resources } = (
      ofDeployment(deployment({ resources: [child] })) as ReturnType<typeof deployment> & {
        properties: { template: { resources: (typeof child)[] } }
      }
    ).properties.template
    assert.deepEqual(resources[0]!.resources[0]!.properties.osProfile, {})
  })
})
