import { GLOB_STATES_MAX } from '../limits.ts'
import type { Glob } from '../pattern.ts'
import { foldCase, matchesGlob } from '../pattern.ts'

/** Which of several globs a text matches, in their order. */
export type Signature = readonly boolean[]

/**
 * Every combination of matches that a text of the first glob has: the globs' automata run side by
 * side over the letters that occur in them, and one that does not. Undefined when there are more
 * states than are worth the time.
 */
export function signaturesWithin(
  globs: readonly [Glob, ...Glob[]],
): readonly Signature[] | undefined {
  const [first] = globs
  // One text, as far as the others can tell.
  const single =
    first.parts.length === 1 && (!first.ignoreCase || globs.every(({ ignoreCase }) => ignoreCase))
  if (single) return [globs.map((glob) => matchesGlob(glob, first.parts[0]!))]
  return explore(globs)?.filter(([matches]) => matches)
}

/** True if every text that `inner` matches is matched by one of `outer`. False where it cannot be told. */
export function globsContain(outer: readonly Glob[], inner: Glob): boolean {
  if (outer.some((glob) => pairContains(glob, inner))) return true
  if (inner.parts.length === 1) return false
  const near = outer.filter((glob) => globsIntersect(glob, inner))
  if (near.length < 2) return false
  return signaturesWithin([inner, ...near])?.every(([, ...rest]) => rest.includes(true)) ?? false
}

function pairContains(outer: Glob, inner: Glob): boolean {
  const [begins, its] = [outer.parts[0]!, inner.parts[0]!]
  if (!outer.ignoreCase && !inner.ignoreCase && !its.startsWith(begins)) return false
  return signaturesWithin([inner, outer])?.every(([, matches]) => matches) ?? false
}

/** True if some text is matched by both; also where it cannot be told. */
export function globsIntersect(one: Glob, other: Glob): boolean {
  if (beginsApart(one, other)) return false
  return signaturesWithin([one, other])?.some(([, matches]) => matches) ?? true
}

/** True if no text is matched by both, as their first letters tell. Most pairs end here. */
function beginsApart(one: Glob, other: Glob): boolean {
  if (one.ignoreCase || other.ignoreCase) return false
  const [a, b] = [one.parts[0]!, other.parts[0]!]
  return !a.startsWith(b) && !b.startsWith(a)
}

/** No letter: letters are one code unit. */
const STAR = 'star'

interface Machine {
  readonly tokens: readonly string[]
  readonly ignoreCase: boolean
}

/** Positions in the tokens; a star's own position means that it may still take letters. */
type Positions = readonly number[]

function explore(globs: readonly Glob[]): readonly Signature[] | undefined {
  const machines = globs.map(machineOf)
  const letters = alphabetOf(globs)
  const start = machines.map((machine) => closure(machine, [0]))
  const seen = new Map<string, readonly Positions[]>([[keyOf(start), start]])
  const found = new Map<string, Signature>()
  for (const state of seen.values()) {
    const signature = state.map((at, index) => at.includes(machines[index]!.tokens.length))
    found.set(signature.join(), signature)
    // What the first can no longer match is of no interest.
    if (state[0]!.length === 0) continue
    for (const letter of letters) {
      const next = state.map((at, index) => step(machines[index]!, at, letter))
      const key = keyOf(next)
      if (seen.has(key)) continue
      if (seen.size >= GLOB_STATES_MAX) return undefined
      seen.set(key, next)
    }
  }
  return [...found.values()]
}

function keyOf(state: readonly Positions[]): string {
  return state.map((at) => at.join(',')).join(';')
}

function machineOf({ parts, ignoreCase }: Glob): Machine {
  const tokens = parts.flatMap((part, index) =>
    index === 0 ? [...units(part)] : [STAR, ...units(part)],
  )
  return { tokens, ignoreCase }
}

/** UTF-16 code units, as `matchesGlob` compares them. */
function units(text: string): readonly string[] {
  return text.split('')
}

function closure({ tokens }: Machine, from: readonly number[]): Positions {
  const all = new Set<number>()
  for (let at of from) {
    while (!all.has(at)) {
      all.add(at)
      if (tokens[at] === STAR) at++
    }
  }
  return [...all].sort((a, b) => a - b)
}

function step(machine: Machine, positions: Positions, letter: string): Positions {
  const { tokens, ignoreCase } = machine
  const folded = ignoreCase ? foldCase(letter) : letter
  const next = positions.flatMap((at) => {
    if (tokens[at] === STAR) return [at]
    return tokens[at] === folded ? [at + 1] : []
  })
  return closure(machine, next)
}

/** The letters that some glob tells apart, both cases where one ignores it, and one other letter. */
function alphabetOf(globs: readonly Glob[]): readonly string[] {
  const letters = new Set<string>()
  const folds = globs.some(({ ignoreCase }) => ignoreCase)
  for (const letter of globs.flatMap(({ parts }) => parts.flatMap(units))) {
    letters.add(letter)
    if (!folds) continue
    for (const variant of [letter.toLowerCase(), letter.toUpperCase()]) {
      if (variant.length === 1) letters.add(variant)
    }
  }
  let other = 0xe000
  while (letters.has(String.fromCharCode(other))) other++
  return [...letters, String.fromCharCode(other)]
}
