import { PATTERN_STATES_MAX } from '../limits.ts'
import type { Glob, Pattern, Segment } from '../pattern.ts'
import { globsIntersect, signaturesWithin } from './globs.ts'

const ANY: Glob = { parts: ['', ''], ignoreCase: false }

/** A place in one of the outer patterns. */
interface Place {
  readonly segments: readonly Segment[]
  readonly at: number
}

/**
 * True if every object that `inner` covers is covered by one of `outer`. Sound: false where it
 * cannot be told within bounds.
 *
 * All objects of `inner` are walked at once, segment by segment, together with the set of places
 * that the outer patterns can be in; what a pattern covers includes all that is inside, so a path is
 * settled as soon as one of them is at its end.
 */
export function patternsContain(outer: readonly Pattern[], inner: Pattern): boolean {
  const near = outer.filter((pattern) => patternsIntersect(pattern, inner))
  const start = closure(near.map(({ segments }) => ({ segments, at: 0 })))
  const seen = new Set<string>()
  const waiting: { at: number; places: readonly Place[] }[] = [{ at: 0, places: start }]
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const { at, places } = state
    if (places.some((place) => place.at === place.segments.length)) continue
    if (at === inner.segments.length) return false
    const key = `${at}:${keyOf(places, near)}`
    if (seen.has(key)) continue
    if (seen.size >= PATTERN_STATES_MAX) return false
    seen.add(key)
    const segment = inner.segments[at]!
    const repeats = segment === 'any-number'
    if (repeats) waiting.push({ at: at + 1, places })
    const steps = stepsOf(places, repeats ? ANY : segment)
    if (steps === undefined) return false
    for (const next of steps) waiting.push({ at: repeats ? at : at + 1, places: next })
  }
  return true
}

/** Where the places lead with one more segment that `glob` matches, for each way it can turn out. */
function stepsOf(places: readonly Place[], glob: Glob): readonly (readonly Place[])[] | undefined {
  const globs = places
    .map(({ segments, at }) => segments[at]!)
    .filter((one) => one !== 'any-number')
  const unique = [...new Map(globs.map((one) => [globKey(one), one])).values()]
  const signatures = signaturesWithin([glob, ...unique])
  return signatures?.map(([, ...matches]) => {
    const matched = new Set(unique.filter((_, index) => matches[index]).map(globKey))
    return closure(
      places.flatMap((place) => {
        const segment = place.segments[place.at]!
        if (segment === 'any-number') return [place]
        return matched.has(globKey(segment)) ? [{ ...place, at: place.at + 1 }] : []
      }),
    )
  })
}

function globKey({ parts, ignoreCase }: Glob): string {
  return JSON.stringify([parts, ignoreCase])
}

/** With the places behind each `**`, since it may stand for nothing. */
function closure(places: readonly Place[]): readonly Place[] {
  return places.flatMap((place) => {
    const all = [place]
    for (let { at } = place; place.segments[at] === 'any-number'; at++) {
      all.push({ ...place, at: at + 1 })
    }
    return all
  })
}

function keyOf(places: readonly Place[], patterns: readonly Pattern[]): string {
  const names = places.map(({ segments, at }) => {
    const index = patterns.findIndex((pattern) => pattern.segments === segments)
    return `${index}.${at}`
  })
  return [...new Set(names)].sort().join(',')
}

/** True if some object is covered by both. */
export function patternsIntersect(one: Pattern, other: Pattern): boolean {
  const seen = new Set<string>()
  const meet = (a: number, b: number): boolean => {
    const key = `${a},${b}`
    if (seen.has(key)) return false
    seen.add(key)
    const [left, right] = [one.segments[a], other.segments[b]]
    // At the end of one, whatever the other still wants can be inside.
    if (left === undefined || right === undefined) return true
    if (left === 'any-number') return meet(a + 1, b) || meet(a, b + 1)
    if (right === 'any-number') return meet(a, b + 1) || meet(a + 1, b)
    return globsIntersect(left, right) && meet(a + 1, b + 1)
  }
  return meet(0, 0)
}
