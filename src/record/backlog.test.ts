import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '../core/verdict.ts'
import { createBacklog } from './backlog.ts'

const entry = (line: string, effect?: Verdict['effect']) => ({ line, effect, leftOut: undefined })

test('all of a backlog is handed over in pieces, in order, and its room is free again', () => {
  const backlog = createBacklog(40)
  const lines = ['aaaaaaaaa1', 'aaaaaaaaa2', 'aaaaaaaaa3', 'aaaaaaaaa4']
  for (let round = 0; round < 3; round++) {
    for (const line of lines) backlog.push(entry(line))
    backlog.push(entry('x'))
    assert.deepEqual(backlog.takeCounts(), { refused: 0, lost: 1 })
    const pieces: (readonly string[])[] = []
    backlog.drain(15, (piece) => void pieces.push(piece))
    assert.deepEqual(pieces, [lines.slice(0, 2), lines.slice(2)])
    assert.equal(backlog.empty, true)
  }
})

test('what was written before a failure is gone, and the rest waits', () => {
  const backlog = createBacklog(100)
  for (const line of ['a', 'b', 'c']) backlog.push(entry(line))
  let calls = 0
  const failing = (): void => {
    calls++
    if (calls === 2) throw new Error('disk')
  }
  assert.throws(() => backlog.drain(1, failing), /disk/)
  assert.equal(backlog.empty, false)
  const rest: string[] = []
  backlog.drain(10, (piece) => void rest.push(...piece))
  assert.deepEqual(rest, ['b', 'c'])
})

test('from the first allowed intent on it is one piece: all of it, or nothing', () => {
  const backlog = createBacklog(100)
  for (const line of ['a', 'b']) backlog.push(entry(line))
  backlog.push(entry('c', 'allow'))
  for (const line of ['d', 'e']) backlog.push(entry(line))
  const pieces: (readonly string[])[] = []
  backlog.drain(1, (piece) => void pieces.push(piece))
  assert.deepEqual(pieces, [['a'], ['b'], ['c', 'd', 'e']])
})

test('what turns out not to be on the disk is handed over again, and takes its room again', () => {
  const backlog = createBacklog(3)
  for (const line of ['a', 'b', 'c']) backlog.push(entry(line))
  backlog.drain(10, () => {})
  backlog.putBack()
  backlog.push(entry('d'))
  assert.deepEqual(backlog.takeCounts(), { refused: 0, lost: 1 })
  const again: string[] = []
  backlog.drain(10, (piece) => void again.push(...piece))
  assert.deepEqual(again, ['a', 'b', 'c'])
})
