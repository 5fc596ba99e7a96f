import { JSON_DEPTH_MAX } from './limits.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

/**
 * Reads a body as strict JSON: UTF-8 without a byte order mark, and no object that names a field
 * twice, in whatever case, since Azure's readers ignore case and take the last or the first. Returns
 * in words why it is none.
 */
export function readJson(bytes: Uint8Array): { readonly value: Json } | string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return 'the body is not UTF-8'
  }
  if (text.startsWith('\ufeff')) return 'the body begins with a byte order mark'
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return 'the body is not valid JSON'
  }
  const odd = oddity(text)
  return odd === undefined ? { value } : odd
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** A field by its name in any case, as Azure reads it; `undefined` where there is none. */
export function fieldOf(value: Json | undefined, name: string): Json | undefined {
  if (!isObject(value)) return undefined
  if (Object.hasOwn(value, name)) return value[name]
  const small = name.toLowerCase()
  const key = Object.keys(value).find((one) => one.toLowerCase() === small)
  return key === undefined ? undefined : value[key]
}

export function textOf(value: Json | undefined, name: string): string | undefined {
  const found = fieldOf(value, name)
  return typeof found === 'string' ? found : undefined
}

/** Calls for every string in a value, names of fields too. */
export function eachText(value: Json, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value)
  else if (isList(value)) for (const one of value) eachText(one, visit)
  else if (isObject(value)) {
    for (const [name, one] of Object.entries(value)) {
      visit(name)
      eachText(one, visit)
    }
  }
}

/** `text` is valid JSON: what stands in it that two readers may take differently. */
function oddity(text: string): string | undefined {
  const scopes: (Set<string> | 'list')[] = []
  let expectsName = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    const scope = scopes.at(-1)
    if (character === '"') {
      const end = stringEnd(text, at)
      if (expectsName && scope instanceof Set) {
        const name = (JSON.parse(text.slice(at, end)) as string).toLowerCase()
        if (scope.has(name)) return 'a field stands twice in one object'
        scope.add(name)
      }
      expectsName = false
      at = end - 1
    } else if (character === '{' || character === '[') {
      if (scopes.length >= JSON_DEPTH_MAX) return 'the body is nested too deeply'
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

/** The offset after the closing quote of the string that starts at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
