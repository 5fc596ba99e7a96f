import type { Operation } from '../core/operation.ts'
import type { Verdict } from '../core/verdict.ts'

/** Verdicts that keep for one exact text. Bounded: what was not asked for lately is forgotten. */
export interface TextMemory {
  /**
   * The verdict that was given before, or the one that `decide` gives. One that keeps for its text is
   * kept from the second time on that the text is met: most that are new never come again. `owner`
   * keeps the verdicts of different rulesets apart.
   */
  remember(owner: number, operation: Operation, text: string, decide: () => Verdict): Verdict
}

interface Entry {
  /** The same text may mean another operation where names resolve differently. */
  readonly operation: Operation
  readonly verdict: Verdict
}

/** Two generations: when the young one is full, the old one goes. */
export function createTextMemory(entriesMax: number, charsMax: number): TextMemory {
  let young = new Map<string, Entry | undefined>()
  let old = new Map<string, Entry | undefined>()
  let chars = 0

  function add(key: string, entry: Entry | undefined): void {
    if (key.length > charsMax) return
    if (young.size >= entriesMax || chars + key.length > charsMax) {
      old = young
      young = new Map()
      chars = 0
    }
    young.set(key, entry)
    chars += key.length
  }

  function keep(key: string, operation: Operation, verdict: Verdict): void {
    const entry = young.has(key) || old.has(key) ? { operation, verdict } : undefined
    old.delete(key)
    if (young.has(key)) young.set(key, entry)
    else add(key, entry)
  }

  return {
    remember(owner, operation, text, decide) {
      const key = `${owner} ${text}`
      const found = young.get(key) ?? old.get(key)
      if (found?.operation === operation) {
        if (old.delete(key)) add(key, found)
        return found.verdict
      }
      const verdict = decide()
      if (verdict.keeps === 'text') keep(key, operation, verdict)
      return verdict
    },
  }
}
