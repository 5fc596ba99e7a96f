import type { Kind } from './kinds.ts'
import { groupVersion } from './kinds.ts'

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Discovery, version and OpenAPI; undefined for every other path. */
export function discovered(kinds: readonly Kind[], path: string): object | string | undefined {
  const segments = path.split('/').filter((one) => one !== '')
  const [root, first, second] = segments
  if (path === '/version')
    return { major: '1', minor: '32', gitVersion: 'v1.32.0', platform: 'emulator' }
  if (/^\/(healthz|livez|readyz)$/.test(path)) return 'ok'
  if (root === 'openapi') return openApi(kinds, segments.slice(1))
  if (root === 'api' && segments.length === 1) {
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
  }
  if (root === 'apis' && segments.length === 1) return groups(kinds)
  if (root === 'api' && segments.length === 2 && first === 'v1') return resources(kinds, '', 'v1')
  if (root === 'apis' && segments.length === 3) return resources(kinds, first!, second!)
  return undefined
}

function groups(kinds: readonly Kind[]): object {
  const names = [...new Set(kinds.filter(({ group }) => group !== '').map(({ group }) => group))]
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: names.map((name) => {
      const version = kinds.find(({ group }) => group === name)!.version
      const one = { groupVersion: `${name}/${version}`, version }
      return { name, versions: [one], preferredVersion: one }
    }),
  }
}

function resources(kinds: readonly Kind[], group: string, version: string): object | undefined {
  const found = kinds.filter((kind) => kind.group === group && kind.version === version)
  if (found.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion({ group, version }),
    resources: found.flatMap(({ resource, kind, namespaced, shortNames, subresources = [] }) => [
      {
        name: resource,
        singularName: kind.toLowerCase(),
        namespaced,
        kind,
        verbs: VERBS,
        shortNames,
      },
      ...subresources.map((name) => ({
        name: `${resource}/${name}`,
        singularName: '',
        namespaced,
        kind: name === 'scale' ? 'Scale' : kind,
        ...(name === 'scale' ? { group: 'autoscaling', version: 'v1' } : {}),
        verbs: ['get', 'create', 'update', 'patch'],
      })),
    ]),
  }
}

/** Enough for `kubectl explain`, and for kubectl to leave validation to the server. */
function openApi(
  kinds: readonly Kind[],
  [version, ...rest]: readonly string[],
): object | undefined {
  if (version !== 'v3') return undefined
  const roots = new Set(kinds.map((kind) => rootOf(kind)))
  if (rest.length === 0) {
    const paths = [...roots].map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }])
    return { paths: Object.fromEntries(paths) as object }
  }
  const root = rest.join('/')
  const found = kinds.filter((kind) => rootOf(kind) === root)
  if (found.length === 0) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.32.0' },
    paths: Object.fromEntries(found.map((kind) => [pathOf(kind), operationsOf(kind)])) as object,
    components: { schemas: Object.fromEntries(found.map((kind) => schemaOf(kind))) as object },
  }
}

function rootOf({ group, version }: Kind): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}

function pathOf(kind: Kind): string {
  const place = kind.namespaced ? 'namespaces/{namespace}/' : ''
  return `/${rootOf(kind)}/${place}${kind.resource}/{name}`
}

function operationsOf(kind: Kind): object {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  }))
  const { group, version, kind: name } = kind
  return {
    patch: { parameters, 'x-kubernetes-group-version-kind': { group, version, kind: name } },
  }
}

function schemaOf({ group, version, kind }: Kind): [string, object] {
  const text = (description: string) => ({ type: 'string', description })
  return [
    `io.emulator.${group === '' ? 'core' : group}.${version}.${kind}`,
    {
      description: `${kind} as the emulator knows it.`,
      type: 'object',
      properties: {
        apiVersion: text('Version of the schema.'),
        kind: text('Name of the schema.'),
        metadata: { type: 'object', description: 'Name, namespace, labels.' },
        spec: { type: 'object', description: 'What is wanted.' },
      },
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
    },
  ]
}
