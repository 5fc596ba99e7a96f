import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partsOf } from './multipart.ts'

const parts = (line: string) =>
  partsOf(Buffer.from(`--b\r\n${line}\r\n\r\n\r\n--b--`, 'latin1'), 'b', 10)
const value = (line: string) => parts(line)?.[0]?.headers.get('a')

test('blanks around the value of a header are none of it', () => {
  assert.equal(value('A: \t x y \t '), 'x y')
  assert.equal(value('a:'), '')
  for (const line of ['a : x', 'a: x\ty', 'a: x\u0001', 'a: \u00e9', 'a', ': x']) {
    assert.equal(parts(line), undefined, line)
  }
})

test('a line of a megabyte of blanks is read once', { timeout: 20_000 }, () => {
  const blanks = ' '.repeat(1_000_000)
  assert.equal(parts(`a:${blanks}\u0001`), undefined)
  assert.equal(value(`a: x${blanks}y`)?.length, 1_000_002)
  assert.equal(value(`a:${blanks}x${blanks}`), 'x')
})
