import { normalise } from './normalise.ts'

export interface StatementCacheOptions<V> {
  /** Entries, and UTF-16 code units of their keys, that all caches keep together at most. */
  readonly entriesMax: number
  readonly keyLengthMax: number
  /** What a value counts beside its key. */
  readonly weigh?: (value: V) => number
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
 * Caches that share one bound, however many they are: agents choose how many views of a catalog there
 * are. Each looks by the exact text first, which costs one hash, then by the folded key. They never
 * hold more than the bounds: two generations of half the bound each; when the young one is full, the
 * old one is dropped. An entry that is used in the old generation moves to the young one, so that
 * whoever fills them drops nothing that others use.
 */
export function createStatementCaches<V>(
  options: StatementCacheOptions<V>,
): () => StatementCache<V> {
  const exact = createGenerations(options)
  const folded = createGenerations(options)
  return () => createStatementCache(exact(), folded())
}

function createStatementCache<V>(exact: Entries<V>, folded: Entries<V>): StatementCache<V> {
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

/** Of one cache. */
interface Entries<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  clear(): void
  isEmpty(): boolean
}

/** What was put since the last turn. A cache that nobody has any more takes its entries along. */
interface Generation<V> {
  readonly of: WeakMap<object, Map<string, V | typeof MET>>
  entries: number
  length: number
}

/** Exact and folded share the bounds: each of the four generations has a quarter. */
const GENERATIONS = 4

function createGenerations<V>({
  entriesMax,
  keyLengthMax,
  weigh = () => 0,
}: StatementCacheOptions<V>): () => Entries<V> {
  const entriesEach = Math.max(1, Math.floor(entriesMax / GENERATIONS))
  const lengthEach = Math.floor(keyLengthMax / GENERATIONS)
  let young = emptyGeneration<V>()
  let old = emptyGeneration<V>()

  return () => {
    const self = {}

    function put(key: string, value: V | typeof MET): void {
      const before = young.of.get(self)?.get(key)
      const isValue = value !== MET && (before === undefined || before === MET)
      const length = (before === undefined ? key.length : 0) + (isValue ? weigh(value) : 0)
      if (length > lengthEach) return
      if (young.entries >= entriesEach || young.length + length > lengthEach) {
        old = young
        young = emptyGeneration()
      }
      let own = young.of.get(self)
      if (own === undefined) young.of.set(self, (own = new Map()))
      young.length += length
      if (!own.has(key)) young.entries += 1
      own.set(key, value)
      old.of.get(self)?.delete(key)
    }

    return {
      get(key) {
        const value = young.of.get(self)?.get(key)
        if (value !== undefined) return value === MET ? undefined : value
        const before = old.of.get(self)?.get(key)
        if (before === undefined || before === MET) return undefined
        put(key, before)
        return before
      },
      set(key, value) {
        const met = young.of.get(self)?.has(key) === true || old.of.get(self)?.has(key) === true
        put(key, met ? value : MET)
      },
      clear() {
        young.of.delete(self)
        old.of.delete(self)
      },
      isEmpty: () => !young.of.has(self) && !old.of.has(self),
    }
  }
}

function emptyGeneration<V>(): Generation<V> {
  return { of: new WeakMap(), entries: 0, length: 0 }
}

/** Stands for the value of what was set once. */
const MET: unique symbol = Symbol('met once')
