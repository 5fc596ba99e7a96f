import type { ScanToken } from 'libpg-query'

interface Level {
  /** Operators and words since the last separator: an operator chain nests once for each. */
  chain: number
  /** Joins and set operations, which nest to the left over the whole level. */
  tower: number
}

const SEPARATORS = new Set(
  'and or when then else from where group order having limit offset on select values returning set using window'.split(
    ' ',
  ),
)
const TOWERS = new Set(['join', 'union', 'intersect', 'except'])

/**
 * An upper estimate of how deep the parse tree of the tokens that it is told nests, and how many they are. Brackets and CASE
 * open a level; inside a level `1+1+1` nests to the left as does a chain of joins, while items of a
 * list and operands of AND lie side by side.
 */
export class DepthMeter {
  deepest = 0
  tokens = 0
  #levels: Level[] = [{ chain: 0, tower: 0 }]
  #level = this.#levels[0]!
  #below = 0

  /** A keyword or name, in lower case. */
  word(word: string): void {
    if (word === 'case') this.open()
    else if (word === 'end') this.close()
    else if (TOWERS.has(word)) this.#join()
    else if (SEPARATORS.has(word)) this.separate()
    else this.other()
  }

  /** Anything that neither opens, closes nor separates. */
  other(): void {
    this.tokens++
    this.#level.chain++
    this.#note()
  }

  open(): void {
    this.tokens++
    this.#below += this.#level.chain + this.#level.tower + 1
    this.#begin()
    this.#note()
  }

  close(): void {
    this.tokens++
    if (this.#levels.length === 1) return
    this.#levels.pop()
    this.#level = this.#levels.at(-1)!
    this.#below -= this.#level.chain + this.#level.tower + 1
  }

  separate(): void {
    this.tokens++
    this.#level.chain = 0
  }

  endStatement(): void {
    this.tokens++
    this.#levels.length = 0
    this.#below = 0
    this.#begin()
  }

  #begin(): void {
    this.#level = { chain: 0, tower: 0 }
    this.#levels.push(this.#level)
  }

  #join(): void {
    this.tokens++
    this.#level.tower++
    this.#level.chain = 0
    this.#note()
  }

  #note(): void {
    const depth = this.#below + this.#level.chain + this.#level.tower
    if (depth > this.deepest) this.deepest = depth
  }
}

/** By the tokens of PostgreSQL's own scanner. */
export function estimateDepth(tokens: readonly ScanToken[]): number {
  const meter = new DepthMeter()
  for (const { text, tokenName } of tokens) {
    if (tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT') continue
    if (text === '(' || text === '[') meter.open()
    else if (text === ')' || text === ']') meter.close()
    else if (text === ',') meter.separate()
    else if (text === ';') meter.endStatement()
    else meter.word(text.toLowerCase())
  }
  return meter.deepest
}
