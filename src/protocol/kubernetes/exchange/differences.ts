import type { Json } from '../../http/strict-json.ts'
import { isObject } from '../../http/strict-json.ts'
import { PREVIEW_VALUE_CHARS_MAX } from '../limits.ts'

/** A value, and the same with what may not be shown of it replaced. */
export interface Seen {
  readonly exact: Json
  readonly shown: Json
}

export interface Difference {
  /** A line for people: `spec.replicas: 3 → 5`, `+ …` or `- …`. */
  readonly shown: string
  /** Another text for every other change; for digests alone. */
  readonly exact: string
}

/** What is different, field by field, by the exact values. */
export function differences(before: Seen, after: Seen): Difference[] {
  const old = leavesOf(before)
  const fresh = leavesOf(after)
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort()
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), fresh.get(path)]
    if (was?.exact === is?.exact) return []
    return {
      shown: lineOf(path, was?.shown, is?.shown),
      exact: lineOf(path, was?.exact, is?.exact),
    }
  })
}

function lineOf(path: string, was: string | undefined, is: string | undefined): string {
  if (was === undefined) return `+ ${path}: ${is ?? ''}`
  if (is === undefined) return `- ${path}: ${was}`
  return `  ${path}: ${was} → ${is}`
}

type Leaf = Record<'exact' | 'shown', string>

/** Leaves by their paths, in which elements of lists are called as they may be shown. */
function leavesOf({ exact, shown }: Seen): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  /** Names of elements need not be different, where masks hide them. */
  const taken = new Set<string>()
  const walk = (one: Json, seen: Json | undefined, path: string): void => {
    if (isObject(one) && Object.keys(one).length > 0) {
      const inner = isObject(seen) ? seen : {}
      for (const [name, value] of Object.entries(one)) {
        walk(value, own(inner, name), path === '' ? name : `${path}.${name}`)
      }
    } else if (Array.isArray(one) && one.length > 0) {
      const inner: readonly Json[] = Array.isArray(seen) ? (seen as readonly Json[]) : []
      for (const [index, value] of (one as readonly Json[]).entries()) {
        const label = labelOf(inner[index])
        const named = `${path}[${label ?? index}]`
        walk(value, inner[index], taken.has(named) ? `${named}[${index}]` : named)
        taken.add(named)
      }
    } else {
      const text = seen === undefined ? NOT_SHOWN : short(JSON.stringify(seen))
      leaves.set(path, { exact: JSON.stringify(one), shown: text })
    }
  }
  walk(exact, shown, '')
  return leaves
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
