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
const OPENERS = new Set(['(', '[', 'case'])
const CLOSERS = new Set([')', ']', 'end'])

/**
 * An upper estimate of how deep the parse tree of these tokens (of PostgreSQL's own scanner) nests.
 * Brackets and CASE open a level; inside a level `1+1+1` nests to the left as does a chain of joins,
 * while items of a list and operands of AND lie side by side.
 */
export function estimateDepth(tokens: readonly ScanToken[]): number {
  const levels: Level[] = [{ chain: 0, tower: 0 }]
  let level = levels[0]!
  let below = 0
  let deepest = 0
  for (const token of tokens) {
    const word = token.text.toLowerCase()
    if (OPENERS.has(word)) {
      below += level.chain + level.tower + 1
      level = { chain: 0, tower: 0 }
      levels.push(level)
    } else if (CLOSERS.has(word)) {
      if (levels.length === 1) continue
      levels.pop()
      level = levels.at(-1)!
      below -= level.chain + level.tower + 1
    } else if (word === ';') {
      levels.length = 0
      level = { chain: 0, tower: 0 }
      levels.push(level)
      below = 0
    } else if (TOWERS.has(word)) {
      level.tower++
      level.chain = 0
    } else if (word === ',' || SEPARATORS.has(word)) level.chain = 0
    else level.chain++
    deepest = Math.max(deepest, below + level.chain + level.tower)
  }
  return deepest
}
