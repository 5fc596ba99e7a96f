import assert from 'node:assert/strict'
import { test } from 'node:test'
import { referencesIn } from './references.ts'

const ID = "resourceId('Microsoft.Compute/virtualMachines', 'V')"
const PARAMETERS = new Map([['n', 'Given']])

const told = (text: string) =>
  referencesIn(text, PARAMETERS).map(({ of, words, names, field, isAlone }) =>
    [of, words.join('/'), names?.join(), field.join('.'), isAlone ? 'alone' : ''].join(' ').trim(),
  )

test('what is referred to, and which field is taken of it', () => {
  const type = 'other Microsoft.Compute/virtualMachines'
  for (const [text, expected] of [
    ['[reference(ID).a.b]', `${type} v properties.a.b alone`],
    ["[reference(ID, '2023-01-01').a]", `${type} v properties.a alone`],
    ["[ Reference (ID, 'x', 'FULL') . sku . name ]", `${type} v sku.name alone`],
    ["[reference(ID, 'x', 'full')]", `${type} v`],
    ['[reference(ID)]', `${type} v properties`],
    ["[reference(ID)['a'].b]", `${type} v properties`],
    ["[reference(ID).a['b']]", `${type} v properties.a`],
    ['[concat(reference(ID).a)]', `${type} v properties.a`],
    ['[[reference(ID).a]', `${type} v properties.a`],
    ["[reference('own').a]", 'own  own properties.a alone'],
    [
      "[reference(resourceId('A.B/c/d', 'X', parameters('N'))).a]",
      'other a.b/c/d x,given properties.a alone',
    ],
    ["[reference(resourceId('A.B/c', variables('x'))).a]", 'other a.b/c  properties.a alone'],
    ["[reference(resourceId('A.B/c/d', 'x')).a]", 'other a.b/c/d  properties.a alone'],
    ["[reference(resourceId('A.B/c', 'x/y')).a]", 'other a.b/c  properties.a alone'],
    ["[reference(resourceId('group', 'A.B/c', 'x')).a]", 'unknown   properties.a alone'],
    ["[reference(parameters('id')).a]", 'unknown   properties.a alone'],
  ] as const) {
    assert.deepEqual(told(text.replace('ID', ID)), [expected], text)
  }
})

test('of several references none is alone', () => {
  const inner = `reference(${ID}).a`
  for (const text of [`[reference(${inner}).b]`, `[concat(${inner}, ${inner})]`]) {
    const found = referencesIn(text, PARAMETERS)
    assert.equal(found.length, 2)
    assert.ok(
      found.every(({ isAlone }) => !isAlone),
      text,
    )
  }
  assert.equal(referencesIn("[reference('a)b(', 'x').c]", PARAMETERS).length, 1)
  assert.deepEqual(referencesIn('[preference(1)]', PARAMETERS), [])
})

test('what is too much to look at may be of anything', () => {
  const many = `[concat(${Array.from({ length: 21 }, () => "reference('a').b").join()})]`
  assert.deepEqual(
    referencesIn(many, PARAMETERS).map(({ of }) => of),
    ['unknown'],
  )
  const long = `[concat('${'x'.repeat(24_576)}', reference('a').b)]`
  assert.deepEqual(
    referencesIn(long, PARAMETERS).map(({ of }) => of),
    ['unknown'],
  )
  assert.deepEqual(referencesIn('x'.repeat(30_000), PARAMETERS), [])
})
