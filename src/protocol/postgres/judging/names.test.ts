import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Namespace } from './names.ts'

test('a change is certain in its own batch', () => {
  const names = new Namespace<string>()
  names.apply('s', 'old')
  names.change('s', 'new', 1)
  assert.equal(names.look('s', 1), 'new')
})

test('a change of a name that stood for something is uncertain in a later batch', () => {
  const names = new Namespace<string>()
  names.apply('s', 'old')
  const change = names.change('s', 'new', 1)
  assert.equal(names.look('s', 2), 'unsettled')
  names.abandon(change)
  assert.equal(names.look('s', 2), 'old')
})

test('a new name is certain at once: it is that or nothing', () => {
  const names = new Namespace<string>()
  names.change('s', 'new', 1)
  assert.equal(names.look('s', 2), 'new')
})

test('two unsettled changes of one name are uncertain', () => {
  const names = new Namespace<string>()
  const first = names.change('s', 'a', 1)
  names.change('s', 'b', 2)
  assert.equal(names.look('s', 3), 'unsettled')
  names.acknowledge(first)
  assert.equal(names.look('s', 3), 'unsettled')
})

test('an unsettled removal is uncertain', () => {
  const names = new Namespace<string>()
  names.apply('s', 'old')
  const change = names.change('s', undefined, 1)
  assert.equal(names.look('s', 2), 'unsettled')
  names.acknowledge(change)
  assert.equal(names.look('s', 2), undefined)
})
