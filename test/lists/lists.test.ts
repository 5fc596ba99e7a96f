import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { listsOf, listsOfProduct, read, written } from './lists.ts'

const HINT = 'If that is meant: npm run lists, and say why in the commit.'
const kept = read(readFileSync(join(import.meta.dirname, 'lists.txt'), 'utf8'))
const now = listsOfProduct()

test('every list and table holds what it held when somebody last looked at it', () => {
  const names = [...new Set([...kept.keys(), ...now.keys()])]
  const wrong = names.flatMap((name) => {
    const [before, after] = [kept.get(name) ?? [], now.get(name) ?? []]
    const gone = without(before, after).map((member) => `${name}: ${member} is gone`)
    const came = without(after, before).map((member) => `${name}: ${member} is new`)
    return [...gone, ...came]
  })
  assert.equal(wrong.length, 0, `${wrong.slice(0, 20).join('\n')}\n${HINT}`)
  assert.deepEqual([...now], [...kept], `The order is another one. ${HINT}`)
})

test('the lists on which most depends are among them', () => {
  const names = [...now.keys()].map((name) => name.split(' ')[1])
  for (const name of [
    'SENSITIVE',
    'RUNS_TEXT',
    'HARMLESS_VOLATILE',
    'READ_ONLY_ACTIONS',
    'FATES',
  ]) {
    assert.ok(names.includes(name), name)
  }
  assert.ok(now.size > 200, `${now.size} lists`)
})

test('each way to write a list is seen, member by member', () => {
  const source = `
    const A = new Set(['one', 'two'])
    export const B: ReadonlyMap<string, number> = new Map([['a', 1], ['b', 2]])
    const C = words(\`x y
      z\`)
    const D = 'p q'.split(' ')
    const E = { k: handle, l: ['m'], ...A } as const
    const F = [[/^a b$/, 'c']]
    const G = [...entries('f', words(\`v w\`)), ...A]
    const SENTENCE = { message: 'The thing is not here.', code: 'GONE' }
    const NUMBER = 5
  `
  assert.deepEqual(listsOf(source), [
    ['A', ['one', 'two']],
    ['B', ['a', '1', 'b', '2']],
    ['C', ['x', 'y', 'z']],
    ['D', ['p', 'q']],
    ['E', ['k:', 'handle', 'l:', 'm', '...A']],
    ['F', ['/^a\\sb$/', 'c']],
    ['G', ['f', 'v', 'w', '...A']],
    ['SENTENCE', ['message:', 'code:', 'GONE']],
  ])
  const lists = new Map(listsOf(source))
  assert.deepEqual(read(written(lists)), lists)
})

/** What the first holds more often than the second. */
function without(all: readonly string[], others: readonly string[]): string[] {
  const rest = [...others]
  return all.filter((member) => {
    const at = rest.indexOf(member)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}
