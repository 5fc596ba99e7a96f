import type { ObjectPath } from '../../../core/object.ts'
import type { Access, Copy } from '../../../core/operation.ts'
import type { ApiRequest, Reading } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'
import type { Json } from '../json.ts'
import { fieldOf, isList, isObject, textOf } from '../json.ts'
import { BATCH_REQUESTS_MAX } from '../limits.ts'
import { unsupported } from '../refusals.ts'
import { isContinuedQuery, partHead } from '../shared/batch-part.ts'
import type { AzureNote } from '../shared/note.ts'
import { operationOf } from '../shared/operation.ts'
import { requestText, showBatch } from '../shared/request-text.ts'

type ReadOne = (head: RequestHead, body: Buffer | undefined) => Reading<AzureNote>

/**
 * `POST /batch`: every request in it is judged as if it came alone, and all of them must pass. A part
 * that would have to be answered by the gateway, or that follows a link, is refused with the whole.
 */
export function readBatch(head: RequestHead, value: Json, readOne: ReadOne): Reading<AzureNote> {
  const requests = fieldOf(value, 'requests')
  if (head.method !== 'POST' || !isList(requests) || requests.length === 0) {
    return refused('is a batch without requests')
  }
  if (requests.length > BATCH_REQUESTS_MAX) return refused('is a batch of too many requests')
  const accesses: Access[] = []
  const predicates: ObjectPath[] = []
  const copies: Copy[] = []
  const texts: Pick<ApiRequest<AzureNote>, 'text' | 'show'>[] = []
  for (const one of requests) {
    const part = readPart(head, one)
    if (typeof part === 'string') return refused(`is a batch in which ${part}`)
    const reading = readOne(part.head, part.body)
    if (reading.type === 'refused') return reading
    if (reading.type !== 'request') return refused('is a batch in which a request cannot be judged')
    accesses.push(...reading.request.operation.accesses)
    texts.push(reading.request)
    predicates.push(...reading.request.operation.predicates)
    copies.push(...(reading.request.operation.copies ?? []))
  }
  const operation = {
    ...operationOf(head, 'BATCH', accesses, requests.length, predicates),
    copies,
  }
  const note: AzureNote = {
    target: '',
    object: [],
    mixed: accesses.map((one) => one.object),
    list: false,
    reads: false,
  }
  const request = {
    operation,
    text: requestText(head, { value }),
    show: showBatch(head, texts),
    note,
  }
  return { type: 'request', request }
}

const KNOWN: ReadonlySet<string> = new Set([
  'httpmethod',
  'url',
  'relativeurl',
  'name',
  'content',
  'requestheaderdetails',
])

function readPart(head: RequestHead, one: Json): ReturnType<typeof partHead> {
  if (!isObject(one)) return 'a request is no object'
  const odd = Object.keys(one).find((name) => !KNOWN.has(name.toLowerCase()))
  if (odd !== undefined) return 'a request has a field that is not known'
  const details = fieldOf(one, 'requestHeaderDetails')
  // `commandName` is for statistics.
  if (isObject(details) && Object.keys(details).some((name) => !/^commandname$/i.test(name))) {
    return 'a request has headers of its own'
  }
  const url = textOf(one, 'url')
  const relative = textOf(one, 'relativeUrl')
  if ((url === undefined) === (relative === undefined)) return 'a request has no URL, or two'
  const content = fieldOf(one, 'content')
  const part = partHead(head, textOf(one, 'httpMethod') ?? 'GET', url ?? relative!, content)
  if (typeof part !== 'string' && isContinuedQuery(part.head)) return 'a request follows a link'
  return part
}

function refused(what: string): Reading<AzureNote> {
  return { type: 'refused', denial: unsupported(what) }
}
