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
