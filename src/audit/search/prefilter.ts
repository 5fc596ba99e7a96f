import { fold } from './fold.ts'
import type { Pattern, Term, TextField } from './language.ts'
import { splitObject } from './object-text.ts'

/**
 * What a search can rule out by looking at bytes: most records are never parsed. It may let through
 * what does not match, and never holds back what does.
 */
export interface Prefilter {
  /** Of an intent, or of a record that stands alone. */
  first(line: Buffer): boolean
  /** Of all records of one operation together. */
  all(lines: readonly Buffer[]): boolean
}

/** Fields whose value may be in an operation's outcome or notes instead of its intent. */
const ANYWHERE: readonly TextField[] = ['code', 'approval', 'person', 'type']

export function prefilter(terms: readonly Term[]): Prefilter {
  const first: Buffer[] = []
  const all: Buffer[] = []
  const words: string[] = []
  for (const term of terms) {
    if ('not' in term && term.not) continue
    if (term.type === 'verdict' && term.effect !== 'refused') {
      first.push(Buffer.from(`"verdict":"${term.effect}"`))
    }
    if (term.type === 'word') words.push(longestPlain(fold(term.word)))
    if (term.type === 'field') {
      const needles = needlesOf(term.field, term.value)
      if (ANYWHERE.includes(term.field)) all.push(...needles)
      else first.push(...needles)
    }
  }
  const folded = words.filter((word) => word !== '')
  return {
    first: (line) =>
      first.every((needle) => line.includes(needle)) &&
      (folded.length === 0 || hasWords(line, folded)),
    all: (lines) => all.every((needle) => lines.some((line) => line.includes(needle))),
  }
}

/** The needles are ASCII, so bytes may stand for characters here. */
function hasWords(line: Buffer, words: readonly string[]): boolean {
  const text = line.toString('latin1').toLowerCase()
  return words.every((word) => text.includes(word))
}

function needlesOf(field: TextField, pattern: Pattern): Buffer[] {
  if (field === 'agent' || field === 'resource' || field === 'session' || field === 'operation') {
    return memberNeedle(field, pattern)
  }
  if (field === 'action') return memberNeedle('action', pattern)
  const parts = field === 'table' ? pattern.flatMap(splitObject) : pattern
  // `session.opened` is found as `session-opened`.
  const texts = field === 'type' ? parts.flatMap((part) => part.split('-')) : parts
  return texts
    .map(longestPlain)
    .filter((text) => text !== '')
    .map((text) => Buffer.from(text))
}

/** `"agent":"etl-1"`, or its beginning where the value is a glob. */
function memberNeedle(name: string, pattern: Pattern): Buffer[] {
  const [start] = pattern
  if (start === undefined || !start.isWellFormed()) return []
  const written = `"${name}":${JSON.stringify(start)}`
  return [Buffer.from(pattern.length === 1 ? written : written.slice(0, -1))]
}

/** The longest run of characters that JSON writes as they are, in one byte each. */
function longestPlain(text: string): string {
  const runs = text.match(/[ !#-[\]-~]+/g) ?? []
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '')
}
