/** Masks JSON as if it stood at a path of the object. */
export type MaskInner = (json: Buffer, at: readonly string[]) => Buffer

const HERE = ['metadata', 'managedFields', 'fieldsV1']

/** Whether a name is written as those are that hold values; it need not be one. */
export function holdsValue(name: string): boolean {
  return name.startsWith('k:') || name.startsWith('v:')
}

/**
 * Names in `fieldsV1` of an object's managed fields ("Server-Side Apply: Field management"): `f:NAME`
 * is a field; `k:{…}` an element of a list, by its key fields; `v:…` an element of a set, by its
 * value; `i:N` one by its place. The second and the third hold values of the object. Returns what to
 * write instead of the name that `path` ends with, as JSON; undefined keeps it.
 */
export function managedName(path: readonly string[], mask: MaskInner): string | undefined {
  if (!HERE.every((name, at) => path[at] === name)) return undefined
  const [, kind, json = ''] = /^([kv]):(.*)$/s.exec(path.at(-1) ?? '') ?? []
  if (kind === undefined) return undefined
  const fields = path
    .slice(HERE.length, -1)
    .filter((name) => name.startsWith('f:'))
    .map((name) => name.slice('f:'.length))
  const shown = masked(json, fields, mask)
  return shown === json ? undefined : JSON.stringify(`${kind}:${shown}`)
}

/** What is no JSON cannot be masked, and goes. */
function masked(json: string, fields: readonly string[], mask: MaskInner): string {
  try {
    JSON.parse(json)
    return mask(Buffer.from(json), fields).toString('utf8')
  } catch {
    return 'null'
  }
}
