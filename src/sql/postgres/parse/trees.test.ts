import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '../classify.ts'
import { createTrees } from './trees.ts'

function counted(room: (bytes: number) => boolean = () => true) {
  const parsed: string[] = []
  const trees = createTrees((text) => (parsed.push(text), parse(text)), room)
  return { trees, parsed }
}

test('a tree that is kept is not made again, and one that is dropped is', () => {
  const { trees, parsed } = counted()
  trees.treeOf('SELECT 1')
  trees.keep('SELECT 1')
  trees.treeOf('SELECT 1')
  assert.deepEqual(parsed, ['SELECT 1'])
  trees.drop('SELECT 1')
  trees.treeOf('SELECT 1')
  assert.deepEqual(parsed, ['SELECT 1', 'SELECT 1'])
})

test('a text that is given up leaves nothing', () => {
  let held = 0
  const { trees } = counted((bytes) => ((held = bytes), true))
  trees.treeOf('SELECT 1')
  trees.keep('SELECT 1')
  assert.equal(held, 140 * 'SELECT 1'.length)
  trees.drop()
  assert.equal(held, 0)
})

test('one tree is kept, of whatever was parsed last', () => {
  const { trees, parsed } = counted()
  trees.treeOf('EXECUTE a')
  trees.treeOf('SELECT 1')
  trees.keep('SELECT 1')
  trees.drop('EXECUTE a')
  trees.treeOf('SELECT 1')
  assert.deepEqual(parsed, ['EXECUTE a', 'SELECT 1'])
  trees.treeOf('EXECUTE a')
  assert.equal(parsed.length, 3)
})

test('without room for it, and of a very long text, no tree is kept', () => {
  const long = `SELECT ${'1,'.repeat(70_000)}1`
  for (const [text, room] of [
    ['SELECT 1', (bytes: number) => bytes === 0],
    [long, () => true],
  ] as const) {
    const { trees, parsed } = counted(room)
    trees.treeOf(text)
    trees.keep(text)
    trees.treeOf(text)
    assert.equal(parsed.length, 2)
  }
})
