import { tooLarge, violation } from '../failure.ts'
import type { HeaderList } from '../head.ts'
import { HEAD_BYTES_MAX, HEADERS_MAX } from '../limits.ts'
import type { RequestHeaders } from './request-headers.ts'
import { sortHeaders } from './request-headers.ts'
import { readAuthority, readRequestLine } from './request-line.ts'
import type { HeadRules, WireHead } from './wire-head.ts'

/** A request as both protocols bring it to the pipeline: its form is checked, nothing is judged. */
export interface WireRequest {
  readonly method: string
  /** Origin form. */
  readonly target: string
  readonly authority: string
  readonly headers: RequestHeaders
}

export const REQUEST_RULES: HeadRules = {
  bytesMax: HEAD_BYTES_MAX,
  headersMax: HEADERS_MAX,
  violation: (what) => violation(what),
  tooLarge: () => tooLarge("The request's head is too large.", 'Send fewer or shorter headers.'),
}

/** Methods whose bodies mean nothing: a target that does not read one takes it for a request. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The request that an HTTP/1.1 head asks for. Throws what `sortHeaders` throws. */
export function wireRequest({ startLine, headers: list }: WireHead): WireRequest {
  const { method, target } = readRequestLine(startLine)
  const headers = sortHeaders(list)
  checkBody(method, headers)
  return { method, target, authority: readAuthority(headers.host), headers }
}

export function checkBody(method: string, headers: RequestHeaders): void {
  if (headers.framing.type === 'none') return
  if (BODILESS.has(method)) throw violation(`${method} with a body`)
  if (headers.upgrade !== undefined) throw violation('an upgrade with a body')
}

/** The one value of a header among those that go on. */
export function valueOf(headers: HeaderList, name: string): string | undefined {
  for (const [one, value] of headers) if (one === name) return value
  return undefined
}
