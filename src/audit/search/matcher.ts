import type { Code } from '../../core/codes.ts'
import { fold } from './fold.ts'
import type { Hit } from './hit.ts'
import type { Pattern, Term, TextField } from './language.ts'
import { splitObject } from './object-text.ts'

/** True if all terms hold. */
export function matches(terms: readonly Term[], hit: Hit): boolean {
  return terms.every((term) => holds(term, hit))
}

function holds(term: Term, hit: Hit): boolean {
  if ('not' in term) return isTrue(term, hit) !== term.not
  return term.type === 'after' ? hit.time_ms >= term.at_ms : hit.time_ms < term.at_ms
}

type Negatable = Extract<Term, { readonly not: boolean }>

function isTrue(term: Negatable, hit: Hit): boolean {
  if (term.type === 'verdict') {
    return term.effect === 'refused' ? isRefused(hit) : hit.verdict === term.effect
  }
  if (term.type === 'word') return fold(hit.text).includes(fold(term.word))
  return VALUES[term.field](hit).some((value) => fits(term.value, value))
}

function isRefused({ verdict, codes }: Hit): boolean {
  return verdict === 'deny' || (verdict === 'hold' && codes.some((code) => NOT_APPROVED.has(code)))
}

/** How a hold ends that was not approved. An answer that was not accepted has other codes. */
const NOT_APPROVED: ReadonlySet<string> = new Set<Code>([
  'APPROVAL_DENIED',
  'APPROVAL_EXPIRED',
  'APPROVAL_WITHDRAWN',
  'APPROVAL_SUPERSEDED',
  'APPROVAL_UNAVAILABLE',
  'APPROVAL_STALE',
])

const VALUES: Readonly<Record<TextField, (hit: Hit) => readonly string[]>> = {
  agent: ({ agent }) => one(agent),
  resource: ({ resource }) => one(resource),
  session: ({ session }) => one(session),
  operation: ({ operation }) => one(operation),
  action: ({ actions }) => actions,
  table: ({ objects }) => objects.flatMap(endsOf),
  code: ({ codes }) => codes,
  approval: ({ approvals }) => approvals,
  person: ({ people }) => people,
  type: ({ types }) => types,
}

function one(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value]
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
