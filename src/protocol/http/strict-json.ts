export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

/** What no API nests as deeply; deeper bodies would be a burden to whoever reads them. */
const DEPTH_MAX = 100

/**
 * Reads a body as JSON in which no two readers can see different things: UTF-8 without a byte order
 * mark, and no object that names a field twice, of which one reader takes the first and another the
 * last (RFC 8259 section 4). `same` brings names into the form in which the target compares them.
 * Returns in words what is wrong: "the body …".
 */
export function readStrictJson(
  bytes: Uint8Array,
  same: (name: string) => string = (name) => name,
): { readonly value: Json } | string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return 'is not UTF-8'
  }
  if (text.startsWith('\ufeff')) return 'begins with a byte order mark'
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return 'is not valid JSON'
  }
  return oddity(text, same) ?? { value }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** `text` is valid JSON. */
function oddity(text: string, same: (name: string) => string): string | undefined {
  const scopes: (Set<string> | 'list')[] = []
  let expectsName = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    const scope = scopes.at(-1)
    if (character === '"') {
      const end = endOfText(text, at)
      if (expectsName && scope instanceof Set) {
        const name = same(JSON.parse(text.slice(at, end)) as string)
        if (scope.has(name)) return 'names a field twice in one object'
        scope.add(name)
      }
      expectsName = false
      at = end - 1
    } else if (character === '{' || character === '[') {
      if (scopes.length >= DEPTH_MAX) return 'is nested too deeply'
      scopes.push(character === '{' ? new Set() : 'list')
      expectsName = character === '{'
    } else if (character === '}' || character === ']') {
      scopes.pop()
      expectsName = false
    } else if (character === ',') {
      expectsName = scope instanceof Set
    }
  }
  return undefined
}

/** The offset after the closing quote of the text that starts at `start`. */
function endOfText(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
