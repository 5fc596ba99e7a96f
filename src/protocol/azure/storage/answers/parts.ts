import type { Denial } from '../../../../core/denial.ts'
import type { BodyTransform, Treatment } from '../../../http/api.ts'
import type { AnswerHead, HeaderList } from '../../../http/head.ts'
import type { Origin } from '../../shared/stored-links.ts'
import { links } from '../../shared/stored-links.ts'
import type { StorageMasks } from '../../shared/stored-masks.ts'
import type { StorageNote, StorageOptions } from '../requests/options.ts'
import { createReplacer } from './rewrite.ts'

/** Everything that the treatments of answers share. */
export interface AnswerContext {
  readonly note: StorageNote
  readonly masks: StorageMasks
  readonly answer: AnswerHead
  /** The answer's headers, without what must not go on. */
  readonly headers: HeaderList
  /** How the client writes the account. */
  readonly client: Origin
  readonly options: StorageOptions
}

export function unprovable(what: string): Treatment {
  const denial: Denial = {
    code: 'MASK_UNPROVABLE',
    message: `${what} cannot be shown while a rule masks what it may hold.`,
    hint: 'Read the whole thing in a text form that the gateway understands, or ask for another rule.',
  }
  return { type: 'refused', denial }
}

/** Without the headers that speak of the body as the target sent it. */
export function withoutDigests(headers: HeaderList, keepLength: boolean): HeaderList {
  return headers.filter(([name]) => !DIGESTS.has(name) && (keepLength || name !== 'content-length'))
}

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

export function isXmlType(type: string): boolean {
  return /^application\/xml(?:;\s*charset=utf-8)?$/i.test(type)
}

export function isJsonType(type: string): boolean {
  return /^application\/json(?:;[^,]*)?$/i.test(type)
}

/**
 * Only where the services write addresses themselves: quotation marks and angle brackets are escaped
 * in everything that comes from data, so that none of these can stand in a name or a value.
 */
export function replacerFor({ client, options }: AnswerContext): BodyTransform {
  const places =
    options.service === 'table'
      ? ['"odata.metadata":"', '"odata.id":"', 'Location: ', 'DataServiceId: ']
      : ['ServiceEndpoint="', '<CopySource>']
  return createReplacer(
    links(options.target, client).flatMap(([from, to]) =>
      places.map((place) => [`${place}${from}`, `${place}${to}`] as const),
    ),
  )
}
