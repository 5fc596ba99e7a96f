import type { Treatment } from '../../http/api.ts'
import { headerOf } from '../../http/head.ts'
import type { AnswerContext } from './storage-answer-parts.ts'
import { unprovable, withoutDigests } from './storage-answer-parts.ts'
import { createTextTransform } from './storage-text-mask.ts'

/**
 * A blob's content. Detectors search text, which its type or its name shows it to be; a part of a
 * text is refused, since a cut could go through what they look for. Column masks speak of fields,
 * and a content whose fields are not known is refused where one speaks of it.
 */
export function blobTreatment(context: AnswerContext): Treatment {
  const { answer, headers, masks, note, options } = context
  const { object } = note.deed
  const isTouched = masks.columns.some(
    (mask) => mask.covers(object) || (mask.touches?.(object) ?? true),
  )
  if (isTouched) return unprovable('This blob')
  if (masks.detect.length === 0) return { type: 'pass', headers }
  const type = (headerOf(answer.headers, 'content-type') ?? '').toLowerCase()
  if (!isText(type, object.at(-1) ?? '')) return { type: 'pass', headers }
  if ((headerOf(answer.headers, 'content-encoding') ?? 'identity') !== 'identity') {
    return unprovable('A compressed text')
  }
  if (!isUtf8(type)) return unprovable('A text in this character set')
  if (answer.status === 206 && !isWhole(headerOf(answer.headers, 'content-range'))) {
    return unprovable('A part of a text')
  }
  const body = createTextTransform(masks.detect, options.maskKeys, /json/.test(type))
  return { type: 'transform', headers: withoutDigests(headers, true), body }
}

const TEXT_TYPE =
  /^(?:text\/|[a-z]+\/(?:[\w.-]+\+)?(?:json|xml|yaml)\b|application\/(?:x-)?(?:ndjson|jsonl|jsonlines|json-seq|csv|yaml|toml|sql|javascript|ecmascript|typescript|sh|x-sh|pem-file|pem-certificate-chain|www-form-urlencoded|x-www-form-urlencoded|graphql)\b)/

/** What tools call what they do not know. */
const UNKNOWN_TYPE =
  /^(?:|application\/(?:octet-stream|binary|unknown)|binary\/octet-stream)(?:;.*)?$/

const TEXT_NAME =
  /\.(?:txt|text|log|csv|tsv|psv|json|jsonl|ndjson|geojson|xml|ya?ml|toml|ini|cfg|conf|config|env|properties|md|rst|html?|css|m?[jt]sx?|py|rb|go|rs|java|cs|sql|sh|bash|ps1|psm1|bat|cmd|pem|key|crt|cer|csr|pub|tf|tfvars|tfstate|bicep|eml|ics|vcf|svg)$/i

function isText(type: string, name: string): boolean {
  return TEXT_TYPE.test(type) || (UNKNOWN_TYPE.test(type) && TEXT_NAME.test(name))
}

function isUtf8(type: string): boolean {
  const charset = /charset="?([^";\s]+)/.exec(type)?.[1]
  return charset === undefined || /^(?:utf-?8|us-ascii|ascii)$/.test(charset)
}

/** Clients ask for a first piece of many megabytes, and mostly get all there is. */
function isWhole(range: string | undefined): boolean {
  const match = /^bytes 0-(\d+)\/(\d+)$/.exec(range ?? '')
  return match !== null && Number(match[1]) + 1 === Number(match[2])
}
