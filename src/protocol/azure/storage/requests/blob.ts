import type { Denial } from '../../../../core/denial.ts'
import type { ObjectPath } from '../../../../core/object.ts'
import type { Access, Copy } from '../../../../core/operation.ts'
import { isDenial, refusal } from '../../shared/denial.ts'
import type { BlobAccount } from './blob-extras.ts'
import { blobExtras } from './blob-extras.ts'
import type { BlobRow } from './blob-rows.ts'
import { BLOB_ROWS } from './blob-rows.ts'
import type { StorageCall } from './call.ts'
import { isContainerName } from './copy-source.ts'
import type { Deed } from './deed.ts'
import { isReadOnly, storageAccess } from './deed.ts'
import { headerProblem, parameterProblem, unknownOperation } from './headers.ts'

/**
 * What a request to the blob service does. What is in no row of the table is refused, and so is
 * every parameter and header that its row does not know.
 */
export function blobDeed(call: StorageCall, account: BlobAccount): Deed | Denial {
  const level = levelOf(call)
  if (typeof level !== 'string') return level
  const row = BLOB_ROWS.find((one) => fits(one, level, call))
  if (row === undefined) return unknownOperation(call)
  const problem =
    parameterProblem(call, row.parameters ?? []) ?? headerProblem(call, row.headers ?? [])
  if (problem !== undefined) return problem
  const object = row.at === 'account' ? [account.name] : [account.name, ...call.segments]
  const extras = blobExtras(call, row, object, account)
  if (isDenial(extras)) return extras
  const read =
    row.kind === 'ListBlobs' ? [...object, ...folderOf(call.query.get('prefix'))] : object
  const accesses: Access[] = [storageAccess(`blobServices/${row.action}`, read), ...extras.accesses]
  return {
    kind: row.kind + versionSuffix(call, row),
    accesses,
    predicates: [],
    copies: keepsContent(row, call) ? [...extras.copies, around(object)] : extras.copies,
    readOnly: isReadOnly(accesses),
    answer: row.answer ?? 'none',
    object: read,
    call,
    set: extras.set,
  }
}

/** Operations that write a part and keep what else there is. */
const PARTIAL: ReadonlySet<string> = new Set([
  'PutBlockList',
  'PutPage',
  'PutPageFromUrl',
  'AppendBlock',
  'AppendBlockFromUrl',
  'IncrementalCopyBlob',
])

/** Blobs of which others write the next parts behind what is written now. */
const GROWING = /^(?:AppendBlob|PageBlob)$/

function keepsContent({ kind }: BlobRow, { headers }: StorageCall): boolean {
  return PARTIAL.has(kind) || GROWING.test(headers.get('x-ms-blob-type') ?? '')
}

/** Fields come to stand somewhere else where something is written around them: `{"w":` and `}`. */
function around(object: ObjectPath): Copy {
  return { from: object, to: object, whole: true, defined: true }
}

type Level = 'account' | 'container' | 'blob'

function levelOf({ segments, query }: StorageCall): Level | Denial {
  const [container] = segments
  if (container === undefined) return 'account'
  if (!isContainerName(container)) {
    return refusal('The path names no container.', 'Write /container/blob, with $root where it is.')
  }
  if (segments.length > 1) return 'blob'
  const restype = query.get('restype')
  if (restype === 'container' || restype === 'account') return 'container'
  // A single name without a type of resource is a blob of $root to the service.
  return refusal(
    'A path with one name can mean a container or a blob of $root.',
    'Send restype=container, or write /$root/blob.',
  )
}

function fits(row: BlobRow, level: Level, call: StorageCall): boolean {
  return (
    (row.at === level || row.at === 'anywhere') &&
    row.methods.includes(call.method) &&
    row.restype === call.query.get('restype') &&
    row.comp === call.query.get('comp') &&
    (row.needs === undefined || row.needs.every((name) => names(call, name))) &&
    !row.lacks?.some((name) => names(call, name))
  )
}

function names({ query, headers }: StorageCall, name: string): boolean {
  return headers.has(name) || query.has(name)
}

/** A listing below a prefix reads the names in that folder; an unfinished name is cut off. */
function folderOf(prefix = ''): ObjectPath {
  const folders = prefix.split('/').slice(0, -1)
  const odd = folders.findIndex((one) => one === '')
  return odd < 0 ? folders : folders.slice(0, odd)
}

/** Old versions are other contents of the same object, which a condition may want to know. */
function versionSuffix({ query }: StorageCall, row: BlobRow): string {
  if (query.has('snapshot')) return 'Snapshot'
  return query.has('versionid') && row.needs === undefined ? 'Version' : ''
}
