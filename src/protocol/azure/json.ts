import type { Json, JsonObject } from '../http/strict-json.ts'
import { isList, isObject, readStrictJson } from '../http/strict-json.ts'

export type { Json, JsonObject } from '../http/strict-json.ts'
export { isList, isObject } from '../http/strict-json.ts'

/** Reads a body as strict JSON; Azure's readers ignore the case of names. */
export function readJson(bytes: Uint8Array): { readonly value: Json } | string {
  const read = readStrictJson(bytes, (name) => name.toLowerCase())
  return typeof read === 'string' ? `the body ${read}` : read
}

/** A field by its name in any case, as Azure reads it; `undefined` where there is none. */
export function fieldOf(value: Json | undefined, name: string): Json | undefined {
  if (!isObject(value)) return undefined
  if (Object.hasOwn(value, name)) return value[name]
  const small = name.toLowerCase()
  const key = Object.keys(value).find((one) => one.toLowerCase() === small)
  return key === undefined ? undefined : value[key]
}

/** All fields by their names in any case, for whoever asks for many. */
export function fieldsOf(value: JsonObject): (name: string) => Json | undefined {
  let bySmall: Map<string, Json> | undefined
  return (name) => {
    if (Object.hasOwn(value, name)) return value[name]
    // Of names that differ in case alone the first counts, as above.
    bySmall ??= new Map(
      Object.entries(value)
        .reverse()
        .map(([one, inside]) => [one.toLowerCase(), inside]),
    )
    return bySmall.get(name.toLowerCase())
  }
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
