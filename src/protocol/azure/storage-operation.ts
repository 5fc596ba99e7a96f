import { createHash } from 'node:crypto'
import type { ApiRequest } from '../../http/api.ts'
import type { StorageNote, StorageOptions } from './storage-options.ts'
import type { StorageCall } from './storage-call.ts'
import { encodeSegments } from './storage-copy-source.ts'
import { formatAddress, tableAddress } from './storage-odata.ts'
import { formatQuery } from './storage-target.ts'

/** Path and query below the account, in the one form in which they go on. */
export function targetOf(
  { segments, query }: StorageCall,
  { service }: Pick<StorageOptions, 'service'>,
): string {
  return pathOf(segments, service) + formatQuery(query)
}

function pathOf(segments: readonly string[], service: StorageOptions['service']): string {
  if (service === 'table') {
    const address = tableAddress(segments)
    if (address !== undefined) return formatAddress(address)
  }
  return segments.length === 0 ? '/' : encodeSegments(segments)
}

/** `more` stands below the first line: a batch's requests, or a body that was read. */
export function storageOperation(
  note: StorageNote,
  options: StorageOptions,
  more: string | undefined,
): ApiRequest<StorageNote> {
  const { deed, batch } = note
  const source = deed.call.headers.get('x-ms-copy-source')
  const lines = [
    `${deed.call.method} ${targetOf(deed.call, options)}`,
    ...(source === undefined ? [] : [`x-ms-copy-source: ${source}`]),
    ...(more === undefined ? [] : [more]),
  ]
  return {
    operation: {
      kind: deed.kind,
      fingerprint: fingerprint([deed.kind, ...deed.object.slice(0, 2)]),
      accesses: deed.accesses,
      predicates: deed.predicates,
      results: [],
      copies: deed.copies,
      facts: { statements: batch?.parts.length ?? 1, readOnly: deed.readOnly, hasWhere: true },
    },
    text: lines.join('\n'),
    note,
  }
}

/** Groups what is alike: one operation of the API on one container, queue or table. */
function fingerprint(words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 16)
}
