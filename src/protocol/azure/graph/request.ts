import type { ObjectPath } from '../../../core/object.ts'
import type { Access } from '../../../core/operation.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { ApiRequest, Asker, Reading } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'
import type { Json } from '../json.ts'
import { fieldOf, isList, isObject, textOf } from '../json.ts'
import { BATCH_REQUESTS_MAX } from '../limits.ts'
import { denial, notGiven, unsupported } from '../refusals.ts'
import { required } from '../required.ts'
import { partHead } from '../shared/batch-part.ts'
import type { AzureNote } from '../shared/note.ts'
import { operationOf, predicatesOf, predicatesOfExpand } from '../shared/operation.ts'
import type { AzureOptions } from '../shared/options.ts'
import { isContinued } from '../shared/polling.ts'
import { headProblem, saysJson, targetOf } from '../shared/request-head.ts'
import type { BodyParts } from '../shared/request-text.ts'
import { requestText, requestTexts, showBatch } from '../shared/request-text.ts'
import { readWhole } from '../shared/whole-body.ts'
import { secretsOfGraph } from '../shown/graph-places.ts'
import { ESCALATE, UNLISTED } from '../words.ts'
import { readExpand } from './expand.ts'
import { raisesBy } from './fields.ts'
import { graphAccesses, graphOperation } from './operation.ts'
import type { GraphPath } from './path.ts'
import { readGraphPath } from './path.ts'

type Read = Reading<AzureNote>

