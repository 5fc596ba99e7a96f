import type { Treatment } from '../../../http/api.ts'
import { isEncoded } from '../../../http/body-facts.ts'
import type { AnswerHead } from '../../../http/head.ts'
import { headerOf } from '../../../http/head.ts'
import { createJsonTransform } from '../../shared/stored-json.ts'
import { BLOB_LEAF_BYTES_MAX } from '../requests/limits.ts'
import type { AnswerContext } from './parts.ts'
import { unprovable } from './parts.ts'
import { chained } from './rewrite.ts'
import { createTextTransform } from './text-mask.ts'

/**
 * A blob's content. Detectors search text, which its type or its name shows it to be; a part of a
 * text is refused, since a cut could go through what they look for. Column masks name fields of JSON
 * (`account/container/blob.json/email`); a content whose fields are not known is refused where one
 * speaks of it.
 */
export function blobTreatment(context: AnswerContext): Treatment {
  const { answer, headers, masks, note, options } = context
  const { object } = note.deed
  const touching = masks.columns.filter(
    (mask) => mask.covers(object) || (mask.touches?.(object) ?? true),
  )
  if (touching.length === 0 && masks.detect.length === 0) return { type: 'pass', headers }
  const type = (headerOf(answer.headers, 'content-type') ?? '').toLowerCase()
  const name = object.at(-1) ?? ''
  const isJson = JSON_TYPE.test(type) || (UNKNOWN_TYPE.test(type) && JSON_NAME.test(name))
  if (touching.length > 0 && (!isJson || touching.some((mask) => mask.covers(object)))) {
    return unprovable('This blob')
  }
  if (PARTS.test(type)) return unprovable('A part of a text')
  if (!isJson && !isText(type, name)) return { type: 'pass', headers }
  const problem = unreadable(type, answer)
  if (problem !== undefined) return unprovable(problem)
  const search = { detect: masks.detect, columns: touching, any: true }
  const fields = createJsonTransform({
    masks: search,
    keys: options.maskKeys,
    leafBytesMax: BLOB_LEAF_BYTES_MAX,
    columns: (path) => [[...object, ...path]],
    keepLength: true,
  })
  const text = createTextTransform(masks.detect, options.maskKeys, isJson)
  const steps = [
    ...(touching.length === 0 ? [] : [fields]),
    ...(masks.detect.length === 0 ? [] : [text]),
  ]
  const length = headerOf(answer.headers, 'content-length')
  return {
    type: 'transform',
    headers,
    body: chained(steps),
    ...(length === undefined ? {} : { length: Number(length) }),
  }
}

/** Why the content cannot be gone through, if it cannot. */
function unreadable(type: string, { status, headers }: AnswerHead): string | undefined {
  if (isEncoded(headers)) {
    return 'A compressed text'
  }
  if (!isUtf8(type)) return 'A text in this character set'
  const isPart = status === 206 && !isWhole(headerOf(headers, 'content-range'))
  return isPart ? 'A part of a text' : undefined
}

const JSON_TYPE = /^[a-z]+\/(?:[\w.-]+\+)?(?:x-)?(?:json|ndjson|jsonl|jsonlines)\b/
const JSON_NAME = /\.(?:json|jsonl|ndjson|geojson)$/i

const TEXT_TYPE =
  /^(?:text\/|[a-z]+\/(?:[\w.-]+\+)?(?:json|xml|yaml)\b|application\/(?:x-)?(?:ndjson|jsonl|jsonlines|json-seq|csv|yaml|toml|sql|javascript|ecmascript|typescript|sh|x-sh|pem-file|pem-certificate-chain|www-form-urlencoded|x-www-form-urlencoded|graphql)\b)/

/** Several ranges in one answer (RFC 9110 section 14.6), whatever they are of. */
const PARTS = /^multipart\/byteranges\b/

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
