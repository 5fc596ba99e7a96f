import type { Denial } from '../../../../core/denial.ts'
import type { Access } from '../../../../core/operation.ts'
import { isDenial, refusal } from '../../shared/denial.ts'
import type { Origin } from '../../shared/stored-links.ts'
import type { StorageCall } from './call.ts'
import { storageCall } from './call.ts'
import type { Deed } from './deed.ts'
import type { InnerRequest, Part } from './multipart.ts'
import { boundaryOf, innerRequest, partsOf } from './multipart.ts'
import { parseTarget } from './target.ts'

/** One request of a batch: what it does, and what of it goes on. */
export interface BatchPart {
  readonly id: string | undefined
  readonly deed: Deed
  /** Without the credential, the date and the length, which are written anew. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

export interface Batch {
  readonly parts: readonly BatchPart[]
}

export interface BatchRules {
  readonly origins: readonly Origin[]
  readonly partsMax: number
  /** Operations that the service takes in a batch. */
  readonly kinds: readonly string[]
  /** The container whose batch it is: nothing else may be in it. */
  readonly container?: string
  /** Set for tables: the parts lie inside one change set, and may have bodies. */
  readonly changeSet: boolean
  read(call: StorageCall): Deed | Denial
}

/** Takes a batch apart. One part that is not understood or not allowed here refuses the whole. */
export function readBatch(
  contentType: string | undefined,
  body: Buffer,
  rules: BatchRules,
): Batch | Denial {
  const outer = multipart(contentType, body, rules.partsMax)
  const list = rules.changeSet ? changeSet(outer, rules.partsMax) : outer
  if (list === undefined || list.length === 0) return unreadable()
  const parts: BatchPart[] = []
  for (const part of list) {
    const request = innerRequest(part)
    if (request === undefined) return unreadable()
    const read = readPart(part, request, rules)
    if (isDenial(read)) return read
    parts.push(read)
  }
  return { parts }
}

/** What a batch does, as one operation: everything that its parts do. */
export function batchDeed(kind: string, batch: Batch, call: StorageCall): Deed {
  const deeds = batch.parts.map(({ deed }) => deed)
  const accesses = new Map<string, Access>()
  for (const access of deeds.flatMap((deed) => deed.accesses)) {
    accesses.set(JSON.stringify([access.action, access.object]), access)
  }
  const kinds = [...new Set(deeds.map((deed) => deed.kind))]
  return {
    kind: `${kind}: ${kinds.join('; ')}`,
    accesses: [...accesses.values()],
    predicates: deeds.flatMap((deed) => deed.predicates),
    copies: [],
    readOnly: false,
    answer: 'batch',
    object: deeds[0]!.object,
    call,
    set: [],
  }
}

function multipart(
  contentType: string | undefined,
  body: Buffer,
  partsMax: number,
): readonly Part[] | undefined {
  const boundary = boundaryOf(contentType)
  return boundary === undefined ? undefined : partsOf(body, boundary, partsMax)
}

/** An entity group transaction: one change set and nothing beside it. */
function changeSet(
  outer: readonly Part[] | undefined,
  partsMax: number,
): readonly Part[] | undefined {
  const [only] = outer ?? []
  if (outer?.length !== 1 || only === undefined) return undefined
  return multipart(only.headers.get('content-type'), only.body, partsMax)
}

const REWRITTEN: readonly string[] = [
  'authorization',
  'date',
  'x-ms-date',
  'host',
  'content-length',
  'content-id',
  'connection',
  'user-agent',
]

function readPart(part: Part, request: InnerRequest, rules: BatchRules): BatchPart | Denial {
  const credential = request.headers.find(([name]) => name === 'authorization')?.[1]
  if (credential !== undefined && !/^bearer /i.test(credential)) {
    return refusal(
      'A request of the batch brings its own signature.',
      'Sign in to the gateway with a bearer token.',
      'REQUEST_SIGNED',
    )
  }
  const target = targetOf(request, rules)
  if (target === undefined) {
    return refusal(
      'A request of the batch is for another host or container, or is not written plainly.',
      'Name things of this account by the host that you use for it.',
    )
  }
  const headers = request.headers.filter(([name]) => !REWRITTEN.includes(name))
  const call = storageCall({ method: request.method, headers, ...target })
  if (isDenial(call)) return call
  const deed = rules.read(call)
  if (isDenial(deed)) return deed
  if (!rules.kinds.includes(deed.kind)) {
    return refusal(
      `${deed.kind} has no place in a batch.`,
      `A batch may hold ${rules.kinds.join(', ')}.`,
    )
  }
  if (!rules.changeSet && request.body.length > 0) return unreadable()
  const id = part.headers.get('content-id') ?? idOf(request)
  return { id, deed, headers, body: request.body }
}

/** In a container's batch its name tells the meanings of a path apart; what fits twice is refused. */
function targetOf({ target }: InnerRequest, { origins, container }: BatchRules) {
  const meanings = parseTarget(target, origins)
  if (container === undefined) return meanings[0]
  const fitting = meanings.filter(({ segments }) => segments[0] === container)
  return fitting.length === 1 ? fitting[0] : undefined
}

function idOf(request: InnerRequest): string | undefined {
  return request.headers.find(([name]) => name === 'content-id')?.[1]
}

function unreadable(): Denial {
  return refusal(
    'The batch cannot be taken apart.',
    'Send multipart/mixed with CRLF line ends, without preamble, one request in each part.',
  )
}
