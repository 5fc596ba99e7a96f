import { normalise } from './normalise.ts'

export interface StatementCacheOptions {
  /** Entries, and UTF-16 code units of their keys, that are kept at most. */
  readonly entriesMax: number
  readonly keyLengthMax: number
}

/** What is known of statement texts, for one scope of names (database, role, search_path). */
export interface StatementCache<V> {
  get(text: string): V | undefined
  /**
   * Keeps a value from the second time on that it is set for a text or its key: most texts that are
   * new never come again, and what is kept for them costs the collector more than making it twice.
   * `literalIndependent`: the value would be the same for every text with the same key. `epoch`: what
   * `epoch` was when the value's making began; a value that was made before the last `invalidate` is
   * not kept.
   */
  set(text: string, value: V, literalIndependent: boolean, epoch: number): void
  /** Names may mean something else from now on: everything is forgotten. */
  invalidate(): void
  readonly epoch: number
}

/**
 * Looks by the exact text first, which costs one hash, then by the folded key. Never holds more
 * than the bounds: two generations of half the bound each; when the young one is full, the old one
 * is dropped. An entry that is used in the old generation moves to the young one.
 */
export function createStatementCache<V>(options: StatementCacheOptions): StatementCache<V> {
  const exact = createGenerations<V>(options)
  const folded = createGenerations<V>(options)
  let epoch = 0
  return {
    get(text) {
      const found = exact.get(text)
      if (found !== undefined) return found
      // Without folded entries there is no use in lexing.
      const key = folded.isEmpty() ? undefined : normalise(text)
      return key === undefined ? undefined : folded.get(key)
    },
    set(text, value, literalIndependent, madeIn) {
      if (madeIn !== epoch) return
      exact.set(text, value)
      const key = literalIndependent ? normalise(text) : undefined
      if (key !== undefined) folded.set(key, value)
    },
    invalidate() {
      epoch++
      exact.clear()
      folded.clear()
    },
    get epoch() {
      return epoch
    },
  }
}

interface Generations<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  clear(): void
  isEmpty(): boolean
}

/** Exact and folded share the bounds: each of the four generations has a quarter. */
const GENERATIONS = 4

function createGenerations<V>(options: StatementCacheOptions): Generations<V> {
  const entriesMax = Math.max(1, Math.floor(options.entriesMax / GENERATIONS))
  const lengthMax = Math.floor(options.keyLengthMax / GENERATIONS)
  let young = new Map<string, V | typeof MET>()
  let old = new Map<string, V | typeof MET>()
  let youngLength = 0

  function put(key: string, value: V | typeof MET): void {
    if (key.length > lengthMax) return
    if (!young.has(key)) {
      if (young.size >= entriesMax || youngLength + key.length > lengthMax) {
        old = young
        young = new Map()
        youngLength = 0
      }
      youngLength += key.length
    }
    young.set(key, value)
    old.delete(key)
  }

  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value === MET ? undefined : value
      const before = old.get(key)
      if (before === undefined || before === MET) return undefined
      put(key, before)
      return before
    },
    set: (key, value) => put(key, young.has(key) || old.has(key) ? value : MET),
    clear() {
      young = new Map()
      old = new Map()
      youngLength = 0
    },
    isEmpty: () => young.size === 0 && old.size === 0,
  }
}

/** Stands for the value of what was set once. */
const MET: unique symbol = Symbol('met once')
