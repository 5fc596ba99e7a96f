import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { armOperation } from './arm/operations/operation.ts'
import { readGraphPath } from './graph/path.ts'
import { readArmPath } from './resource-path.ts'
import { objectOfId } from './scope.ts'

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/)
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,8}$/)
const namespace = fc.stringMatching(/^[A-Z][a-z]{1,6}\.[A-Z][a-z]{1,6}$/)
const pair = fc.tuple(word, name)

/** Paths as Resource Manager has them: a scope, and what is below it, perhaps twice. */
const idOf = fc
  .tuple(
    name,
    fc.option(name),
    fc.array(fc.tuple(namespace, fc.array(pair, { minLength: 1, maxLength: 3 })), { maxLength: 2 }),
  )
  .map(([subscription, group, below]) => [
    'subscriptions',
    subscription,
    ...(group === null ? [] : ['resourceGroups', group]),
    ...below.flatMap(([one, pairs]) => ['providers', one, ...pairs.flat()]),
  ])
  .filter((segments) => !segments.some((one, at) => at % 2 === 1 && /^providers$/i.test(one)))
  .filter(
    (segments) =>
      !segments.some(
        (one, at) =>
          at % 2 === 0 && /^providers$/i.test(one) && !/\./.test(segments[at + 1] ?? '.'),
      ),
  )

const cases = (text: string, bits: number) =>
  Array.from(text)
    .map((letter, at) => ((bits >> (at % 30)) & 1 ? letter.toUpperCase() : letter.toLowerCase()))
    .join('')

test('a path in any case is the same thing, and the same operation', () => {
  fc.assert(
    fc.property(
      idOf,
      fc.nat(),
      fc.constantFrom('GET', 'PUT', 'DELETE', 'POST'),
      (segments, bits, method) => {
        const one = readArmPath(segments)
        const other = readArmPath(segments.map((segment) => cases(segment, bits)))
        assert.deepEqual(other, one)
        if (typeof one === 'string' || typeof other === 'string') return
        assert.deepEqual(armOperation(method, other), armOperation(method, one))
      },
    ),
    { numRuns: 500 },
  )
})

test('the last `providers` counts, as it does to who looks for the last', () => {
  fc.assert(
    fc.property(idOf, (segments) => {
      const read = readArmPath(segments)
      assert.ok(typeof read !== 'string')
      const last = segments.map((one) => one.toLowerCase()).lastIndexOf('providers')
      assert.equal(read.providersAt, last)
      const expected = last < 0 ? 'microsoft.resources' : segments[last + 1]!.toLowerCase()
      assert.equal(read.namespace.toLowerCase(), expected)
      assert.deepEqual(objectOfId(`/${read.object.join('/')}`), read.object)
    }),
    { numRuns: 500 },
  )
})

test('whatever comes is read or refused, and what is read keeps every segment', () => {
  const odd = fc.array(
    fc.oneof(
      fc.string(),
      word,
      fc.constantFrom('subscriptions', 'providers', '..', '', 'Microsoft.Web', 'v1.0'),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(odd, (segments) => {
      const arm = readArmPath(segments)
      if (typeof arm !== 'string') assert.equal(arm.object.length, segments.length)
      const graph = readGraphPath(segments)
      assert.ok(typeof graph === 'string' || graph.types.length > 0)
    }),
    { numRuns: 1000 },
  )
})

test('what has a path of its own is not named by another', () => {
  for (const path of [
    'providers/Microsoft.Resources/subscriptions/s',
    'subscriptions/s/providers/Microsoft.Resources/resourceGroups/g',
    'subscriptions/s/providers/microsoft.resources/RESOURCEGROUPS/g/providers/Microsoft.Resources/deployments/d',
    'subscriptions/s/providers/Microsoft.Resources/resources',
    'providers/Microsoft.Resources/tenants/t',
  ]) {
    assert.equal(typeof readArmPath(path.split('/')), 'string', path)
  }
})

test('names with letters that are taken for others are none', () => {
  for (const name of ['prod-\u017fecrets', '\u212aubernetes', 'm\u0131ne']) {
    assert.equal(typeof readArmPath(['subscriptions', 's', 'resourceGroups', name]), 'string', name)
  }
  for (const name of ['straße', 'größe', 'データ', 'Ωmega', '\u0130stanbul', '😀']) {
    assert.notEqual(typeof readArmPath(['subscriptions', 's', 'resourceGroups', name]), 'string')
  }
})
