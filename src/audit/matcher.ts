import { splitObject } from './object-text.ts'
import type { Hit } from './hit.ts'
import { fold } from './fold.ts'
import type { Pattern, Term, TextField } from './search-language.ts'

/** True if all terms hold. */
export function matches(terms: readonly Term[], hit: Hit): boolean {
  return terms.every((term) => holds(term, hit))
}

function holds(term: Term, hit: Hit): boolean {
  switch (term.type) {
    case 'after':
      return hit.time_ms >= term.at_ms
    case 'before':
      return hit.time_ms < term.at_ms
    case 'verdict':
      return (hit.verdict === term.effect) !== term.not
    case 'word':
      return fold(hit.text).includes(fold(term.word)) !== term.not
    case 'field':
      return fieldHolds(term.field, term.value, hit) !== term.not
  }
}

function fieldHolds(field: TextField, pattern: Pattern, hit: Hit): boolean {
  return valuesOf(field, hit).some((value) => fits(pattern, value))
}

function valuesOf(field: TextField, hit: Hit): readonly string[] {
  switch (field) {
    case 'agent':
    case 'resource':
    case 'session':
    case 'operation': {
      const value = hit[field]
      return value === undefined ? [] : [value]
    }
    case 'action':
      return hit.actions
    case 'table':
      return hit.objects.flatMap(endsOf)
    case 'code':
      return hit.codes
    case 'approval':
      return hit.approvals
    case 'person':
      return hit.people
    case 'type':
      return hit.types
  }
}

/** `sales.public.orders`, `public.orders`, `orders`: each with the quotes it is written with. */
function endsOf(object: string): string[] {
  const segments = splitObject(object)
  return segments.map((_, index) => segments.slice(index).join('.'))
}

/** True if the whole value is the pattern's parts, with anything between them. */
export function fits(pattern: Pattern, value: string): boolean {
  const first = pattern[0]!
  if (pattern.length === 1) return value === first
  const last = pattern.at(-1)!
  if (value.length < first.length + last.length) return false
  if (!value.startsWith(first) || !value.endsWith(last)) return false
  const end = value.length - last.length
  let at = first.length
  for (const part of pattern.slice(1, -1)) {
    const found = value.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
