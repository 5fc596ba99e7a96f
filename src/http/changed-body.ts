import type { Denial } from '../core/denial.ts'
import type { HeaderList } from './head.ts'
import { headerOf } from './head.ts'

/** What speaks of the body as the target sent it: a hash would tell what is masked to whoever guesses. */
const OF_BODY: ReadonlySet<string> = new Set([
  'content-length',
  'content-md5',
  'content-crc64',
  'x-ms-content-crc64',
  'x-ms-blob-content-md5',
  'digest',
  'content-digest',
  'repr-digest',
])

/** The headers of an answer whose body is changed on its way. */
export function withoutBodyFacts(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !OF_BODY.has(name))
}

export function isEncoded(headers: HeaderList): boolean {
  if (!headers.some(([name]) => name === 'content-encoding')) return false
  return headerOf(headers, 'content-encoding')?.toLowerCase() !== 'identity'
}

export const ENCODED: Denial = {
  code: 'MASK_UNPROVABLE',
  message: 'The answer is compressed, and a rule masks what it holds.',
  hint: 'Ask the author of the policy; the target compresses although it was asked not to.',
}
