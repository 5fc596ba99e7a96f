import type { Thing } from './objects.ts'
import { isRecord } from './objects.ts'

/** A resource of the API: what discovery tells of it. */
export interface Kind {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  readonly shortNames?: readonly string[]
  readonly subresources?: readonly string[]
}

const core = (resource: string, kind: string, rest: Partial<Kind> = {}): Kind => ({
  group: '',
  version: 'v1',
  resource,
  kind,
  namespaced: true,
  ...rest,
})

const RBAC = 'rbac.authorization.k8s.io'

/** Built in; custom resource definitions add others. */
export const BUILT_IN: readonly Kind[] = [
  core('namespaces', 'Namespace', { namespaced: false, shortNames: ['ns'] }),
  core('nodes', 'Node', { namespaced: false, shortNames: ['no'] }),
  core('pods', 'Pod', {
    shortNames: ['po'],
    subresources: ['log', 'exec', 'attach', 'portforward', 'eviction', 'proxy'],
  }),
  core('services', 'Service', { shortNames: ['svc'], subresources: ['proxy'] }),
  core('configmaps', 'ConfigMap', { shortNames: ['cm'] }),
  core('secrets', 'Secret'),
  core('events', 'Event', { shortNames: ['ev'] }),
  core('serviceaccounts', 'ServiceAccount', { shortNames: ['sa'], subresources: ['token'] }),
  core('deployments', 'Deployment', {
    group: 'apps',
    shortNames: ['deploy'],
    subresources: ['scale', 'status'],
  }),
  core('roles', 'Role', { group: RBAC }),
  core('rolebindings', 'RoleBinding', { group: RBAC }),
  core('clusterroles', 'ClusterRole', { group: RBAC, namespaced: false }),
  core('clusterrolebindings', 'ClusterRoleBinding', { group: RBAC, namespaced: false }),
  core('selfsubjectaccessreviews', 'SelfSubjectAccessReview', {
    group: 'authorization.k8s.io',
    namespaced: false,
  }),
  core('customresourcedefinitions', 'CustomResourceDefinition', {
    group: 'apiextensions.k8s.io',
    namespaced: false,
    shortNames: ['crd'],
  }),
]

/** The kind that a custom resource definition makes. */
export function kindOfDefinition({ spec }: Thing): Kind | undefined {
  if (!isRecord(spec) || !isRecord(spec['names'])) return undefined
  const { names, group, scope, versions } = spec
  const [version] = Array.isArray(versions) ? (versions as unknown[]) : []
  if (!isRecord(version)) return undefined
  return {
    group: String(group),
    version: String(version['name']),
    resource: String(names['plural']),
    kind: String(names['kind']),
    namespaced: scope === 'Namespaced',
  }
}

export function groupVersion({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`
}
