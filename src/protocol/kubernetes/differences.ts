import type { Json } from '../../http/strict-json.ts'
import { isObject } from '../../http/strict-json.ts'
import { PREVIEW_VALUE_CHARS_MAX } from './limits.ts'

/** What is different, a line for each field: `spec.replicas: 3 → 5`, `+ …` and `- …`. */
export function differences(before: Json, after: Json): string[] {
  const old = leavesOf(before)
  const fresh = leavesOf(after)
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort()
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), fresh.get(path)]
    if (was === is) return []
    if (was === undefined) return [`+ ${path}: ${is}`]
    if (is === undefined) return [`- ${path}: ${was}`]
    return [`  ${path}: ${was} → ${is}`]
  })
}

function leavesOf(value: Json): Map<string, string> {
  const leaves = new Map<string, string>()
  const walk = (one: Json, path: string): void => {
    if (isObject(one) && Object.keys(one).length > 0) {
      for (const [name, inner] of Object.entries(one)) {
        walk(inner, path === '' ? name : `${path}.${name}`)
      }
    } else if (Array.isArray(one) && one.length > 0) {
      for (const [index, inner] of (one as readonly Json[]).entries()) {
        walk(inner, `${path}[${labelOf(inner) ?? index}]`)
      }
    } else leaves.set(path, short(JSON.stringify(one)))
  }
  walk(value, '')
  return leaves
}

/** Elements with a name keep it when others come before them. */
function labelOf(element: Json): string | undefined {
  const name = isObject(element) ? element['name'] : undefined
  return typeof name === 'string' ? name : undefined
}

function short(text: string): string {
  return text.length <= PREVIEW_VALUE_CHARS_MAX
    ? text
    : `${text.slice(0, PREVIEW_VALUE_CHARS_MAX)}…`
}
