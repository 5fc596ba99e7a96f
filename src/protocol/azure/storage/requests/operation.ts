import { hash } from 'node:crypto'
import type { ApiRequest } from '../../../http/api.ts'
import type { StorageCall } from './call.ts'
import { encodeSegments } from './copy-source.ts'
import { formatAddress, tableAddress } from './odata.ts'
import type { StorageNote, StorageOptions } from './options.ts'
import { formatQuery } from './target.ts'

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

/** Headers that decide what happens, and hold nothing of the data: approvers have to see them. */
const SHOWN: ReadonlySet<string> = new Set(
  `if-match if-none-match x-ms-access-tier x-ms-blob-content-type x-ms-blob-public-access
  x-ms-blob-type x-ms-copy-action x-ms-copy-source x-ms-copy-source-blob-properties
  x-ms-copy-source-tag-option x-ms-delete-snapshots x-ms-deleted-container-version
  x-ms-encryption-scope x-ms-expiry-option x-ms-expiry-time x-ms-immutability-policy-mode
  x-ms-immutability-policy-until-date x-ms-lease-action x-ms-lease-duration x-ms-legal-hold
  x-ms-page-write x-ms-range x-ms-source-range range`.split(/\s+/),
)

/** What people see of a request: its line as it goes on, and the headers that matter. */
function textOf(call: StorageCall, options: Pick<StorageOptions, 'service'>): string {
  const lines: string[] = []
  for (const [name, value] of call.headers) if (SHOWN.has(name)) lines.push(`${name}: ${value}`)
  lines.sort()
  return [`${call.method} ${targetOf(call, options)}`, ...lines].join('\n')
}

/** `body` stands below the request, where it was read. */
export function storageOperation(
  note: StorageNote,
  options: StorageOptions,
  body: string | undefined,
): ApiRequest<StorageNote> {
  const { deed, batch } = note
  const inner = batch?.parts.map((part) => textOf(part.deed.call, options)) ?? []
  const text = [textOf(deed.call, options), ...inner, ...(body === undefined ? [] : [body])]
  return {
    operation: {
      kind: deed.kind,
      fingerprint: fingerprint([deed.kind, ...deed.object.slice(0, 2)]),
      accesses: deed.accesses,
      predicates: deed.predicates,
      // The rule that allows a change need not be the one that masks what the service compares for it.
      ...(deed.readOnly ? {} : { compares: deed.predicates }),
      results: [],
      copies: deed.copies,
      facts: {
        statements: batch?.parts.length ?? 1,
        readOnly: deed.readOnly,
        hasWhere: true,
        // Of a batch of entities the lines are shown, and not what is written.
        ...(batch !== undefined && options.service === 'table' ? { unseen: ['data'] } : {}),
      },
    },
    text: text.join('\n'),
    note,
  }
}

/** Groups what is alike: one operation of the API on one container, queue or table. */
function fingerprint(words: readonly string[]): string {
  return hash('sha256', JSON.stringify(words), 'hex').slice(0, 16)
}
