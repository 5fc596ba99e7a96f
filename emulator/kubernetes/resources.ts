/** The resources that the emulator has. */
export interface ResourceKind {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  readonly shortNames?: readonly string[]
}

const kind = (
  group: string,
  resource: string,
  name: string,
  namespaced = true,
  shortNames: readonly string[] = [],
): ResourceKind => ({ group, version: 'v1', resource, kind: name, namespaced, shortNames })

export const RESOURCES: readonly ResourceKind[] = [
  kind('', 'pods', 'Pod', true, ['po']),
  kind('', 'secrets', 'Secret'),
  kind('', 'configmaps', 'ConfigMap', true, ['cm']),
  kind('', 'serviceaccounts', 'ServiceAccount', true, ['sa']),
  kind('', 'namespaces', 'Namespace', false, ['ns']),
  kind('', 'nodes', 'Node', false, ['no']),
  kind('apps', 'deployments', 'Deployment', true, ['deploy']),
  kind('rbac.authorization.k8s.io', 'rolebindings', 'RoleBinding'),
  kind('authorization.k8s.io', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', false),
  kind('example.com', 'widgets', 'Widget'),
]

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

export function findResource(group: string, resource: string): ResourceKind | undefined {
  return RESOURCES.find((one) => one.group === group && one.resource === resource)
}

/** `deployments.apps`. */
export function fullName({ group, resource }: ResourceKind): string {
  return group === '' ? resource : `${resource}.${group}`
}

export function apiVersionOf({ group, version }: ResourceKind): string {
  return group === '' ? version : `${group}/${version}`
}

/** What discovery says at a path; undefined for any other path. */
export function discovery(path: string): object | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  if (path === '/version') return { major: '1', minor: '34', gitVersion: 'v1.34.0-emulator' }
  if (path === '/api/v1') return resourceList('', 'v1')
  const groups = [...new Set(RESOURCES.map(({ group }) => group))].filter((one) => one !== '')
  if (path === '/apis') {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) }
  }
  const [, root, group = '', version] = path.split('/')
  if (root !== 'apis' || !groups.includes(group)) return undefined
  return version === undefined ? groupOf(group) : resourceList(group, `${group}/${version}`)
}

function groupOf(name: string) {
  const version = { groupVersion: `${name}/v1`, version: 'v1' }
  return { name, versions: [version], preferredVersion: version }
}

function resourceList(group: string, groupVersion: string) {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: RESOURCES.filter((one) => one.group === group).map((one) => ({
      name: one.resource,
      singularName: one.kind.toLowerCase(),
      namespaced: one.namespaced,
      kind: one.kind,
      verbs: VERBS,
      shortNames: one.shortNames,
    })),
  }
}
