import { isUtf8 } from 'node:buffer'
import type { HttpApi, Reading } from '../../../http/api.ts'
import type { RequestHead } from '../../../http/head.ts'
import { staleAnswer } from '../../shared/conditions.ts'
import { isDenial, refusal } from '../../shared/denial.ts'
import { showUnder } from '../../shared/preview-mask.ts'
import type { Origin } from '../../shared/stored-links.ts'
import { storageAnswer } from '../answers/answer.ts'
import { storageRefusal } from '../answers/refusal.ts'
import { batchDeed, readBatch } from '../requests/batch.ts'
import { blobDeed } from '../requests/blob.ts'
import type { StorageCall, StorageService } from '../requests/call.ts'
import { storageCall } from '../requests/call.ts'
import {
  headerProblem,
  parameterProblem,
  unknownOperation,
  versionProblem,
} from '../requests/headers.ts'
import {
  BATCH_BYTES_MAX,
  BLOB_BATCH_PARTS_MAX,
  SHOWN_BODY_BYTES_MAX,
  TABLE_BATCH_PARTS_MAX,
  TABLE_BODY_BYTES_MAX,
} from '../requests/limits.ts'
import { storageOperation } from '../requests/operation.ts'
import type { StorageNote, StorageOptions } from '../requests/options.ts'
import { queueDeed } from '../requests/queue.ts'
import { tableDeed } from '../requests/table.ts'
import { storageForward } from './forward.ts'
import { storagePreview } from './preview.ts'

/** The Blob, Queue or Table service of Azure Storage behind the gateway. */
export function storageApi(options: StorageOptions): HttpApi<StorageNote> {
  const { service, challenge } = options
  return {
    protocol: 'azure',
    // The services take `a%2Fb` for `a/b`; both are divided before anything is judged.
    path: { emptySegments: false, encodedSlashes: true },
    read: (head, body) => read(head, body, options),
    prepare: (request, judgement, context) =>
      storageForward(request.note, judgement, context, options),
    answer: (request, judgement, answer, context) =>
      staleAnswer(answer, context) ??
      storageAnswer(request.note, judgement, answer, originOf(context.head), options),
    refuse: (denial, head) => storageRefusal(service, challenge, denial, head),
    preview: ({ note }, body, call, judgement) =>
      storagePreview(note, body, call, options, showUnder(judgement, options.maskKeys)),
  }
}

/** How this client writes the account. */
function originOf({ authority, prefix }: RequestHead): Origin {
  return { authority, prefix }
}

function read(
  head: RequestHead,
  body: Buffer | undefined,
  options: StorageOptions,
): Reading<StorageNote> {
  const segments = head.segments.length === 1 && head.segments[0] === '' ? [] : head.segments
  const call = storageCall({ ...head, segments })
  if (isDenial(call)) return { type: 'refused', denial: call }
  const problem = versionProblem(call) ?? delegationProblem(call)
  if (problem !== undefined) return { type: 'refused', denial: problem }
  const origins = [originOf(head), options.target]
  if (isBatch(call, options.service)) return readWhole(asBatch(call), body, origins, options)
  const deed = deedOf(call, body, origins, options)
  if (deed === 'needs-body') return { type: 'body', bytesMax: TABLE_BODY_BYTES_MAX }
  if (isDenial(deed)) return { type: 'refused', denial: deed }
  if (SHOWN_BODIES.has(deed.kind) && body === undefined) {
    return { type: 'body', bytesMax: SHOWN_BODY_BYTES_MAX }
  }
  if (body !== undefined && !isUtf8(body)) {
    return { type: 'refused', denial: refusal('The body is no text.', 'Send it in UTF-8.') }
  }
  return { type: 'request', request: storageOperation({ deed }, options, body?.toString('utf8')) }
}

/** What they do stands in their bodies: who approves or audits them has to read those. */
const SHOWN_BODIES: ReadonlySet<string> = new Set([
  'SetContainerAcl',
  'SetQueueAcl',
  'SetTableAcl',
  'SetBlobServiceProperties',
  'SetQueueServiceProperties',
  'SetTableServiceProperties',
])

function deedOf(
  call: StorageCall,
  body: Buffer | undefined,
  origins: readonly Origin[],
  { account, service, target }: StorageOptions,
): ReturnType<typeof tableDeed> {
  if (service === 'blob') return blobDeed(call, { name: account, origins, target })
  if (service === 'queue') return queueDeed(call, account)
  return tableDeed(call, account, body)
}

/** Whoever has such a key signs access for others, which nobody sees being used. */
function delegationProblem({ query }: StorageCall): ReturnType<typeof versionProblem> {
  if (query.get('comp')?.toLowerCase() !== 'userdelegationkey') return undefined
  return refusal(
    'A user delegation key would make shared access signatures.',
    'Use the gateway for every request; give others agents of their own.',
    'REQUEST_SIGNED',
  )
}

function isBatch({ segments, query }: StorageCall, service: StorageService): boolean {
  if (service === 'table') return segments.length === 1 && segments[0] === '$batch'
  return service === 'blob' && query.get('comp') === 'batch'
}

/** With path-style addresses the JavaScript SDK takes the account for a container. */
function asBatch(call: StorageCall): StorageCall {
  if (call.segments.length > 0 || call.query.get('restype') !== 'container') return call
  return { ...call, query: new Map([...call.query].filter(([name]) => name !== 'restype')) }
}

function readWhole(
  call: StorageCall,
  body: Buffer | undefined,
  origins: readonly Origin[],
  options: StorageOptions,
): Reading<StorageNote> {
  const problem = outerProblem(call, options.service)
  if (problem !== undefined) return { type: 'refused', denial: problem }
  if (body === undefined) return { type: 'body', bytesMax: BATCH_BYTES_MAX }
  const [container] = call.segments
  const batch = readBatch(call.headers.get('content-type'), body, {
    origins,
    ...(options.service === 'blob' ? BLOB_BATCH : TABLE_BATCH),
    ...(container === undefined || options.service === 'table' ? {} : { container }),
    read: (inner) => {
      const deed = deedOf(inner, undefined, origins, options)
      return deed === 'needs-body' ? unknownOperation(inner) : deed
    },
  })
  if (isDenial(batch)) return { type: 'refused', denial: batch }
  const deed = batchDeed(options.service === 'blob' ? 'BlobBatch' : 'EntityGroup', batch, call)
  return { type: 'request', request: storageOperation({ deed, batch }, options, undefined) }
}

const BLOB_BATCH = {
  partsMax: BLOB_BATCH_PARTS_MAX,
  kinds: [
    'DeleteBlob',
    'DeleteBlobSnapshot',
    'DeleteBlobVersion',
    'SetBlobTier',
    'SetBlobTierSnapshot',
    'SetBlobTierVersion',
  ],
  changeSet: false,
}

const TABLE_BATCH = {
  partsMax: TABLE_BATCH_PARTS_MAX,
  kinds: [
    'InsertEntity',
    'ReplaceEntity',
    'MergeEntity',
    'InsertOrReplaceEntity',
    'InsertOrMergeEntity',
    'DeleteEntity',
  ],
  changeSet: true,
}

function outerProblem(
  call: StorageCall,
  service: StorageService,
): ReturnType<typeof versionProblem> {
  const { method, segments, query } = call
  const restype = query.get('restype')
  const fits =
    service === 'table'
      ? restype === undefined && !query.has('comp')
      : segments.length === 0
        ? restype === undefined
        : segments.length === 1 && restype === 'container'
  if (method !== 'POST' || !fits) return unknownOperation(call)
  return parameterProblem(call, []) ?? headerProblem(call, [])
}
