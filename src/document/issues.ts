import type { z } from 'zod'
import { keysAt } from './known-keys.ts'
import type { Problem } from './problems.ts'
import { formatField } from './problems.ts'
import { nearest } from './suggest.ts'
import type { YamlDocument } from './yaml.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** Turns what zod found into problems with places. Values are never repeated in the text. */
export function explainIssues(
  issues: readonly Issue[],
  schema: z.ZodType,
  document: YamlDocument,
): Problem[] {
  const problems = issues.flatMap((issue) => explainIssue(issue, schema, document))
  return problems.sort((a, b) => offsetOf(a) - offsetOf(b))
}

function offsetOf({ place }: Problem): number {
  return (place.line ?? 0) * 100_000 + (place.column ?? 0)
}

function explainIssue(issue: Issue, schema: z.ZodType, document: YamlDocument): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...issue.path, key], schema, document))
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = likeliestBranch(issue.errors)
    if (branch !== undefined) {
      const inner = branch.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
      return explainIssues(inner, schema, document)
    }
  }
  const missing = !exists(document.value, issue.path)
  const hint = hintOf(issue, schema)
  return [
    {
      message: missing ? `${lastName(issue.path)} is missing` : messageOf(issue),
      ...(hint === undefined ? {} : { hint }),
      place: missing
        ? { ...document.keyPlace(issue.path.slice(0, -1)), field: formatField(issue.path) }
        : document.valuePlace(issue.path),
    },
  ]
}

function unknownKey(path: Path, schema: z.ZodType, document: YamlDocument): Problem {
  const key = String(path.at(-1))
  const known = keysAt(schema, path.slice(0, -1))
  const meant = nearest(key, known)
  return {
    message: meant === key ? `\`${key}\` does not belong here` : `unknown key \`${key}\``,
    ...unknownKeyHint(key, meant, known),
    place: document.keyPlace(path),
  }
}

const SECRET_KEY = /^(password|passwd|pwd|secret|token|value|apikey|clientsecret|hashkey)$/i

function unknownKeyHint(key: string, meant: string | undefined, known: readonly string[]) {
  if (SECRET_KEY.test(key)) return { hint: LITERAL_SECRET_HINT }
  if (meant === key) return {}
  if (meant !== undefined) return { hint: `did you mean \`${meant}\`?` }
  return known.length === 0 ? {} : { hint: `known here: ${known.join(', ')}` }
}

/**
 * Of several alternatives, the one that fits in kind and fails only deeper is the one meant; best one
 * that knows all the keys.
 */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const deeper = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || isKeys(issue)),
  )
  return deeper.find((issues) => !issues.some(isKeys)) ?? deeper[0]
}

function isKeys(issue: Issue): boolean {
  return issue.code === 'unrecognized_keys'
}

function messageOf(issue: Issue): string {
  // The schema's own words, where it has some, are better than what is made up here.
  if (issue.message.startsWith('must ')) return issue.message
  if (issue.code === 'invalid_type') return `must be ${withArticle(issue.expected)}`
  if (issue.code === 'invalid_value') return `must be ${oneOf(issue.values.map(String))}`
  if (issue.code !== 'invalid_union') return issue.message
  // The list of options is there since zod 4.4, but not yet in its types.
  if ('options' in issue && Array.isArray(issue.options)) {
    return `must be ${oneOf(issue.options.map(String))}`
  }
  return issue.errors.length === 0 ? issue.message : `must be ${alternatives(issue.errors)}`
}

function alternatives(branches: readonly (readonly Issue[])[]): string {
  const texts = branches.flatMap((issues) => issues.slice(0, 1).map(messageOf))
  return texts.map((text) => text.replace(/^must be /, '')).join(' or ')
}

const LITERAL_SECRET_HINT =
  'secrets are never written here; use `from: environment` with `variable`, or `from: file` with `path`'

function hintOf(issue: Issue, schema: z.ZodType): string | undefined {
  if (issue.code === 'custom') {
    const hint: unknown = issue.params?.['hint']
    return typeof hint === 'string' ? hint : undefined
  }
  if (issue.code !== 'invalid_type' || issue.expected !== 'object') return undefined
  const wantsReference = keysAt(schema, issue.path).includes('variable')
  return wantsReference ? LITERAL_SECRET_HINT : undefined
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `\`${values[0]}\`` : `one of ${values.join(', ')}`
}

const ARTICLES: Readonly<Record<string, string>> = {
  object: 'a map of keys',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  record: 'a map of keys',
}

function withArticle(type: string): string {
  return ARTICLES[type] ?? type
}

function lastName(path: Path): string {
  return path.length === 0 ? 'the document' : `\`${String(path.at(-1))}\``
}

function exists(value: unknown, path: Path): boolean {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return false
    here = (here as Record<PropertyKey, unknown>)[part]
  }
  return here !== undefined
}
