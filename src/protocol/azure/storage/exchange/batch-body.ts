import { createHash } from 'node:crypto'
import type { TargetAuthority } from '../../../http/api.ts'
import type { Batch, BatchPart } from '../requests/batch.ts'
import type { ComposedPart } from '../requests/multipart.ts'
import { composeMultipart, composeRequest } from '../requests/multipart.ts'
import { targetOf } from '../requests/operation.ts'
import type { StorageOptions } from '../requests/options.ts'

/** The same for the same batch, and found in none of its parts. */
export function batchBoundary(batch: Batch): string {
  const hash = createHash('sha256')
  for (const { deed, body } of batch.parts) {
    hash.update(`${deed.kind} ${JSON.stringify(deed.call.segments)} ${body.length}`).update(body)
  }
  return `batch_${hash.digest('hex').slice(0, 40)}`
}

/**
 * The batch as it goes to the target, made anew from what was judged. Each request for a blob is
 * authorised on its own; a change set of entities is authorised as a whole.
 */
export async function batchBody(
  batch: Batch,
  options: StorageOptions,
  authorise: TargetAuthority['headers'],
): Promise<Buffer> {
  const boundary = batchBoundary(batch)
  const parts: ComposedPart[] = []
  for (const part of batch.parts) {
    const body =
      options.service === 'table'
        ? entityRequest(part, options)
        : await blobRequest(part, options, authorise)
    parts.push({ headers: partHeaders(part), body })
  }
  if (options.service === 'blob') return composeMultipart(parts, boundary)
  const inner = boundary.replace('batch', 'changeset')
  const changeSet = {
    headers: [['Content-Type', `multipart/mixed; boundary=${inner}`]] as const,
    body: composeMultipart(parts, inner),
  }
  return composeMultipart([changeSet], boundary)
}

function partHeaders({ id }: BatchPart): ComposedPart['headers'] {
  return [
    ['Content-Type', 'application/http'],
    ['Content-Transfer-Encoding', 'binary'],
    ...(id === undefined ? [] : [['Content-ID', id] as const]),
  ]
}

async function blobRequest(
  { deed, headers }: BatchPart,
  options: StorageOptions,
  authorise: TargetAuthority['headers'],
): Promise<Buffer> {
  const { authority: host, prefix } = options.target
  const { method } = deed.call
  const target = prefix + targetOf(deed.call, options)
  const own = [...headers, ['content-length', '0'] as const]
  const authority = await authorise({ method, host, target, headers: own })
  return composeRequest({ method, target, headers: [...own, ...authority], body: Buffer.alloc(0) })
}

function entityRequest({ deed, headers, body }: BatchPart, options: StorageOptions): Buffer {
  const { authority, prefix } = options.target
  const target = `https://${authority}${prefix}${targetOf(deed.call, options)}`
  const length = body.length === 0 ? [] : [['content-length', String(body.length)] as const]
  return composeRequest({
    method: deed.call.method,
    target,
    headers: [...headers, ...length],
    body,
  })
}
