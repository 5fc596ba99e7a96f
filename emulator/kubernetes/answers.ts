import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubeObject, Objects } from './objects.ts'
import { jsonPatch, mergePatch } from './patches.ts'
import type { JsonOperation } from './patches.ts'
import type { ResourceKind } from './resources.ts'
import { apiVersionOf, discovery, findResource, fullName } from './resources.ts'
import { statusOf } from './status.ts'
import { tableOf } from './table.ts'

export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly body: string
  readonly objects: Objects
}

interface Place {
  readonly kind: ResourceKind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

const PATH =
  /^\/(?:api\/v1|apis\/(?<group>[^/]+)\/v1)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/.))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[^/]+))?)?$/

/** Answers discovery and everything about objects. */
export function answerObjects(asked: Asked): void {
  const { url, request } = asked
  const known = discovery(url.pathname)
  if (known !== undefined && request.method === 'GET') return send(asked, 200, known)
  const place = placeOf(url.pathname)
  if (place === undefined) return fail(asked, 404, 'NotFound', `no such path: ${url.pathname}`)
  if (place.kind.group === 'authorization.k8s.io') return review(asked)
  if (place.name === undefined) return answerCollection(asked, place)
  answerObject(asked, place, place.name)
}

function placeOf(path: string): Place | undefined {
  const groups = PATH.exec(path)?.groups
  if (groups === undefined) return undefined
  const kind = findResource(groups['group'] ?? '', groups['resource']!)
  if (kind === undefined) return undefined
  const { namespace, name, subresource } = groups
  return { kind, namespace, name, subresource }
}

function answerCollection(asked: Asked, { kind, namespace }: Place): void {
  const { request, url, body, objects } = asked
  const resource = fullName(kind)
  if (request.method === 'POST') {
    const object = JSON.parse(body) as KubeObject
    const { name } = object.metadata
    if (objects.get(resource, namespace, name) !== undefined) {
      return fail(asked, 409, 'AlreadyExists', `${resource} "${name}" already exists`)
    }
    const metadata = { ...object.metadata, ...(namespace === undefined ? {} : { namespace }) }
    return send(asked, 201, objects.put(resource, { ...object, metadata }, isDryRun(url)))
  }
  const selector = url.searchParams.get('labelSelector')
  const items = objects.list(resource, namespace, selector)
  if (request.method === 'DELETE') {
    for (const item of items) objects.remove(resource, item)
    return send(asked, 200, statusOf(200, '', 'deleted'))
  }
  if (url.searchParams.get('watch') === 'true') return watch(asked, kind, namespace, items)
  const metadata = { resourceVersion: objects.version() }
  if (wantsTable(request)) return send(asked, 200, tableOf(items, metadata))
  send(asked, 200, { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items })
}

function answerObject(asked: Asked, place: Place, name: string): void {
  const { request, url, body, objects } = asked
  const resource = fullName(place.kind)
  const object = objects.get(resource, place.namespace, name)
  if (object === undefined) return fail(asked, 404, 'NotFound', `${resource} "${name}" not found`)
  if (place.subresource === 'scale') return scale(asked, resource, object)
  switch (request.method) {
    case 'GET':
      return send(asked, 200, wantsTable(request) ? tableOf([object], {}) : object)
    case 'PUT':
      return send(asked, 200, objects.put(resource, JSON.parse(body) as KubeObject, isDryRun(url)))
    case 'PATCH':
      return send(asked, 200, objects.put(resource, patched(asked, object), isDryRun(url)))
    case 'DELETE':
      if (!isDryRun(url)) objects.remove(resource, object)
      return send(asked, 200, object)
    default:
      return fail(asked, 405, 'MethodNotAllowed', 'the method is not allowed')
  }
}

function patched({ request, body }: Asked, object: KubeObject): KubeObject {
  const isJsonPatch = request.headers['content-type'] === 'application/json-patch+json'
  const patch = JSON.parse(body) as never
  const before = object as never
  const after = isJsonPatch
    ? jsonPatch(before, patch as JsonOperation[])
    : mergePatch(before, patch)
  return after as unknown as KubeObject
}

function scale(asked: Asked, resource: string, object: KubeObject): void {
  const { request, url, body, objects } = asked
  const spec = object['spec'] as { readonly replicas?: number }
  const said = request.method === 'GET' ? undefined : (JSON.parse(body) as { spec?: object }).spec
  const changed = { ...object, spec: { ...spec, ...said } }
  if (said !== undefined) objects.put(resource, changed, isDryRun(url))
  const { name, namespace } = object.metadata
  send(asked, 200, {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, resourceVersion: objects.version() },
    spec: changed.spec,
  })
}

function watch(
  { response, objects }: Asked,
  kind: ResourceKind,
  namespace: string | undefined,
  items: readonly KubeObject[],
): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const tell = (type: string, object: KubeObject) =>
    response.write(`${JSON.stringify({ type, object })}\n`)
  for (const item of items) tell('ADDED', item)
  const stop = objects.watch(({ type, resource, object }) => {
    const isHere = namespace === undefined || object.metadata.namespace === namespace
    if (resource === fullName(kind) && isHere) tell(type, object)
  })
  response.once('close', stop)
}

function review(asked: Asked): void {
  const said = JSON.parse(asked.body) as object
  send(asked, 201, { ...said, status: { allowed: true } })
}

function wantsTable({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('as=Table') === true
}

function isDryRun(url: URL): boolean {
  return url.searchParams.get('dryRun') === 'All'
}

function send({ response }: Asked, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function fail(asked: Asked, status: number, reason: string, message: string): void {
  send(asked, status, statusOf(status, reason, message))
}
