import type { ObjectPath } from '../../../../core/object.ts'
import { EXPRESSION_CHARS_MAX, REFERENCES_MAX } from '../../limits.ts'
import { spell } from '../../spelling.ts'

/** What one `reference(…)` of an expression is of. */
export interface Reference {
  /** `own`: something in the same template; `other`: a type in the same scope; `unknown`: anything. */
  readonly of: 'own' | 'other' | 'unknown'
  /** Namespace and types, of `other`. */
  readonly words: readonly string[]
  /** Of `other` one for each type, absent where they cannot be told; of `own` its name or symbol. */
  readonly names?: readonly string[]
  /** The expression is nothing but this, with a field behind it. */
  readonly isAlone: boolean
  /** The field that is taken of it, as far as it is written plainly; from the resource's own fields on. */
  readonly field: readonly string[]
}

const ANYTHING: Reference = { of: 'unknown', words: [], isAlone: false, field: [] }

const CALLS = /\breferences?\s*\(/gi

/** A name, which can only be of something in the same template. */
const OWN = /^\s*'([A-Za-z0-9_.-]*)'\s*[,)]/
/** A type first: with a group or a subscription before it, it would be somewhere else. */
const SAME_SCOPE =
  /^\s*resourceId\s*\(\s*'([A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)((?:\/[A-Za-z][A-Za-z0-9]*)+)'([^()]*(?:\([^()]*\)[^()]*)*)\)/

/** All references of a text; `parameters` are those whose value is a plain text. */
export function referencesIn(
  text: string,
  parameters: ReadonlyMap<string, string>,
): readonly Reference[] {
  const calls = [...text.matchAll(CALLS)]
  const isTooMuch = calls.length > REFERENCES_MAX || text.length > EXPRESSION_CHARS_MAX
  if (calls.length > 0 && isTooMuch) return [ANYTHING]
  return calls.map((match) => {
    const rest = text.slice(match.index + match[0].length)
    const { field, isLast } = fieldOf(rest)
    const isAlone = calls.length === 1 && text.slice(0, match.index).trim() === '[' && isLast
    const told = { field, isAlone }
    const [, own] = OWN.exec(rest) ?? []
    if (own !== undefined) return { of: 'own', words: [], names: [own.toLowerCase()], ...told }
    const [, namespace = '', types = '', given = ''] = SAME_SCOPE.exec(rest) ?? []
    if (namespace === '') return { of: 'unknown', words: [], ...told }
    const words = [namespace, ...types.slice(1).split('/')].map(spell)
    const names = namesIn(given, parameters)
    const isWhole = names?.length === words.length - 1
    return { of: 'other', words, ...(isWhole ? { names } : {}), ...told }
  })
}

/** What stands behind the closing parenthesis: `.osProfile.adminUsername`, and whether it ends there. */
function fieldOf(call: string): { readonly field: readonly string[]; readonly isLast: boolean } {
  const end = endOfCall(call)
  const behind = call.slice(end + 1)
  const [path = ''] = /^(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_]*)*/.exec(behind) ?? []
  const words = path
    .split('.')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  const isFull = /,\s*'full'\s*$/i.test(call.slice(0, end))
  return {
    field: [...(isFull ? [] : ['properties']), ...words],
    isLast: words.length > 0 && behind.slice(path.length).trim() === ']',
  }
}

/** Where the call ends whose opening parenthesis is before the text. */
function endOfCall(call: string): number {
  let depth = 1
  let quoted = false
  for (let at = 0; at < call.length; at++) {
    const character = call[at]
    if (character === "'") quoted = !quoted
    else if (!quoted && character === '(') depth++
    else if (!quoted && character === ')') depth--
    if (depth === 0) return at
  }
  return call.length
}

/** `, 'a', parameters('b')`; undefined where one is worked out in another way. */
function namesIn(
  given: string,
  parameters: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const names: string[] = []
  for (const part of given.split(',').slice(1)) {
    const [, plain, parameter] =
      /^\s*(?:'([^'/]+)'|parameters\s*\(\s*'([A-Za-z0-9_-]+)'\s*\))\s*$/i.exec(part) ?? []
    const name = plain ?? parameters.get((parameter ?? '').toLowerCase())
    if (name === undefined || name.includes('/')) return undefined
    names.push(name.toLowerCase())
  }
  return names
}

/** Where things of its type are, whatever their name. */
export function collectionOf({ words }: Reference, scope: ObjectPath): ObjectPath {
  return [...scope, 'providers', words[0]!, words[1]!]
}

export function namedBy(
  { words }: Reference,
  names: readonly string[],
  scope: ObjectPath,
): ObjectPath {
  const pairs = words.slice(1).flatMap((type, at) => [type, names[at]!])
  return [...scope, 'providers', words[0]!, ...pairs]
}
