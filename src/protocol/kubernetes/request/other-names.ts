import type { ObjectPath } from '../../../core/object.ts'

/**
 * Resources that show the same stored objects under another group's name, and their fields that are
 * called otherwise there.
 */
const SAME: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  [
    'events',
    'events.events.k8s.io',
    {
      message: 'note',
      involvedObject: 'regarding',
      source: 'deprecatedSource',
      reportingComponent: 'reportingController',
      firstTimestamp: 'deprecatedFirstTimestamp',
      lastTimestamp: 'deprecatedLastTimestamp',
      count: 'deprecatedCount',
    },
  ],
  ['deployments.apps', 'deployments.extensions', {}],
  ['daemonsets.apps', 'daemonsets.extensions', {}],
  ['replicasets.apps', 'replicasets.extensions', {}],
  ['ingresses.networking.k8s.io', 'ingresses.extensions', {}],
  ['networkpolicies.networking.k8s.io', 'networkpolicies.extensions', {}],
]

/** Fields of a resource that say the same: what was applied as `stringData` is stored as `data`. */
const SAME_FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  secrets: { data: 'stringData', stringData: 'data' },
}

/** Other paths of the same thing: a mask that names one of them is meant for all. */
export function otherNames([namespace = '', resource = '', ...rest]: ObjectPath): ObjectPath[] {
  const [name, field, ...inner] = rest
  const named = name === undefined ? [] : [name]
  const path = (other: string, fields: Readonly<Record<string, string>>) => {
    const renamed = field === undefined ? [] : [fields[field] ?? field]
    return [namespace, other, ...named, ...renamed, ...inner]
  }
  const others = SAME.flatMap(([one, other, fields]) => {
    if (resource === one) return [path(other, fields)]
    return resource === other ? [path(one, reversed(fields))] : []
  })
  // A `Scale` shows the selector of whatever it is of.
  if (field === 'status' && inner[0] === 'selector') {
    others.push([namespace, resource, ...named, 'spec', ...inner])
  }
  const fields = SAME_FIELDS[resource]
  return fields === undefined ? others : [...others, path(resource, fields)]
}

function reversed(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([one, other]) => [other, one]))
}
