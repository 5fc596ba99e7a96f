import type { Operation } from '../core/operation.ts'
import type { Verdict } from '../core/verdict.ts'

/** Verdicts that keep for one exact text. Bounded: what was not asked for lately is forgotten. */
export interface TextMemory {
  /** `owner` keeps the verdicts of different rulesets apart. */
  recall(owner: number, operation: Operation, text: string): Verdict | undefined
  /** Keeps it from the second time on that the text is met: most that are new never come again. */
  keep(owner: number, operation: Operation, text: string, verdict: Verdict): void
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

  return {
    recall(owner, operation, text) {
      const key = `${owner} ${text}`
      const found = young.get(key) ?? old.get(key)
      if (found?.operation !== operation) return undefined
      if (old.delete(key)) add(key, found)
      return found.verdict
    },
    keep(owner, operation, text, verdict) {
      const key = `${owner} ${text}`
      const entry = young.has(key) || old.has(key) ? { operation, verdict } : undefined
      old.delete(key)
      if (!young.has(key)) add(key, entry)
      else young.set(key, entry)
    },
  }
}
