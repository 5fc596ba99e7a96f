import type { Denial } from '../../../../core/denial.ts'
import { refusal } from '../../shared/denial.ts'
import { shown, type StorageCall } from './call.ts'
import { VERSION_MIN } from './limits.ts'

/** Headers of the services that change neither what is touched nor who may. */
const HARMLESS: ReadonlySet<string> = new Set(
  `x-ms-version x-ms-date x-ms-client-request-id x-ms-return-client-request-id x-ms-useragent
  x-ms-client-session-id x-ms-command-name x-ms-range x-ms-lease-id x-ms-lease-duration
  x-ms-lease-break-period x-ms-proposed-lease-id x-ms-blob-content-type x-ms-blob-content-encoding
  x-ms-blob-content-language x-ms-blob-content-md5 x-ms-blob-content-disposition
  x-ms-blob-content-length x-ms-blob-content-crc64 x-ms-blob-cache-control x-ms-content-crc64
  x-ms-access-tier x-ms-rehydrate-priority x-ms-requires-sync x-ms-seal-blob
  x-ms-blob-sequence-number x-ms-sequence-number-action x-ms-if-sequence-number-le
  x-ms-if-sequence-number-lt x-ms-if-sequence-number-eq x-ms-blob-condition-maxsize
  x-ms-blob-condition-appendpos x-ms-encryption-scope x-ms-default-encryption-scope
  x-ms-deny-encryption-scope-override x-ms-range-get-content-md5 x-ms-range-get-content-crc64
  x-ms-expiry-option x-ms-expiry-time x-ms-page-write x-ms-if-tags`.split(/\s+/),
)

/** Never taken: a credential or a key of the agent's own, or a URL that nobody looks into. */
const REFUSED: ReadonlySet<string> = new Set([
  'x-ms-copy-source-authorization',
  'x-ms-encryption-key',
  'x-ms-encryption-key-sha256',
  'x-ms-encryption-algorithm',
  'x-ms-source-encryption-key',
  'x-ms-source-encryption-key-sha256',
  'x-ms-source-encryption-algorithm',
])

/**
 * Undefined if every `x-ms-` header is known to be harmless or is one of those that the operation
 * reads; a header that a newer version of the service brings could mean anything.
 */
export function headerProblem(call: StorageCall, reads: readonly string[]): Denial | undefined {
  for (const name of call.headers.keys()) {
    if (!name.startsWith('x-ms-') || HARMLESS.has(name) || name.startsWith('x-ms-meta-')) continue
    if (REFUSED.has(name)) {
      return refusal(
        `The header ${name} brings a key or a credential.`,
        'Ask without it; for encryption use a scope of the account.',
        'REQUEST_SIGNED',
      )
    }
    if (!reads.includes(name)) {
      return refusal(`The header ${shown(name)} has no place in this request.`, 'Ask without it.')
    }
  }
  return undefined
}

/** A request that says no version, or one from before bearer tokens, may mean something else. */
export function versionProblem(call: StorageCall): Denial | undefined {
  const version = call.headers.get('x-ms-version') ?? ''
  if (/^20\d\d-\d\d-\d\d$/.test(version) && version >= VERSION_MIN) return undefined
  return refusal(
    'The request has no usable x-ms-version.',
    `Send x-ms-version: ${VERSION_MIN} or a later one.`,
  )
}

/** A parameter that nobody here knows could change what the request does. */
export function parameterProblem(
  call: StorageCall,
  allowed: readonly string[],
): Denial | undefined {
  for (const name of call.query.keys()) {
    if (name === 'timeout' || name === 'comp' || name === 'restype' || allowed.includes(name)) {
      continue
    }
    return refusal(`The parameter ${shown(name)} has no place in this request.`, 'Ask without it.')
  }
  return undefined
}

export function unknownOperation({ method, query }: StorageCall): Denial {
  const words = ['restype', 'comp'].flatMap((name) => {
    const value = query.get(name)
    return value === undefined ? [] : [`${name}=${value.slice(0, 32)}`]
  })
  const what = words.length === 0 ? method : `${method} with ${words.join(' and ')}`
  return refusal(
    `${what} is no operation that the gateway knows here.`,
    'Use an operation of the documented API with the parameters and headers that it needs.',
  )
}
