import type { AnswerHead, HeaderList } from './head.ts'
import { headerOf } from './head.ts'

/** Between the gateway and the target: they sign in, keep state, or lead a client elsewhere. */
const OF_TARGET: ReadonlySet<string> = new Set([
  'set-cookie',
  'alt-svc',
  'strict-transport-security',
  'www-authenticate',
  'report-to',
  'nel',
])

/** Headers of an answer that are for the gateway's clients, too. */
export function forClients(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !OF_TARGET.has(name))
}

/** Hashes of the body as the target sent it: one would tell what is masked to whoever guesses. */
const DIGESTS: ReadonlySet<string> = new Set([
  'content-md5',
  'content-crc64',
  'x-ms-content-crc64',
  'x-ms-blob-content-md5',
  'x-ms-structured-body',
  'x-ms-structured-content-length',
  'digest',
  'content-digest',
  'repr-digest',
])

export function withoutDigests(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !DIGESTS.has(name))
}

/** The headers of an answer whose body is changed on its way. */
export function withoutBodyFacts(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !DIGESTS.has(name) && name !== 'content-length')
}

/** Whether the bytes of a body are not the body itself (RFC 9110, section 8.4); unsure is yes. */
export function isEncoded(headers: HeaderList): boolean {
  if (!headers.some(([name]) => name === 'content-encoding')) return false
  return headerOf(headers, 'content-encoding')?.toLowerCase() !== 'identity'
}

/** Whether an answer has no body, by its own head. */
export function hasNoBody({ status, headers }: AnswerHead): boolean {
  return status === 204 || status === 304 || headerOf(headers, 'content-length') === '0'
}
