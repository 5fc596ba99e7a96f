import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDice } from '../support/dice.ts'
import { MAKERS } from './other-makers.ts'
import { createQueries } from './queries.ts'
import { TABLES } from './schema.ts'
import { FROM_FUNCTIONS } from './sources.ts'
import { WRAPPINGS } from './wrappings.ts'

const QUERIES = 1500

const OTHERS = [
  'JOIN',
  'LEFT JOIN',
  'CROSS JOIN',
  'natural join',
  'using',
  'lateral',
  'sub-query',
  'UNION ALL',
  'UNION',
  'EXCEPT',
  'INTERSECT ALL',
  'window',
  'renamed columns',
]

const PROMISED = [
  ...Object.entries(MAKERS).flatMap(([type, makers]) =>
    Object.keys(makers).map((maker) => `${type}.${maker}`),
  ),
  ...Object.keys(TABLES).map((table) => `table.${table}`),
  ...Object.keys(FROM_FUNCTIONS).map((name) => `from.${name}`),
  ...WRAPPINGS.map((name) => `wrapped.${name}`),
  ...OTHERS,
]

test('everything that queries can be made of is used', () => {
  const queries = createQueries(createDice(1))
  for (let turn = 0; turn < QUERIES; turn++) queries.next()
  const missing = PROMISED.filter((feature) => !queries.counts.has(feature))
  assert.deepEqual(missing, [])
  const unpromised = [...queries.counts.keys()].filter((feature) => !PROMISED.includes(feature))
  assert.deepEqual(unpromised, [])
})

test('the same seed makes the same queries', () => {
  const [one, two] = [1, 2].map(() => createQueries(createDice(7)))
  for (let turn = 0; turn < 50; turn++) assert.deepEqual(one!.next(), two!.next())
})