/** Reads a request to Microsoft Graph. */
export function readGraph(
  head: RequestHead,
  body: Buffer | undefined,
  asker: Asker,
  { links, keys }: Pick<AzureOptions, 'links' | 'keys'>,
): Read {
  const problem = headProblem(head)
  if (problem !== undefined) return { type: 'refused', denial: problem }
  if (head.segments.some((one) => one === '' || /[%?#\\/]|^\.+$/.test(one))) {
    return refused('has a path that two readers may understand differently')
  }
  const followed = links.find(asker, targetOf(head))
  if (isContinued(head) && followed === undefined) return { type: 'refused', denial: notGiven() }
  if (head.segments.length === 2 && head.segments[1]!.toLowerCase() === '$batch') {
    return readWhole(head, body, (value) => readBatch(head, value, keys))
  }
  return readOne(head, body, keys)
}

function readOne(head: RequestHead, body: Buffer | undefined, keys: MaskKeys): Read {
  const path = readGraphPath(head.segments)
  if (typeof path === 'string') return refused(`cannot be read: ${path}`)
  if (isAboutGateway(path)) return { type: 'refused', denial: noMe() }
  const operation = graphOperation(head.method, path)
  if (operation === undefined) return refused(`has the method ${head.method}`)
  const expanded = expandedBy(head, path)
  if (typeof expanded === 'string')
    return refused(`has an $expand that cannot be read: ${expanded}`)
  const accesses = [...graphAccesses(operation, path), ...expanded]
  if (head.bodyLength === 0) return request(head, path, operation.action, accesses, keys)
  if (!saysJson(head)) {
    // Pictures and files: what they hold cannot be told.
    return request(
      head,
      path,
      operation.action,
      [...accesses, required(UNLISTED, path.object)],
      keys,
    )
  }
  return readWhole(head, body, (value) =>
    request(head, path, operation.action, [...accesses, ...accessesOfBody(path, value)], keys, {
      value,
    }),
  )
}

function request(
  head: RequestHead,
  path: GraphPath,
  kind: string,
  accesses: readonly Access[],
  keys: MaskKeys,
  body?: { value: Json },
): Read {
  const predicates = [...predicatesOf(head, path.object), ...expandedPredicates(head, path)]
  const operation = operationOf(head, kind, accesses, 1, predicates)
  const reads = accesses.every(({ action }) => action.endsWith('/read'))
  const note = { target: targetOf(head), object: path.object, list: reads, reads }
  const { object } = path
  const covers: BodyParts['covers'] = (mask, inside) => mask.covers([...object, ...inside])
  const texts = requestTexts(head, body, { secrets: secretsOfGraph, covers, keys })
  return { type: 'request', request: { operation, ...texts, note } }
}

/** Whoever asks for `me` would be told about the gateway's own identity. */
function isAboutGateway({ types }: GraphPath): boolean {
  return types[0]?.toLowerCase() === 'me'
}

function noMe() {
  return denial(
    'REQUEST_UNSUPPORTED',
    'The request asks about itself, and would be told about the gateway.',
    'Name the thing by its id: /v1.0/servicePrincipals/ID instead of /v1.0/me.',
  )
}

/** What `$expand` reads beside: every relation is a read of its own. */
function expandedBy({ parameters }: RequestHead, { types, object }: GraphPath) {
  const expansions = readExpand(expandOf(parameters))
  if (typeof expansions === 'string') return expansions
  return expansions.map((path) =>
    required(`${['Microsoft.Graph', ...types, ...path].join('/')}/read`, [...object, ...path]),
  )
}

/** Conditions on what is expanded tell of its fields as others do. */
function expandedPredicates({ parameters }: RequestHead, { object }: GraphPath) {
  const text = expandOf(parameters)
  const expansions = readExpand(text)
  if (typeof expansions === 'string') return []
  return predicatesOfExpand(
    text,
    expansions.map((path) => [...object, ...path]),
  )
}

function expandOf(parameters: RequestHead['parameters']): string {
  return parameters.find(([name]) => /^\$?expand$/i.test(name))?.[1] ?? ''
}

/** `members@odata.bind` and its kind change relations in passing. */
function accessesOfBody({ types, object }: GraphPath, body: Json): readonly Access[] {
  if (!isObject(body)) return []
  const rises = Object.keys(body).some((name) => raisesBy(types.at(-1)!, name))
  const raised = rises ? [required(ESCALATE, object)] : []
  const related = Object.keys(body).flatMap((name) => {
    const [, relation] = /^([A-Za-z0-9]+)@odata\.bind$/i.exec(name) ?? []
    if (relation === undefined) return []
    const operation = {
      action: `${['Microsoft.Graph', ...types, relation.toLowerCase()].join('/')}/write`,
      object: [...object, relation.toLowerCase()],
      effect: 'write' as const,
    }
    return graphAccesses(operation, { types: [...types, relation], object: operation.object })
  })
  return [...raised, ...related]
}

/** `POST /$batch`: every request in it is judged as if it came alone, and all of them must pass. */
function readBatch(head: RequestHead, value: Json, keys: MaskKeys): Read {
  const requests = fieldOf(value, 'requests')
  if (head.method !== 'POST' || !isList(requests) || requests.length === 0) {
    return refused('is a batch without requests')
  }
  if (requests.length > BATCH_REQUESTS_MAX) return refused('is a batch of too many requests')
  const accesses: Access[] = []
  const predicates: ObjectPath[] = []
  const texts: Pick<ApiRequest<AzureNote>, 'text' | 'show'>[] = []
  for (const one of requests) {
    const part = readPart(head, one)
    if (typeof part === 'string') return refused(`is a batch in which ${part}`)
    const reading = readOne(part.head, part.body, keys)
    if (reading.type === 'refused') return reading
    if (reading.type !== 'request') return refused('is a batch in which a request cannot be judged')
    accesses.push(...reading.request.operation.accesses)
    texts.push(reading.request)
    predicates.push(...reading.request.operation.predicates)
  }
  const operation = operationOf(head, 'BATCH', accesses, requests.length, predicates)
  const note = {
    target: targetOf(head),
    object: [],
    mixed: accesses.map((one) => one.object),
    list: false,
    reads: false,
  }
  return {
    type: 'request',
    request: { operation, text: requestText(head, { value }), show: showBatch(head, texts), note },
  }
}

const KNOWN: ReadonlySet<string> = new Set(['id', 'method', 'url', 'headers', 'body', 'dependson'])
const PART_HEADERS = /^(content-type|consistencylevel|prefer|if-match|if-none-match|accept)$/i

function readPart(head: RequestHead, one: Json): ReturnType<typeof partHead> {
  if (!isObject(one)) return 'a request is no object'
  if (Object.keys(one).some((name) => !KNOWN.has(name.toLowerCase()))) {
    return 'a request has a field that is not known'
  }
  const headers = fieldOf(one, 'headers')
  if (isObject(headers) && Object.keys(headers).some((name) => !PART_HEADERS.test(name))) {
    return 'a request has a header that is not served'
  }
  const body = fieldOf(one, 'body')
  if (body !== undefined && body !== null && !isObject(body) && !isList(body)) {
    return 'a request has a body that is not JSON'
  }
  const url = textOf(one, 'url') ?? ''
  const absolute = `/${head.segments[0]!}${url.startsWith('/') ? '' : '/'}${url}`
  const part = partHead(head, textOf(one, 'method') ?? '', absolute, body)
  if (typeof part !== 'string' && isContinued(part.head)) return 'a request follows a link'
  return part
}

function refused(what: string): Read {
  return { type: 'refused', denial: unsupported(what) }
}
