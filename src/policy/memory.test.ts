import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Verdict } from '../core/verdict.ts'
import { createTextMemory } from './memory.ts'
import type { TextMemory } from './memory.ts'
import { decideBy, operation } from './testing/fixtures.ts'

const asked = operation([])
const verdict: Verdict = decideBy(['{ id: a, allow: { actions: [x] } }'], asked)

/** A memory in which everything is kept twice. */
function createMemory(entriesMax: number, charsMax: number): TextMemory {
  const memory = createTextMemory(entriesMax, charsMax)
  return {
    ...memory,
    keep(...all) {
      memory.keep(...all)
      memory.keep(...all)
    },
  }
}

describe('text memory', () => {
  it('keeps what is met a second time', () => {
    const memory = createTextMemory(10, 1000)
    memory.keep(1, operation([]), 'a', verdict)
    assert.equal(memory.recall(1, asked, 'a'), undefined)
    memory.keep(1, asked, 'a', verdict)
    assert.equal(memory.recall(1, asked, 'a'), verdict)
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
