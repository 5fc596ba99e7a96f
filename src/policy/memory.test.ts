import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideBy, operation } from '../../test/support/policy/fixtures.ts'
import type { Operation } from '../core/operation.ts'
import type { Verdict } from '../core/verdict.ts'
import { createTextMemory } from './memory.ts'

const asked = operation([])
const given = decideBy(['{ id: a, allow: { actions: [x] } }'], asked)
const verdict: Verdict = { ...given, keeps: 'text' }
const other: Verdict = { ...given, keeps: 'moment' }

/** A memory in which everything is kept at once, and what it holds. */
function createMemory(entriesMax: number, charsMax: number) {
  const memory = createTextMemory(entriesMax, charsMax)
  return {
    keep(owner: number, about: Operation, text: string, kept: Verdict) {
      memory.remember(owner, about, text, () => kept)
      memory.remember(owner, about, text, () => kept)
    },
    recall(owner: number, about: Operation, text: string): Verdict | undefined {
      const found = memory.remember(owner, about, text, () => other)
      return found === other ? undefined : found
    },
  }
}

describe('text memory', () => {
  it('keeps what is met a second time, if it keeps for a text', () => {
    const memory = createTextMemory(10, 1000)
    assert.equal(
      memory.remember(1, operation([]), 'a', () => verdict),
      verdict,
    )
    assert.equal(
      memory.remember(1, asked, 'a', () => other),
      other,
    )
    assert.equal(
      memory.remember(1, asked, 'a', () => other),
      other,
    )
    assert.equal(
      memory.remember(1, asked, 'a', () => verdict),
      verdict,
    )
    assert.equal(
      memory.remember(1, asked, 'a', () => other),
      verdict,
    )
  })

  it('keeps apart owners, operations and texts', () => {
    const memory = createMemory(10, 1000)
    memory.keep(1, asked, 'a', verdict)
    assert.equal(memory.recall(1, asked, 'a'), verdict)
    assert.equal(memory.recall(2, asked, 'a'), undefined)
    assert.equal(memory.recall(1, operation([]), 'a'), undefined)
    assert.equal(memory.recall(1, asked, 'b'), undefined)
    assert.equal(memory.recall(11, asked, 'a'), undefined)
  })

  it('forgets what was not asked for lately', () => {
    const memory = createMemory(2, 1000)
    for (const text of ['a', 'b', 'c']) memory.keep(1, asked, text, verdict)
    assert.equal(memory.recall(1, asked, 'a'), verdict)
    memory.keep(1, asked, 'd', verdict)
    assert.equal(memory.recall(1, asked, 'b'), undefined)
    assert.equal(memory.recall(1, asked, 'a'), verdict)
  })

  it('is bounded in characters', () => {
    const memory = createMemory(1000, 100)
    memory.keep(1, asked, 'x'.repeat(200), verdict)
    assert.equal(memory.recall(1, asked, 'x'.repeat(200)), undefined)
    for (let at = 0; at < 50; at++) memory.keep(1, asked, `${at}${'y'.repeat(20)}`, verdict)
    assert.equal(memory.recall(1, asked, `0${'y'.repeat(20)}`), undefined)
    assert.equal(memory.recall(1, asked, `49${'y'.repeat(20)}`), verdict)
  })
})
