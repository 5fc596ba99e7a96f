import type { Json } from '../../http/strict-json.ts'
import { isList, isObject } from '../../http/strict-json.ts'
import { PREVIEW_LINES_MAX, PREVIEW_PATH_CHARS_MAX, PREVIEW_VALUE_CHARS_MAX } from '../limits.ts'

/** A value, and the same with what may not be shown of it replaced. */
export interface Seen {
  readonly exact: Json
  /** Undefined: nothing of it may be shown. */
  readonly shown: Json | undefined
}

export interface Differences {
  /** For people: `spec.replicas: 3 → 5`, `+ …` or `- …`, as many as anybody reads. */
  readonly lines: readonly string[]
  /** How many there are beside them. */
  readonly more: number
}

/** The place of a value, `.field` or `[element]` in another one. Written out only where it is told: names may be as long as a body. */
interface Place {
  readonly name: string
  readonly within: Place | undefined
}

/** What is different, field by field, by the exact values. */
export function differences(before: Seen, after: Seen): Differences {
  const told: { readonly path: string; readonly line: string }[] = []
  let count = 0

  function tell(place: Place | undefined, was: Seen | undefined, is: Seen | undefined): void {
    count += 1
    if (told.length >= PREVIEW_LINES_MAX) return
    const path = pathOf(place)
    told.push({ path, line: lineOf(path, was, is) })
  }

  function compare(was: Seen | undefined, is: Seen | undefined, place: Place | undefined): void {
    if (was !== undefined && is !== undefined) {
      const kind = kindOf(was.exact)
      if (kind !== kindOf(is.exact)) {
        compare(was, undefined, place)
        compare(undefined, is, place)
        return
      }
      if (kind === 'leaf') {
        if (JSON.stringify(was.exact) !== JSON.stringify(is.exact)) tell(place, was, is)
        return
      }
    } else if (kindOf((was ?? is)!.exact) === 'leaf') {
      tell(place, was, is)
      return
    }
    const [old, fresh] = [partsOf(was), partsOf(is)]
    for (const [name, part] of old) compare(part, fresh.get(name), { name, within: place })
    for (const [name, part] of fresh) {
      if (!old.has(name)) compare(undefined, part, { name, within: place })
    }
  }

  compare(before, after, undefined)
  told.sort((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)))
  return { lines: told.map(({ line }) => line), more: count - told.length }
}

/** Fields and elements of two kinds have no places in common; what is empty is a value of its own. */
function kindOf(value: Json): 'leaf' | 'object' | 'list' {
  if (isObject(value)) return Object.keys(value).length === 0 ? 'leaf' : 'object'
  return isList(value) && value.length > 0 ? 'list' : 'leaf'
}

/** Fields and elements by what they are called in a path; elements as they may be shown. */
function partsOf(whole: Seen | undefined): Map<string, Seen> {
  const parts = new Map<string, Seen>()
  if (whole === undefined) return parts
  const { exact, shown } = whole
  if (isObject(exact)) {
    const inner = isObject(shown) ? shown : {}
    for (const [name, value] of Object.entries(exact)) {
      parts.set(`.${name}`, { exact: value, shown: own(inner, name) })
    }
  } else if (isList(exact)) {
    const inner = isList(shown) ? shown : []
    for (const [index, value] of exact.entries()) {
      const label = labelOf(inner[index])
      // Names of elements need not be different, where masks hide them.
      const named = `[${label ?? index}]`
      const name = parts.has(named) ? `${named}[${index}]` : named
      parts.set(name, { exact: value, shown: inner[index] })
    }
  }
  return parts
}

function pathOf(place: Place | undefined): string {
  const names: string[] = []
  for (let one = place; one !== undefined; one = one.within) names.push(short(one.name))
  const path = names.reverse().join('').replace(/^\./, '')
  return path.length <= PREVIEW_PATH_CHARS_MAX ? path : `…${path.slice(-PREVIEW_PATH_CHARS_MAX)}`
}

function lineOf(path: string, was: Seen | undefined, is: Seen | undefined): string {
  if (was === undefined) return `+ ${path}: ${textOf(is)}`
  if (is === undefined) return `- ${path}: ${textOf(was)}`
  return `  ${path}: ${textOf(was)} → ${textOf(is)}`
}

function textOf(value: Seen | undefined): string {
  return value?.shown === undefined ? NOT_SHOWN : short(JSON.stringify(value.shown))
}

const NOT_SHOWN = '(not shown)'

function own(object: { readonly [name: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** Elements with a name keep it when others come before them. */
function labelOf(element: Json | undefined): string | undefined {
  const name = isObject(element) ? element['name'] : undefined
  return typeof name === 'string' ? name : undefined
}

function short(text: string): string {
  return text.length <= PREVIEW_VALUE_CHARS_MAX
    ? text
    : `${text.slice(0, PREVIEW_VALUE_CHARS_MAX)}…`
}
