import { createTextMasker } from '../../../../mask/mask-text.ts'
import type { Treatment } from '../../../http/api.ts'
import { headerOf } from '../../../http/head.ts'
import { createJsonTransform } from '../../shared/stored-json.ts'
import { links } from '../../shared/stored-links.ts'
import { ENTITY_LEAF_BYTES_MAX } from '../requests/limits.ts'
import type { AnswerContext } from './parts.ts'
import { isJsonType, unprovable } from './parts.ts'

/** Properties that show others: an entity's address holds its keys, its ETag the timestamp. */
const SHOWS: Readonly<Record<string, readonly string[]>> = {
  'odata.id': ['PartitionKey', 'RowKey'],
  'odata.editLink': ['PartitionKey', 'RowKey'],
  'odata.etag': ['Timestamp'],
}

const KEY_HEADERS = [
  'x-ms-continuation-nextpartitionkey',
  'x-ms-continuation-nextrowkey',
  'location',
]

/** Entities in JSON: properties that rules name, and whatever the detectors find in the others. */
export function entitiesTreatment(context: AnswerContext): Treatment {
  const { answer, masks, note, options, client } = context
  const { object } = note.deed
  if (!isJsonType(headerOf(answer.headers, 'content-type') ?? '')) {
    return unprovable('An answer in this form')
  }
  const hidesKeys = masks.columns.some((mask) =>
    ['PartitionKey', 'RowKey'].some((name) => mask.covers([...object, name])),
  )
  // The next page begins at an entity that this one does not show.
  const isPage = KEY_HEADERS.some((name) => headerOf(answer.headers, name) !== undefined)
  if (hidesKeys && isPage && note.deed.readOnly) {
    return unprovable('A page of entities whose keys are masked')
  }
  const addresses = links(options.target, client)
  const body = createJsonTransform({
    masks,
    keys: options.maskKeys,
    leafBytesMax: ENTITY_LEAF_BYTES_MAX,
    columns: (path) => {
      const name = path.at(-1) ?? ''
      return [name, ...(SHOWS[name] ?? [])].map((one) => [...object, one])
    },
    ...(masks.detect.length === 0
      ? {}
      : { search: createTextMasker(masks.detect, 'text', options.maskKeys) }),
    link: (text, path) => {
      if (!/^odata\.(?:metadata|id)$/.test(path.at(-1) ?? '')) return undefined
      const found = addresses.find(([from]) => text.startsWith(`${from}/`))
      return found === undefined ? undefined : found[1] + text.slice(found[0].length)
    },
  })
  return { type: 'transform', headers: context.headers, body }
}
