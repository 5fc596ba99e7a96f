import { jsonPatched } from './json-patch.ts'
import { ApiProblem, isRecord } from './objects.ts'

/** Applies a patch of one of the four kinds; strategic merging is approximated: lists merge by name. */
export function patched(target: unknown, patch: unknown, type: string): unknown {
  switch (type) {
    case 'application/json-patch+json':
      return jsonPatched(target, patch as readonly object[])
    case 'application/merge-patch+json':
      return merged(target, patch, false)
    case 'application/strategic-merge-patch+json':
    case 'application/apply-patch+yaml':
      return merged(target, patch, true)
    default:
      throw new ApiProblem(415, 'UnsupportedMediaType', `the body of the request was in ${type}`)
  }
}

function merged(target: unknown, patch: unknown, byName: boolean): unknown {
  if (byName && Array.isArray(patch)) return mergedLists(target, patch as readonly unknown[])
  if (!isRecord(patch)) return patch
  const out: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue
    if (value === null) delete out[name]
    else out[name] = merged(out[name], value, byName)
  }
  return out
}

function mergedLists(target: unknown, patch: readonly unknown[]): unknown[] {
  if (!Array.isArray(target) || !patch.every((one) => isRecord(one) && 'name' in one)) {
    return [...patch]
  }
  const out = [...(target as unknown[])]
  for (const one of patch as readonly Record<string, unknown>[]) {
    const at = out.findIndex((other) => isRecord(other) && other['name'] === one['name'])
    if (one['$patch'] === 'delete') {
      if (at >= 0) out.splice(at, 1)
    } else if (at < 0) out.push(one)
    else out[at] = merged(out[at], one, true)
  }
  return out
}
