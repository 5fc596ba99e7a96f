import { ChaperoneError } from '../../../src/core/errors.ts'
import type { ObjectPath } from '../../../src/core/object.ts'
import { readRequestLine } from '../../../src/protocol/http/codec/request-line.ts'
import type { HeaderList } from '../../../src/protocol/http/head.ts'
import { parseTarget } from '../../../src/protocol/http/target/path.ts'
import { kubernetesApi } from '../../../src/protocol/kubernetes/exchange/api.ts'
import type { Discovered } from './discovered.ts'
import type { RequestLine } from './odd-requests.ts'
import type { AuditEvent, ObjectRef } from './server.ts'

/** What a request does. */
export interface Read {
  /** In words of policies. */
  readonly action: string
  readonly object: ObjectPath
  /** What the path says, part by part; absent for what is no resource. */
  readonly path?: string
}

const api = kubernetesApi({ keys: { hashKey: Buffer.alloc(32) } })

/** As the gateway judges it; undefined where it refuses. */
export function byTheGateway(
  { method, target, upgrades }: RequestLine,
  headers: HeaderList = [],
  body?: Buffer,
): Read | undefined {
  let parsed
  try {
    readRequestLine(`${method} ${target} HTTP/1.1`)
    parsed = parseTarget(target, api.path)
  } catch (error) {
    if (error instanceof ChaperoneError) return undefined
    throw error
  }
  const head = {
    method,
    ...parsed,
    headers,
    authority: 'gateway.example',
    prefix: '',
    bodyLength: body?.length ?? 0,
    ...(upgrades ? { upgrade: 'websocket' } : {}),
  }
  const reading = api.read(head, body, { agent: 'a', sessionId: 's' })
  if (reading.type !== 'request') return undefined
  const { operation, note } = reading.request
  const { action, object } = operation.accesses[0]!
  if (note.asked === undefined) return { action, object }
  const { info, verb, name } = note.asked
  const { group, version, resource, subresource } = info
  return {
    action,
    object,
    path: inParts(verb, group, version, resource, subresource, info.name ?? name),
  }
}

const inParts = (...parts: readonly (string | undefined)[]) =>
  parts.map((part = '') => part).join(' | ')

/** The same words, made of what the API server's audit log tells of it. */
export function byTheServer(event: AuditEvent, served: readonly Discovered[]): Read {
  const { verb, objectRef, requestURI } = event
  if (objectRef === undefined) {
    const segments = requestURI
      .replace(/\?.*/, '')
      .split('/')
      .filter((one) => one !== '')
    const action = `k8s.nonresource.${verb === 'head' ? 'get' : verb}`
    return { action, object: ['_cluster', 'nonresource', ...segments.map(decodeURIComponent)] }
  }
  const { apiGroup = '', apiVersion, resource = '', subresource = '' } = objectRef
  const name = nameOf(event, objectRef)
  const whole = apiGroup === '' ? resource : `${resource}.${apiGroup}`
  const object = [placeOf(event, objectRef, served), whole, ...(name === '' ? [] : [name])]
  const called = COLLECTIVE.has(verb) ? '' : objectRef.name
  return {
    action: actionOf(verb, resource, subresource),
    object,
    path: inParts(verb, apiGroup, apiVersion, resource, subresource, called),
  }
}

/** Other views of what they are below: who may read that may read them. */
const SHOWS_THE_OBJECT: ReadonlySet<string> = new Set([
  'status',
  'scale',
  'resize',
  'ephemeralcontainers',
  'approval',
])

function actionOf(verb: string, resource: string, subresource: string): string {
  if (subresource === '') return `k8s.${verb}`
  const shows = verb === 'get' && SHOWS_THE_OBJECT.has(subresource)
  return shows ? 'k8s.get' : `k8s.${resource}.${subresource}`
}

const COLLECTIVE: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])

function nameOf({ verb }: AuditEvent, { subresource, name = '' }: ObjectRef): string {
  // The server names a list after a field selector of its; the gateway judges all that may be in it.
  if (COLLECTIVE.has(verb)) return ''
  if (subresource !== 'proxy') return name
  // `[scheme:]name[:port]`, as Kubernetes' SplitSchemeNamePort takes it apart.
  const parts = name.split(':')
  return (parts.length === 3 ? parts[1] : parts.length === 2 ? parts[0] : name) ?? ''
}

function placeOf(
  { verb, requestURI }: AuditEvent,
  { apiGroup = '', resource, namespace = '', name }: ObjectRef,
  served: readonly Discovered[],
): string {
  const known = served.find((one) => one.resource === resource && one.group === apiGroup)
  const isWithin = /\/namespaces\/[^/]+\//.test(decodeURI(requestURI))
  // A namespace is said to be in itself by the server, and in none by policies.
  const isItself = resource === 'namespaces' && namespace === name
  const isBelow = /\/namespaces\/[^/]+\/namespaces\//.test(decodeURI(requestURI))
  // One that only the body names is dropped where the resource has none.
  const isDropped = verb === 'create' && known?.namespaced === false && !isWithin
  if (namespace !== '' && !isDropped && (!isItself || isBelow)) return namespace
  return COLLECTIVE.has(verb) && known?.namespaced !== false ? '*' : '_cluster'
}
