import type { Denial } from '../../../../core/denial.ts'
import type { HeaderList } from '../../../http/head.ts'
import { refusal } from '../../shared/denial.ts'
import { SEGMENT_CHARACTERS_MAX, SEGMENTS_MAX } from './limits.ts'

export type StorageService = 'blob' | 'queue' | 'table'

/** One request to a storage service, taken apart; also one request inside a batch. */
export interface StorageCall {
  readonly method: string
  /** Below the account; decoded, and divided at encoded slashes too. */
  readonly segments: readonly string[]
  /** By name in lower case, as the services compare them; none occurs twice. */
  readonly query: ReadonlyMap<string, string>
  /** By name; those that mean something to the services occur once. */
  readonly headers: ReadonlyMap<string, string>
}

export interface RawCall {
  readonly method: string
  readonly segments: readonly string[]
  readonly query: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly headers: HeaderList
}

/** What every request has to be, whatever it asks for. */
export function storageCall(raw: RawCall): StorageCall | Denial {
  const segments = raw.segments.flatMap((segment) => segment.split('/'))
  const query = queryOf(raw)
  if ('code' in query) return query
  const headers = headersOf(raw.headers)
  if ('code' in headers) return headers
  const problem = segments.length > SEGMENTS_MAX || segments.some((one) => !isPlainSegment(one))
  if (problem) {
    return refusal('The path can be read in more than one way.', 'Use a name without empty parts.')
  }
  return { method: raw.method, segments, query, headers }
}

/**
 * A part of a name that every reader takes as it stands: not empty, no dots at its end (the service
 * warns of them, and front ends cut them off), no backslash, no control character.
 */
export function isPlainSegment(segment: string): boolean {
  if (segment === '' || segment.length > SEGMENT_CHARACTERS_MAX || segment.endsWith('.'))
    return false
  return !UNSAFE.test(segment) && segment.isWellFormed()
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\\\ufffd\ufeff]/

/**
 * Parameters of shared access signatures, of service, account and user delegation kind. Any one of
 * them is enough: a request has no other use for them.
 */
const SIGNATURE_PARAMETERS: ReadonlySet<string> = new Set(
  (
    'sv sig se st sp sr spr sip si ss srt ses tn spk srk epk erk sdd saoid suoid scid sduoid skoid ' +
    'sktid skt ske sks skv skdutid srh srq rscc rscd rsce rscl rsct'
  ).split(' '),
)

export function isSignatureParameter(name: string): boolean {
  return SIGNATURE_PARAMETERS.has(name.toLowerCase())
}

export function signatureRefusal(where: string): Denial {
  return refusal(
    `A shared access signature stands in ${where}.`,
    'Ask without one: the gateway signs in to the account itself.',
    'REQUEST_SIGNED',
  )
}

function queryOf({ query, parameters }: RawCall): Map<string, string> | Denial {
  if (query.includes('+') || query.includes(';')) {
    return refusal(
      'The query holds a "+" or ";", which can be read in more than one way.',
      'Write %2B, %3B, or %20 for a blank.',
    )
  }
  const found = new Map<string, string>()
  for (const [name, value] of parameters) {
    const key = name.toLowerCase()
    if (isSignatureParameter(key)) return signatureRefusal('the query')
    if (found.has(key)) {
      return refusal(`The query names ${shown(key)} twice.`, 'Name each parameter once.')
    }
    if (!value.isWellFormed() || value.includes('\0')) {
      return refusal(`The value of ${shown(key)} is no text.`, 'Encode it as UTF-8.')
    }
    found.set(key, value)
  }
  return found
}

const METHOD_OVERRIDES: readonly string[] = [
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
]

function headersOf(headers: HeaderList): Map<string, string> | Denial {
  const found = new Map<string, string>()
  for (const [name, value] of headers) {
    if (METHOD_OVERRIDES.includes(name)) {
      return refusal(`The header ${name} asks for another method.`, 'Use the method itself.')
    }
    if (name === 'authorization') {
      return refusal(
        'An Authorization header stands where none belongs.',
        'Sign in to the gateway with a bearer token, once.',
        'REQUEST_SIGNED',
      )
    }
    if (found.has(name) && isDecisive(name)) {
      return refusal(`The header ${shown(name)} occurs twice.`, 'Send it once.')
    }
    found.set(name, value)
  }
  return found
}

function isDecisive(name: string): boolean {
  return /^(?:x-ms-|if-|content-|range$|prefer$|dataserviceversion$|maxdataserviceversion$)/.test(
    name,
  )
}

/** A name that came from outside, short enough to be told. */
export function shown(name: string): string {
  return name.length > 64 ? `${name.slice(0, 61)}...` : name
}
