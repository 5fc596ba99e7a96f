import type { Kind } from './kinds.ts'
import { BUILT_IN, groupVersion, kindOfDefinition } from './kinds.ts'
import type { Thing } from './objects.ts'
import { ApiProblem, isRecord } from './objects.ts'
import { patched } from './patch.ts'
import type { Place } from './path.ts'
import type { Store } from './store.ts'
import { tableOf } from './table.ts'

/** One request as the verbs need it. */
export interface Call {
  readonly method: string
  readonly query: URLSearchParams
  readonly accept: string
  readonly contentType: string
  readonly body: unknown
}

export function kindsOf(store: Store): readonly Kind[] {
  const definitions = BUILT_IN.find(({ resource }) => resource === 'customresourcedefinitions')!
  const custom = store.list(definitions, undefined).map(kindOfDefinition)
  return [...BUILT_IN, ...custom.filter((one) => one !== undefined)]
}

/** Answers what is no stream. */
export function answerCall(store: Store, place: Place, call: Call): object {
  const { kind, name, subresource } = place
  if (kind.resource === 'selfsubjectaccessreviews') {
    return {
      ...(call.body as object),
      status: { allowed: true, reason: 'the emulator allows all' },
    }
  }
  if (subresource === 'scale') return scaled(store, place, call)
  if (subresource === 'token') return { kind: 'TokenRequest', status: { token: 'canary-token' } }
  if (subresource === 'eviction') return removed(store, found(store, place), kind, call)
  if (subresource !== undefined && !WHOLE.has(subresource)) throw notFound(place)
  switch (call.method) {
    case 'GET':
      return name === undefined
        ? listed(store, place, call)
        : shown(kind, call, found(store, place))
    case 'POST':
      return shown(kind, call, created(store, place, call))
    case 'PUT':
      return shown(kind, call, put(store, place, call, call.body as Thing))
    case 'PATCH':
      return shown(kind, call, changed(store, place, call))
    case 'DELETE':
      return name === undefined
        ? allRemoved(store, place, call)
        : removed(store, found(store, place), kind, call)
    default:
      throw new ApiProblem(405, 'MethodNotAllowed', 'the server does not allow this method')
  }
}

/** Subresources that are the object itself, of which only a part may be changed. */
const WHOLE: ReadonlySet<string> = new Set(['status', 'resize', 'ephemeralcontainers'])

export function wantsTable({ accept }: Call): boolean {
  return accept.includes('as=Table')
}

function shown(kind: Kind, call: Call, thing: Thing): object {
  return wantsTable(call) ? tableOf(kind, [thing], thing.metadata.resourceVersion ?? '') : thing
}

/** Objects that a list is about: of its namespace, and by its selectors. */
export function selects({ query }: Call, { metadata }: Thing): boolean {
  const fields = (query.get('fieldSelector') ?? '').split(',').filter((one) => one !== '')
  const labels = (query.get('labelSelector') ?? '').split(',').filter((one) => one !== '')
  const field = (term: string) => term.replace('==', '=').split('=')
  return (
    fields.every(
      (term) => field(term)[0] !== 'metadata.name' || field(term)[1] === metadata.name,
    ) && labels.every((term) => metadata.labels?.[field(term)[0]!] === field(term)[1])
  )
}

function listed(store: Store, { kind, namespace }: Place, call: Call): object {
  const things = store.list(kind, namespace).filter((one) => selects(call, one))
  const version = String(store.version())
  if (wantsTable(call)) return tableOf(kind, things, version)
  return {
    kind: `${kind.kind}List`,
    apiVersion: groupVersion(kind),
    metadata: { resourceVersion: version },
    items: things,
  }
}

function found(store: Store, place: Place): Thing {
  const thing = store.find(place.kind, place.namespace, place.name!)
  if (thing === undefined) throw notFound(place)
  return thing
}

export function notFound({ kind, name }: Place): ApiProblem {
  const what = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
  return new ApiProblem(404, 'NotFound', `${what} "${name ?? ''}" not found`)
}

