import { ChaperoneError } from '../../core/errors.ts'
import { SEARCH_TERMS_MAX } from '../reading/limits.ts'
import { parseTime } from './time.ts'

export const FIELDS = [
  'agent',
  'resource',
  'session',
  'operation',
  'approval',
  'action',
  'table',
  'verdict',
  'code',
  'person',
  'type',
  'after',
  'before',
] as const

export type Field = (typeof FIELDS)[number]
export type TextField = Exclude<Field, 'after' | 'before' | 'verdict'>
/** `refused`: a rule denied it, or held it and it was not approved. */
export type Effect = 'allow' | 'deny' | 'hold' | 'refused'

/** One condition; all of a search must hold. */
export type Term =
  | {
      readonly type: 'field'
      readonly field: TextField
      readonly value: Pattern
      readonly not: boolean
    }
  | { readonly type: 'verdict'; readonly effect: Effect; readonly not: boolean }
  /** `after` includes its time, `before` does not. */
  | { readonly type: 'after' | 'before'; readonly at_ms: number }
  | { readonly type: 'word'; readonly word: string; readonly not: boolean }

/** The literal parts between `*`s; one part is an exact value. */
export type Pattern = readonly string[]

const VERDICTS: Readonly<Record<string, Effect>> = {
  allow: 'allow',
  allowed: 'allow',
  deny: 'deny',
  denied: 'deny',
  hold: 'hold',
  held: 'hold',
  refused: 'refused',
}

/**
 * Reads a search: `agent:etl-* verdict:held -table:orders "free text"`. `now_ms` is what relative
 * times count from. Throws ChaperoneError SEARCH_SYNTAX with the column, and nothing else.
 */
export function parseSearch(text: string, now_ms: number): readonly Term[] {
  const terms: Term[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    if (terms.length >= SEARCH_TERMS_MAX) {
      throw wrong(at, `A search has at most ${SEARCH_TERMS_MAX} parts.`, 'Search for fewer things.')
    }
    const { term, next } = readTerm(text, at, now_ms)
    terms.push(term)
    at = skipSpace(text, next)
  }
  return terms
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text[at]!)) at += 1
  return at
}

function isSpace(character: string): boolean {
  return /\s/.test(character)
}

interface Read<T> {
  readonly term: T
  readonly next: number
}

function readTerm(text: string, start: number, now_ms: number): Read<Term> {
  const not = text[start] === '-'
  const at = not ? start + 1 : start
  const name = /^[A-Za-z]+(?=:)/.exec(text.slice(at, at + FIELD_CHARS_MAX))?.[0]
  if (name === undefined) {
    const { term, next } = readValue(text, at)
    if (term.text === '') throw wrong(start, 'A word is missing.', QUOTING)
    if (!term.quoted && term.text.includes(':')) throw unknownField(start, term.text)
    return { term: { type: 'word', word: term.text, not }, next }
  }
  if (!isField(name)) throw unknownField(at, name)
  const value = readValue(text, at + name.length + 1)
  if (value.term.text === '') {
    throw wrong(at, `A value is missing after ${name}:`, `Write it without a space: ${name}:value`)
  }
  return { term: fieldTerm(name, value.term, not, at, now_ms), next: value.next }
}

/** Longer than any field's name; what comes is looked at no further. */
const FIELD_CHARS_MAX = 32

const QUOTING = 'Put words that have spaces, colons or quotes in them between double quotes.'

function isField(name: string): name is Field {
  return (FIELDS as readonly string[]).includes(name)
}

function fieldTerm(field: Field, value: Value, not: boolean, at: number, now_ms: number): Term {
  if (field === 'verdict') {
    const effect = Object.hasOwn(VERDICTS, value.text) ? VERDICTS[value.text] : undefined
    if (effect !== undefined) return { type: 'verdict', effect, not }
    throw wrong(
      at,
      'There is no such verdict.',
      'Write verdict:allowed, verdict:denied, verdict:held or verdict:refused.',
    )
  }
  if (field !== 'after' && field !== 'before') {
    return { type: 'field', field, value: value.quoted ? [value.text] : value.text.split('*'), not }
  }
  if (not) {
    const other = field === 'after' ? 'before' : 'after'
    throw wrong(at, `${field}: cannot be turned round.`, `Use ${other}: instead.`)
  }
  const at_ms = parseTime(value.text, now_ms)
  if (at_ms !== undefined) return { type: field, at_ms }
  throw wrong(
    at,
    `The time after ${field}: cannot be read.`,
    `Write ${field}:2026-10-01, ${field}:2026-10-01T14:30:00Z, or ${field}:24h for 24 hours ago.`,
  )
}

interface Value {
  readonly text: string
  readonly quoted: boolean
}

function readValue(text: string, start: number): Read<Value> {
  if (text[start] === '"') return readQuoted(text, start)
  let next = start
  while (next < text.length && !isSpace(text[next]!)) {
    if (text[next] === '"') throw wrong(next, 'A quote is in the middle of a word.', QUOTING)
    next += 1
  }
  return { term: { text: text.slice(start, next), quoted: false }, next }
}

/** `\"` and `\\` stand for a quote and a backslash; any other backslash is one. */
function readQuoted(text: string, start: number): Read<Value> {
  let value = ''
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!
    if (character === '"') return endQuoted(text, value, start, at + 1)
    const following = text[at + 1]
    if (character === '\\' && (following === '"' || following === '\\')) {
      value += following
      at += 1
    } else value += character
  }
  throw wrong(start, 'A quote is not closed.', 'Add the closing double quote.')
}

function endQuoted(text: string, value: string, start: number, next: number): Read<Value> {
  const following = text[next]
  if (following !== undefined && !isSpace(following)) {
    throw wrong(next, 'A space is missing after a quote.', QUOTING)
  }
  if (value === '') throw wrong(start, 'There is nothing between the quotes.', QUOTING)
  return { term: { text: value, quoted: true }, next }
}

function unknownField(at: number, text: string): ChaperoneError {
  const name = text.split(':', 1)[0]!.slice(0, FIELD_CHARS_MAX)
  return wrong(
    at,
    `There is no field "${name}".`,
    `Fields are ${FIELDS.join(', ')}. A text with a colon goes between double quotes.`,
  )
}

function wrong(at: number, message: string, hint: string): ChaperoneError {
  return new ChaperoneError('SEARCH_SYNTAX', message, { hint, place: { column: at + 1 } })
}
