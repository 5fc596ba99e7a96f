import type { Kind } from './kinds.ts'

/** What a path names. */
export interface Place {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/** Undefined for paths of no resource that is known. */
export function placeOf(kinds: readonly Kind[], path: string): Place | undefined {
  const match =
    /^\/(?:api\/(?<core>v1)|apis\/(?<group>[^/]+)\/(?<version>[^/]+))(?:\/namespaces\/(?<namespace>[^/]+)(?=\/(?!status|finalize)))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[^/]+)(?:\/.*)?)?)?$/.exec(
      path,
    )
  if (match === null) return undefined
  const { core, group = '', version = core, namespace, resource, name, subresource } = match.groups!
  const kind = kinds.find(
    (one) => one.group === group && one.version === version && one.resource === resource,
  )
  return kind === undefined ? undefined : { kind, namespace, name, subresource }
}
