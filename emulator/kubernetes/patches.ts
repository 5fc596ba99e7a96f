type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** JSON merge patch (RFC 7396); lists of things with names are merged by name, as kubectl expects. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (Array.isArray(patch)) return Array.isArray(target) ? mergeLists(target, patch) : patch
  if (!isObject(patch)) return patch
  const result: { [name: string]: Json } = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue
    if (value === null) delete result[name]
    else result[name] = mergePatch(result[name], value)
  }
  return result
}

function mergeLists(target: Json[], patch: Json[]): Json[] {
  if (!patch.every((one) => nameOf(one) !== undefined)) return patch
  const merged = target.map((one) => {
    const change = patch.find((other) => nameOf(other) === nameOf(one))
    return change === undefined ? one : mergePatch(one, change)
  })
  const known = new Set(target.map(nameOf))
  return [...merged, ...patch.filter((one) => !known.has(nameOf(one)))]
}

/** JSON patch (RFC 6902): add, replace and remove in objects. */
export function jsonPatch(target: Json, operations: readonly JsonOperation[]): Json {
  const result = structuredClone(target)
  for (const { op, path, value = null } of operations) {
    const names = path
      .slice(1)
      .split('/')
      .map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = names.pop()!
    let here = result
    for (const name of names) here = isObject(here) ? here[name]! : null
    if (!isObject(here)) throw new Error(`no such path: ${path}`)
    if (op === 'remove') delete here[last]
    else here[last] = value
  }
  return result
}

export interface JsonOperation {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: Json
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf(value: Json): Json | undefined {
  return isObject(value) ? value['name'] : undefined
}
