import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Separators } from './digit-groups.ts'
import { DOT, eachDigitRun, NUMBER_SEPARATORS, PHONE_SEPARATORS } from './digit-groups.ts'

function runs(text: string, separators: Separators): readonly string[] {
  const found: string[] = []
  eachDigitRun(text, separators, ({ starts, ends }) => {
    found.push(starts.map((start, index) => text.slice(start, ends[index])).join('|'))
  })
  return found
}

const units = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

const JOINS = [
  0x09,
  0x20,
  0x2d,
  0x2e,
  0x2f,
  0x5f,
  0xa0,
  ...units(0x2000, 0x200a),
  ...units(0x2010, 0x2015),
  0x202f,
  0x2212,
]

test('of all characters these and no others join groups of digits', () => {
  for (const [separators, joins] of [
    [NUMBER_SEPARATORS, JOINS],
    [PHONE_SEPARATORS, [...JOINS, 0x28, 0x29].sort((a, b) => a - b)],
    [DOT, [0x2e]],
  ] as const) {
    const joining = units(0, 0xffff).filter(
      (unit) => runs(`1${String.fromCharCode(unit)}2`, separators)[0] === '1|2',
    )
    assert.deepEqual(joining, joins)
  }
})

test('between two groups stand as many separators as there may, and the ends are no groups', () => {
  for (const [text, numbers, phones] of [
    ['12 34', ['12|34'], ['12|34']],
    ['12  34', ['12', '34'], ['12|34']],
    ['12 - 34', ['12', '34'], ['12|34']],
    ['12 --- 34', ['12', '34'], ['12', '34']],
    [' 12 ', ['12'], ['12']],
    ['a1b2', ['1', '2'], ['1', '2']],
    ['', [], []],
    ['1-2 3.4', ['1|2|3|4'], ['1|2|3|4']],
  ] as const) {
    assert.deepEqual(runs(text, NUMBER_SEPARATORS), numbers, text)
    assert.deepEqual(runs(text, PHONE_SEPARATORS), phones, text)
  }
})
