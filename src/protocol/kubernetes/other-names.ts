import type { ObjectPath } from '../../core/object.ts'

/**
 * Resources that show the same stored objects under another group's name, and their fields that are
 * called otherwise there.
 */
const SAME: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  [
    'events',
    'events.events.k8s.io',
    { message: 'note', involvedObject: 'regarding', source: 'deprecatedSource' },
  ],
  ['deployments.apps', 'deployments.extensions', {}],
  ['daemonsets.apps', 'daemonsets.extensions', {}],
  ['replicasets.apps', 'replicasets.extensions', {}],
  ['ingresses.networking.k8s.io', 'ingresses.extensions', {}],
  ['networkpolicies.networking.k8s.io', 'networkpolicies.extensions', {}],
]

/** Other paths of the same thing: a mask that names one of them is meant for all. */
export function otherNames([namespace = '', resource = '', ...rest]: ObjectPath): ObjectPath[] {
  const [name, field, ...inner] = rest
  return SAME.flatMap(([one, other, fields]) => {
    if (resource !== one && resource !== other) return []
    const renamed = field === undefined ? [] : [renamedField(field, fields, resource === one)]
    const start = name === undefined ? [] : [name]
    return [[namespace, resource === one ? other : one, ...start, ...renamed, ...inner]]
  })
}

function renamedField(
  field: string,
  fields: Readonly<Record<string, string>>,
  forth: boolean,
): string {
  const found = Object.entries(fields).find((pair) => pair[forth ? 0 : 1] === field)
  return found?.[forth ? 1 : 0] ?? field
}
