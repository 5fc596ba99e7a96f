import type { RequestHead } from '../../http/head.ts'
import { PARAMETERS_MAX, SEGMENTS_MAX, TARGET_BYTES_MAX } from '../../http/limits.ts'
import type { Json } from '../json.ts'
import { isContinued } from './polling.ts'
import { headProblem } from './request-head.ts'

export interface Part {
  readonly head: RequestHead
  readonly body: Buffer | undefined
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'PATCH', 'POST', 'DELETE', 'HEAD'])

/**
 * A request inside a batch as if it had come alone, or in words why it is none. Its URL must be a path:
 * an absolute one may lead elsewhere, with the gateway's credential.
 */
export function partHead(
  outer: RequestHead,
  method: string,
  url: string,
  content: Json | undefined,
): Part | string {
  const upper = method.toUpperCase()
  if (!METHODS.has(upper)) return 'a request has a method that is not known'
  if (url.length > TARGET_BYTES_MAX) return tooLong
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (!/^\/[^/\\]/.test(url) || /[\u0000-\u0020\u007f-\uffff\\#]/.test(url)) {
    return 'a request has an URL that is no plain path'
  }
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  const query = at < 0 ? '' : url.slice(at + 1)
  const segments = segmentsOf(path)
  if (segments === undefined) return 'a request has a path that two readers may differ about'
  const parameters = [...new URLSearchParams(query)]
  if (segments.length > SEGMENTS_MAX || parameters.length > PARAMETERS_MAX) return tooLong
  const body =
    content === undefined || content === null ? undefined : Buffer.from(JSON.stringify(content))
  const head: RequestHead = {
    ...outer,
    method: upper,
    path,
    segments,
    query,
    parameters,
    headers: body === undefined ? [] : [['content-type', 'application/json']],
    bodyLength: body?.length ?? 0,
  }
  if (headProblem(head) !== undefined) return 'a request has a head that would be refused alone'
  if (query.includes('%') && !isDecodable(query)) return 'a request has a query that is not encoded'
  return { head, body }
}

/** The bounds of a request that comes alone are those of a part. */
const tooLong = 'a request has an URL that would be too long alone'

export function isContinuedQuery(head: RequestHead): boolean {
  return isContinued(head)
}

function segmentsOf(path: string): readonly string[] | undefined {
  if (/%2f|%5c/i.test(path)) return undefined
  try {
    const segments = path.slice(1).split('/').map(decodeURIComponent)
    const isOdd = segments.some(
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      (one) => one === '' || /^\.{1,2}$|[\u0000-\u001f\u007f%?#\\/]/.test(one),
    )
    return isOdd ? undefined : segments
  } catch {
    return undefined
  }
}

function isDecodable(query: string): boolean {
  try {
    decodeURIComponent(query.replaceAll('+', ' '))
    return true
  } catch {
    return false
  }
}
