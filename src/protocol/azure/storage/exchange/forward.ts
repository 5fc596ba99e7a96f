import type { Judgement } from '../../../../session/governed.ts'
import type { Forward, RequestContext } from '../../../http/api.ts'
import { masksOf } from '../../shared/stored-masks.ts'
import type { Batch } from '../requests/batch.ts'
import { echoes } from '../requests/deed.ts'
import { targetOf } from '../requests/operation.ts'
import type { StorageNote, StorageOptions } from '../requests/options.ts'
import { batchBody, batchBoundary } from './batch-body.ts'

/** What only browsers send, and what would make the target believe something about the client. */
const DROPPED: readonly string[] = [
  'cookie',
  'origin',
  'referer',
  'access-control-request-method',
  'access-control-request-headers',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'date',
  'x-ms-date',
]

/**
 * How an allowed request goes on: path and query written anew from what was judged, sources with the
 * target's own host, and answers asked for in the form that the gateway reads.
 */
export function storageForward(
  { deed, batch }: StorageNote,
  judgement: Judgement,
  { seen }: Pick<RequestContext, 'seen'>,
  options: StorageOptions,
): Forward {
  const target = options.target.prefix + targetOf(deed.call, options)
  const set: (readonly [name: string, value: string])[] = [...deed.set, ...(seen?.condition ?? [])]
  const masks = masksOf(judgement, echoes(deed))
  const isRead = deed.answer !== 'none' && (deed.answer !== 'blob' || masks.any)
  if (isRead) set.push(['accept-encoding', 'identity'])
  if (deed.answer === 'listing' || deed.answer === 'messages') {
    if (options.service !== 'table') set.push(['accept', 'application/xml'])
  }
  if (options.service === 'table' && batch === undefined && !deed.call.query.has('comp')) {
    set.push(['accept', jsonForm(deed.call.headers.get('accept'))])
  }
  if (batch === undefined) return { target, set, drop: DROPPED }
  const shown = masks.any && options.service === 'table' ? withoutEchoes(batch) : batch
  set.push(['content-type', `multipart/mixed; boundary=${batchBoundary(shown)}`])
  return { target, set, drop: DROPPED, body: (authorise) => batchBody(shown, options, authorise) }
}

/** In the answer to a batch no masks apply, so it is asked to bring nothing of entities. */
function withoutEchoes(batch: Batch): Batch {
  const parts = batch.parts.map((part) => {
    const headers = part.headers.filter(([name]) => name.toLowerCase() !== 'prefer')
    return { ...part, headers: [...headers, ['prefer', 'return-no-content'] as const] }
  })
  return { ...batch, parts }
}

/** The metadata level that the client asks for, and never Atom. */
function jsonForm(accept = ''): string {
  const level = /application\/json;\s*odata=(no|minimal|full)metadata/i.exec(accept)?.[1]
  return `application/json;odata=${(level ?? 'minimal').toLowerCase()}metadata`
}
