import type { ObjectPath } from '../core/object.ts'

/**
 * What a policy writes for objects: segments divided by `.` (or by `/` where an unquoted one is in
 * it), each a glob in which `*` stands for any text, quoted with `"` where it holds a divider; `**`
 * stands for any number of segments.
 */
export interface Pattern {
  readonly source: string
  readonly segments: readonly Segment[]
}

export type Segment = 'any-number' | Glob

/** Literal parts that must occur in order, the first at the start and the last at the end. */
export interface Glob {
  readonly parts: readonly string[]
  readonly ignoreCase: boolean
}

/** Returns what is wrong, in words, where the text is no pattern. */
export function parsePattern(source: string): Pattern | string {
  const divider = hasUnquoted(source, '/') ? '/' : '.'
  const segments: Segment[] = []
  let at = 0
  do {
    const read = readSegment(source, at, divider)
    if (typeof read === 'string') return read
    segments.push(read.segment)
    at = read.next
  } while (at <= source.length)
  return { source, segments }
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
  return { segment: { parts, ignoreCase: divider === '/' }, next }
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
  const subject = glob.ignoreCase ? text.toLowerCase() : text
  const part = (index: number) => (glob.ignoreCase ? parts[index]!.toLowerCase() : parts[index]!)
  if (parts.length === 1) return subject === part(0)
  const last = part(parts.length - 1)
  if (!subject.startsWith(part(0)) || !subject.endsWith(last)) return false
  let at = part(0).length
  const end = subject.length - last.length
  if (end < at) return false
  for (let index = 1; index < parts.length - 1; index++) {
    const found = subject.indexOf(part(index), at)
    if (found < 0 || found + part(index).length > end) return false
    at = found + part(index).length
  }
  return true
}

/** True if the pattern matches the object itself or something that contains it. */
export function covers(pattern: Pattern, object: ObjectPath): boolean {
  return walk(pattern.segments, 0, object, 0, false)
}

/** True if the pattern matches the object, something that contains it, or something inside it. */
export function overlaps(pattern: Pattern, object: ObjectPath): boolean {
  return walk(pattern.segments, 0, object, 0, true)
}

function walk(
  segments: readonly Segment[],
  at: number,
  object: ObjectPath,
  depth: number,
  inside: boolean,
): boolean {
  if (at === segments.length) return true
  const segment = segments[at]!
  if (segment === 'any-number') {
    if (walk(segments, at + 1, object, depth, inside)) return true
    return depth < object.length && walk(segments, at, object, depth + 1, inside)
  }
  if (depth === object.length) return inside
  return matchesGlob(segment, object[depth]!) && walk(segments, at + 1, object, depth + 1, inside)
}

/** A glob over a whole name (an action, an agent, a resource): `*` stands for any text, dots too. */
export function parseGlob(source: string): Glob {
  return { parts: source.split('*'), ignoreCase: source.includes('/') }
}
