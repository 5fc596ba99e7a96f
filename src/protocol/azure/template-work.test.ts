import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copiesOfTemplates } from './arm/template/copies.ts'
import { readTemplate } from './arm/template/template.ts'
import type { Json } from './json.ts'
import { COPIES_MAX, TEMPLATE_CHARS_MAX } from './limits.ts'
import { Unreadable } from './unreadable.ts'

const SCOPE = { object: ['subscriptions', 's', 'resourceGroups', 'g'], parameters: new Map() }

function many<T>(count: number, make: (index: number) => T): { [name: string]: T } {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}`, make(index)]))
}

const reference = (index: number): Json => ({
  type: 'string',
  value: `[reference('r${index % 799}').a]`,
})

for (const form of ['by symbols', 'by names']) {
  test(`references times resources are looked up once each: ${form}`, () => {
    let looked = 0
    const own = Array.from({ length: 799 }, (_, index) => {
      const path = ['a', 'b', `r${index}`]
      // Whoever goes through all of them reads their names.
      return new Proxy(path, {
        get: (target, key, self) => {
          looked += 1
          return Reflect.get(target, key, self) as unknown
        },
      })
    })
    const resources = many(799, () => ({}))
    const template: Json = {
      resources: form === 'by symbols' ? resources : Object.values(resources),
      outputs: many(20_000, reference),
    }
    const level = { template, scope: SCOPE, isAgain: false, charge: () => {} }
    copiesOfTemplates([level], own, ['to'])
    assert.ok(looked < 50 * (799 + COPIES_MAX), `${looked}`)
  })
}

test('templates in templates cost their size times their depth, within a bound', () => {
  const inside: Json = { resources: [], outputs: many(5_000, reference) }
  const nested = (depth: number): Json =>
    depth === 0
      ? inside
      : {
          resources: [
            {
              type: 'Microsoft.Resources/deployments',
              apiVersion: '2022-09-01',
              name: `d${depth}`,
              properties: { mode: 'Incremental', template: nested(depth - 1) },
            },
          ],
        }
  const read = (depth: number) => readTemplate(nested(depth), SCOPE, ['to'])
  assert.ok(JSON.stringify(nested(18)).length < TEMPLATE_CHARS_MAX / 10)
  assert.throws(() => read(18), Unreadable)
  assert.ok(read(3).accesses.length < 10, 'the same read is one access')
})
