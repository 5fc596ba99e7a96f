import type { Denial } from '../../../../core/denial.ts'
import { createTextMasker } from '../../../../mask/mask-text.ts'
import type { Judgement } from '../../../../session/governed.ts'
import type { Treatment } from '../../../http/api.ts'
import { forClients, isEncoded, withoutDigests } from '../../../http/body-facts.ts'
import type { AnswerHead, HeaderList } from '../../../http/head.ts'
import { headerOf } from '../../../http/head.ts'
import type { Origin } from '../../shared/stored-links.ts'
import { links } from '../../shared/stored-links.ts'
import type { StorageMasks } from '../../shared/stored-masks.ts'
import { masksOf } from '../../shared/stored-masks.ts'
import { echoes } from '../requests/deed.ts'
import type { StorageNote, StorageOptions } from '../requests/options.ts'
import { blobTreatment } from './blob.ts'
import { entitiesTreatment } from './entities.ts'
import { messagesTreatment } from './messages.ts'
import type { AnswerContext } from './parts.ts'
import { isJsonType, isXmlType, replacerFor, unprovable } from './parts.ts'
import { chained, createDigestRemover } from './rewrite.ts'
import { createTextTransform } from './text-mask.ts'

/** What becomes of the target's answer: masks, and links to the target made links to the gateway. */
export function storageAnswer(
  note: StorageNote,
  judgement: Judgement,
  answer: AnswerHead,
  client: Origin,
  options: StorageOptions,
): Treatment {
  if (refusesGateway(answer)) return { type: 'refused', denial: targetRefusal() }
  const masks = masksOf(judgement, echoes(note.deed))
  const headers = answerHeaders(answer, masks, client, options)
  const context: AnswerContext = { note, masks, answer, headers, client, options }
  const { status } = answer
  if (status >= 300 || status < 200 || status === NO_CONTENT) return { type: 'pass', headers }
  switch (note.deed.answer) {
    case 'none':
      // A content's hash lets short contents be guessed.
      return { type: 'pass', headers: masks.any ? withoutDigests(headers) : headers }
    case 'listing':
      return listingTreatment(context)
    case 'blob':
      return blobTreatment(context)
    case 'search':
      return masks.any ? unprovable('The result of a query') : { type: 'pass', headers }
    case 'messages':
      return messagesTreatment(context)
    case 'entities':
      return entitiesTreatment(context)
    case 'batch':
      return rewritten(context)
  }
}

const NO_CONTENT = 204

/** The gateway's own credential was not taken: nothing of that is for the agent. */
function refusesGateway({ status, headers }: AnswerHead): boolean {
  if (status === 401) return true
  const code = headerOf(headers, 'x-ms-error-code') ?? ''
  return (
    status === 403 && /^(?:Authorization|Authentication|InvalidAuth|KeyBased|NoAuth)/.test(code)
  )
}

function targetRefusal(): Denial {
  return {
    code: 'TARGET_AUTH',
    message: 'The storage account refused the gateway.',
    hint: "Ask the gateway's operator: its identity or key lacks this access to the account.",
  }
}

/** What the services make themselves; every other header may hold what somebody wrote, as metadata does. */
const OF_SERVICE: ReadonlySet<string> = new Set(
  `accept-ranges connection content-crc64 content-encoding content-length content-md5 content-range date etag
  last-modified server transfer-encoding vary x-ms-access-tier-change-time x-ms-approximate-messages-count
  x-ms-blob-committed-block-count x-ms-blob-content-length x-ms-blob-content-md5 x-ms-blob-sequence-number
  x-ms-content-crc64 x-ms-continuation-nextpartitionkey x-ms-continuation-nextrowkey
  x-ms-continuation-nexttablename x-ms-copy-completion-time x-ms-copy-id x-ms-copy-progress x-ms-creation-time
  x-ms-error-code x-ms-expiry-time x-ms-last-access-time x-ms-lease-id x-ms-popreceipt x-ms-request-id
  x-ms-snapshot x-ms-time-next-visible x-ms-version x-ms-version-id`.split(/\s+/),
)

const URLS: ReadonlySet<string> = new Set(['location', 'dataserviceid', 'x-ms-copy-source'])

function answerHeaders(
  { headers }: AnswerHead,
  { detect }: StorageMasks,
  client: Origin,
  { target, maskKeys }: StorageOptions,
): HeaderList {
  const mask = detect.length === 0 ? undefined : createTextMasker(detect, 'text', maskKeys)
  return forClients(headers).flatMap(([name, value]): HeaderList => {
    if (URLS.has(name)) {
      const url = rewrittenUrl(name, value, target, client)
      return url === undefined ? [] : [[name, url]]
    }
    if (mask === undefined || OF_SERVICE.has(name)) return [[name, value]]
    return [[name, mask(value) ?? '']]
  })
}

/**
 * A source in another account keeps its host, and loses the query that may hold a signature. What
 * clients follow by themselves leads to the gateway or is left out.
 */
function rewrittenUrl(
  name: string,
  value: string,
  target: Origin,
  client: Origin,
): string | undefined {
  for (const [from, to] of links(target, client)) {
    if (value.startsWith(`${from}/`)) return to + value.slice(from.length)
  }
  return name === 'location' ? undefined : value.replace(/\?.*$/s, '')
}

/** Names and metadata are searched by detectors; addresses become the gateway's. */
function listingTreatment(context: AnswerContext): Treatment {
  const { answer, headers, masks, options } = context
  const type = headerOf(answer.headers, 'content-type') ?? ''
  const isRead = options.service === 'table' ? isJsonType(type) : isXmlType(type)
  const isPlain = !isEncoded(answer.headers)
  if (!isRead || !isPlain) return unprovable('An answer in this form')
  if (!masks.any) return rewritten(context)
  const body = chained([
    createDigestRemover(),
    ...(masks.detect.length === 0
      ? []
      : [createTextTransform(masks.detect, options.maskKeys, false)]),
    replacerFor(context),
  ])
  return { type: 'transform', headers, body }
}

function rewritten(context: AnswerContext): Treatment {
  return { type: 'transform', headers: context.headers, body: replacerFor(context) }
}