function created(store: Store, place: Place, call: Call): Thing {
  const { body } = call
  if (!isRecord(body) || !isRecord(body['metadata'])) throw invalid('the body has no metadata')
  const { generateName, name = `${String(generateName)}x7k2p` } = body['metadata']
  if (store.find(place.kind, place.namespace, String(name)) !== undefined) {
    throw new ApiProblem(
      409,
      'AlreadyExists',
      `${place.kind.resource} "${String(name)}" already exists`,
    )
  }
  return put(store, { ...place, name: String(name) }, call, body as Thing)
}

function changed(store: Store, place: Place, call: Call): Thing {
  const before = store.find(place.kind, place.namespace, place.name!)
  if (before === undefined && !call.contentType.startsWith('application/apply-patch')) {
    throw notFound(place)
  }
  return put(store, place, call, patched(before, call.body, call.contentType) as Thing)
}

function put(store: Store, { kind, namespace, name }: Place, call: Call, object: Thing): Thing {
  if (object.kind !== kind.kind || object.apiVersion !== groupVersion(kind)) {
    throw invalid(`the object is no ${kind.kind} of ${groupVersion(kind)}`)
  }
  const { metadata } = object
  if ((metadata.name ?? name) !== name || (metadata.namespace ?? namespace) !== namespace) {
    throw invalid('the name or namespace of the object is not that of the path')
  }
  const before = store.find(kind, namespace, name)
  if (
    before !== undefined &&
    kind.resource === 'pods' &&
    !isEqual(before['spec'], object['spec'])
  ) {
    const spec = JSON.stringify(before['spec'])
    throw new ApiProblem(422, 'Invalid', `Pod "${name}" is invalid: spec: Forbidden: ${spec}`)
  }
  const manager = call.query.get('fieldManager') ?? 'unknown'
  const whole = {
    ...encoded(object),
    metadata: {
      ...metadata,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      managedFields: [{ manager, operation: 'Update', fieldsV1: { 'f:metadata': {} } }],
    },
  }
  return store.put(kind, whole, call.query.get('dryRun') === 'All')
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** `stringData` of a Secret becomes `data`. */
function encoded(object: Thing): Thing {
  const { stringData, ...rest } = object
  if (object.kind !== 'Secret' || !isRecord(stringData)) return object
  const texts = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(String(text)).toString('base64'),
  ])
  const data = { ...(isRecord(rest['data']) ? rest['data'] : {}), ...Object.fromEntries(texts) }
  return { ...rest, data }
}

/** Options in a body take the place of those in the query, as they do in the real one. */
function isDryRun({ query, body }: Call): boolean {
  if (isRecord(body)) return Array.isArray(body['dryRun']) && body['dryRun'].includes('All')
  return query.get('dryRun') === 'All'
}

function removed(store: Store, thing: Thing, kind: Kind, call: Call): object {
  if (!isDryRun(call)) store.remove(kind, thing)
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
}

function allRemoved(store: Store, { kind, namespace }: Place, call: Call): object {
  const things = store.list(kind, namespace).filter((one) => selects(call, one))
  for (const thing of things) if (!isDryRun(call)) store.remove(kind, thing)
  return { kind: `${kind.kind}List`, apiVersion: groupVersion(kind), metadata: {}, items: things }
}

function scaled(store: Store, place: Place, call: Call): object {
  const thing = found(store, place)
  const spec = isRecord(thing['spec']) ? thing['spec'] : {}
  const { name, namespace, resourceVersion } = thing.metadata
  const scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, resourceVersion },
    spec: { replicas: spec['replicas'] ?? 1 },
    status: { replicas: spec['replicas'] ?? 1, selector: selectorIn(spec) },
  }
  if (call.method === 'GET') return scale
  const wanted = call.method === 'PATCH' ? patched(scale, call.body, call.contentType) : call.body
  const { replicas } = (wanted as typeof scale).spec
  const { resourceVersion: _old, ...metadata } = thing.metadata
  const next = { ...thing, metadata, spec: { ...spec, replicas } }
  store.put(place.kind, next, call.query.get('dryRun') === 'All')
  return { ...scale, spec: { replicas } }
}

/** `app=web,tier=front`, as a Scale writes the labels of a selector. */
function selectorIn({ selector }: Record<string, unknown>): string {
  const labels =
    isRecord(selector) && isRecord(selector['matchLabels']) ? selector['matchLabels'] : {}
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',')
}

function invalid(message: string): ApiProblem {
  return new ApiProblem(400, 'BadRequest', message)
}
