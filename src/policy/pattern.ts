import type { ObjectPath } from '../core/object.ts'
import { ALL_NAMES } from '../core/object.ts'

/**
 * What a policy writes for objects: segments divided by `.` (or by `/` where an unquoted one is in
 * it), each a glob in which `*` stands for any text, quoted with `"` where it holds a divider; `**`
 * stands for any number of segments.
 */
export interface Pattern {
  readonly source: string
  /** As denials, holds and masks compare them: between `/`, in any case. */
  readonly segments: readonly Segment[]
  /** As grants compare them, where the target tells `Public` from `public`. */
  readonly exact: readonly Segment[]
}

export type Segment = 'any-number' | Glob

/**
 * Literal parts that must occur in order, the first at the start and the last at the end. Where case
 * is ignored, the parts are folded already.
 */
export interface Glob {
  readonly parts: readonly string[]
  readonly ignoreCase: boolean
}

/** Returns what is wrong, in words, where the text is no pattern. */
export function parsePattern(source: string): Pattern | string {
  const divider = hasUnquoted(source, '/') ? '/' : '.'
  const exact: Segment[] = []
  let at = 0
  do {
    const read = readSegment(source, at, divider)
    if (typeof read === 'string') return read
    exact.push(read.segment)
    at = read.next
  } while (at <= source.length)
  const segments = divider === '/' ? exact.map(caseless) : exact
  return { source, segments, exact }
}

function readSegment(
  source: string,
  start: number,
  divider: string,
): { segment: Segment; next: number } | string {
  const parts = ['']
  let at = start
  let quoted = false
  let stars = 0
  while (at < source.length) {
    const char = source[at]!
    if (quoted && char === '"' && source[at + 1] === '"') {
      parts[parts.length - 1] += '"'
      at++
    } else if (char === '"') quoted = !quoted
    else if (!quoted && char === divider) break
    else if (!quoted && char === '*') {
      stars++
      parts.push('')
    } else parts[parts.length - 1] += char
    at++
  }
  if (quoted) return 'a quotation mark is not closed'
  if (at === start) return 'a segment is empty'
  const next = at + 1
  if (source.slice(start, at) === '**') return { segment: 'any-number', next }
  if (stars > 1 && source.slice(start, at).includes('**')) {
    return '"**" must stand alone between dividers'
  }
  return { segment: globOf(parts, false), next }
}

function hasUnquoted(source: string, char: string): boolean {
  let quoted = false
  for (const one of source) {
    if (one === '"') quoted = !quoted
    else if (one === char && !quoted) return true
  }
  return false
}

export function matchesGlob(glob: Glob, text: string): boolean {
  const { parts } = glob
  const subject = glob.ignoreCase ? foldCase(text) : text
  const first = parts[0]!
  if (parts.length === 1) return subject === first
  const last = parts[parts.length - 1]!
  if (!subject.startsWith(first) || !subject.endsWith(last)) return false
  let at = first.length
  const end = subject.length - last.length
  if (end < at) return false
  for (let index = 1; index < parts.length - 1; index++) {
    const part = parts[index]!
    const found = subject.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

/**
 * Letter by letter, so that a part of a text folds as it does inside the whole; and nothing outside
 * ASCII folds into it, so that no look-alike (U+212A, U+0131) takes the place of an ASCII letter.
 */
export function foldCase(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : Array.from(text, foldLetter).join('')
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const ASCII = /^[\u0000-\u007f]*$/

function foldLetter(letter: string): string {
  if (ASCII.test(letter)) return letter.toLowerCase()
  const upper = letter.toUpperCase()
  return upper.length === letter.length && !ASCII.test(upper) ? upper : letter
}

/** True if the pattern matches the object itself or something that contains it. */
export function covers({ segments }: Pattern, object: ObjectPath): boolean {
  return follows(segments, object, false)
}

/** As `covers`, letter for letter. */
export function coversExactly({ exact }: Pattern, object: ObjectPath): boolean {
  return follows(exact, object, false)
}

/** True if the pattern's end matches the beginning of a path that lies in something unknown. */
export function coversEnd({ segments }: Pattern, end: ObjectPath): boolean {
  return segments.some((_, index) => follows(segments.slice(index), end, false))
}

/** In time proportional to both lengths: only the last `**` needs to be tried again. */
function follows(segments: readonly Segment[], object: ObjectPath, whole: boolean): boolean {
  let at = 0
  let depth = 0
  let star = -1
  let reach = 0
  for (;;) {
    const segment = segments[at]
    if (segment === undefined && (!whole || depth === object.length)) return true
    if (segment === 'any-number') {
      star = at++
      reach = depth
    } else if (segment !== undefined && isAt(segment, object, depth)) {
      at++
      depth++
    } else {
      if (star < 0 || reach >= object.length) return false
      depth = ++reach
      at = star + 1
    }
  }
}

function isAt(segment: Glob, object: ObjectPath, depth: number): boolean {
  const name = object[depth]
  return name !== undefined && matchesGlob(segment, name)
}

/**
 * True if the pattern matches the object, something that contains it, or something inside it. A
 * segment of the object that is `*` stands for all at once (every namespace), and so for each.
 */
export function overlaps({ segments }: Pattern, object: ObjectPath): boolean {
  for (const [depth, segment] of segments.entries()) {
    // Below here anything may follow, and inside the object it may lie.
    if (segment === 'any-number' || depth === object.length) return true
    const name = object[depth]!
    if (name !== ALL_NAMES && !matchesGlob(segment, name)) return false
  }
  return true
}

/**
 * True if the pattern matches the part of an object (a column), something that contains it, or, by
 * name, something inside it. A part is where `**` ends: `**.ssn` speaks of columns of that name, not
 * of every column that might have an `ssn` inside.
 */
export function touchesPart(pattern: Pattern, part: ObjectPath): boolean {
  if (covers(pattern, part)) return true
  return pattern.segments.some((segment, index) => {
    const head = pattern.segments.slice(0, index + 1)
    return segment !== 'any-number' && follows(head, part, true)
  })
}

/**
 * True if the pattern names a part (a column) of the object: the object by a name of its own, and then
 * one thing in it. `**` is none, nor is a name with `*`: what it stands for may have no such part.
 */
export function coversPartOf({ segments }: Pattern, object: ObjectPath): boolean {
  const part = segments.findLastIndex((segment) => segment !== 'any-number')
  const head = segments.slice(0, Math.max(part, 0))
  const name = head.at(-1)
  const named = name !== undefined && name !== 'any-number' && name.parts.length === 1
  return named && follows(head, object, true)
}

/** A glob over a whole name (an action, an agent, a resource): `*` stands for any text, dots too. */
export function parseGlob(source: string): Glob {
  return globOf(source.split('*'), source.includes('/'))
}

function caseless(segment: Segment): Segment {
  return segment === 'any-number' ? segment : globOf(segment.parts, true)
}

function globOf(parts: readonly string[], ignoreCase: boolean): Glob {
  return { parts: ignoreCase ? parts.map(foldCase) : parts, ignoreCase }
}
