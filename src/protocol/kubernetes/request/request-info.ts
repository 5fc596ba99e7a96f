/** What a path asks for, as the API server reads it. */
export type RequestInfo = ResourceRequest | NonResourceRequest

export interface ResourceRequest {
  readonly type: 'resource'
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  /** Absent where the resource has none, or for all of them. */
  readonly namespace?: string
  readonly resource: string
  readonly name?: string
  readonly subresource?: string
  /** What comes after the subresource: the path that a proxy goes on with. */
  readonly rest: readonly string[]
}

export interface NonResourceRequest {
  readonly type: 'other'
  readonly segments: readonly string[]
}

/** Of these, a path below a namespace names a subresource of the namespace itself. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize'])

/** Path forms that the API server has given up, with verbs in the path. */
const SPECIAL: ReadonlySet<string> = new Set(['watch', 'proxy'])

/**
 * Takes a path apart by the rules of the API server's RequestInfo: `/api/v1/…` and
 * `/apis/GROUP/VERSION/…` name resources, everything else is a path of the server's own. Returns
 * what is wrong, in words, for forms that are not served here.
 */
export function requestInfo(path: readonly string[]): RequestInfo | string {
  // A slash at the end is none to the server: what it lists has no name.
  const segments = path.at(-1) === '' ? path.slice(0, -1) : path
  const other: NonResourceRequest = { type: 'other', segments }
  const [root, ...below] = segments
  if (root !== 'api' && root !== 'apis') return other
  const [group, version, ...parts] = root === 'api' ? ['', ...below] : below
  if (version === undefined || parts.length === 0) return other
  if (SPECIAL.has(parts[0]!)) return `has "${parts[0]}" where a resource stands`
  return { type: 'resource', group: group!, version, ...placed(parts) }
}

type Placed = Omit<ResourceRequest, 'type' | 'group' | 'version'>

function placed(parts: readonly string[]): Placed {
  const [first, namespace, ...below] = parts
  if (first !== 'namespaces' || namespace === undefined) return named(parts)
  if (below.length === 0 || NAMESPACE_SUBRESOURCES.has(below[0]!)) return named(parts)
  return { namespace, ...named(below) }
}

function named([resource, name, subresource, ...rest]: readonly string[]): Placed {
  return {
    resource: resource!,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    rest,
  }
}
