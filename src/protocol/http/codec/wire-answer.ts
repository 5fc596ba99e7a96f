import { targetViolation } from '../failure.ts'
import type { AnswerHead, Header, HeaderList } from '../head.ts'
import { ANSWER_HEAD_BYTES_MAX, HEADERS_MAX } from '../limits.ts'
import { parseLength } from './request-headers.ts'
import type { HeadRules, WireHead } from './wire-head.ts'

export const ANSWER_RULES: HeadRules = {
  bytesMax: ANSWER_HEAD_BYTES_MAX,
  headersMax: HEADERS_MAX,
  violation: targetViolation,
  tooLarge: () => targetViolation('its head is too large'),
}

/** How an answer's body ends; `close`: with the connection. */
export type AnswerFraming =
  | { readonly type: 'none' }
  | { readonly type: 'length'; readonly length: number }
  | { readonly type: 'chunked' }
  | { readonly type: 'close' }

export interface WireAnswer {
  /** Without headers of the connection and without cookies; a length as the target wrote it stays. */
  readonly head: AnswerHead
  readonly framing: AnswerFraming
  /** The connection is good for another request. */
  readonly reusable: boolean
  /** The protocol that the target changed to, with status 101. */
  readonly upgrade: string | undefined
}

const LINE = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: .*)?$/

/** Of the connection, of other ways to the target, or of browsers' state that nobody here keeps. */
const DROPPED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'transfer-encoding',
  'trailer',
  'te',
  'upgrade',
  'alt-svc',
  'set-cookie',
  'set-cookie2',
  'http2-settings',
  'chaperone-session',
])

/** What the head of a target's answer says (RFC 9112 sections 4 and 6.3). Throws TARGET_PROTOCOL. */
export function wireAnswer({ startLine, headers }: WireHead, method: string): WireAnswer {
  const [, minor, digits] = LINE.exec(startLine) ?? []
  if (digits === undefined) throw targetViolation('its first line is no status line')
  const status = Number(digits)
  const kept: Header[] = []
  let length: string | undefined
  let coding: string | undefined
  let connection = ''
  let upgrade: string | undefined
  for (const field of headers) {
    const [name, value] = field
    if (name === 'content-length') {
      if (length !== undefined && length !== value) throw targetViolation('it has two lengths')
      if (length === undefined) kept.push(field)
      length = value
    } else if (name === 'transfer-encoding') {
      coding = coding === undefined ? value : `${coding},${value}`
    } else if (name === 'connection') {
      connection += `${value.toLowerCase()},`
    } else if (name === 'upgrade') {
      upgrade = value.toLowerCase()
    } else if (!DROPPED.has(name)) {
      kept.push(field)
    }
  }
  const framing = framingOf({ status, method, length, coding })
  return {
    head: { status, headers: withoutNamed(kept, connection) },
    framing,
    reusable:
      minor === '1' &&
      framing.type !== 'close' &&
      !connection.includes('close') &&
      // One that says so of a body there cannot be may send it all the same (RFC 9112 section 6.1).
      !(status === 204 && (coding !== undefined || Number(length ?? 0) !== 0)),
    upgrade: status === 101 ? upgrade : undefined,
  }
}

function framingOf(facts: {
  readonly status: number
  readonly method: string
  readonly length: string | undefined
  readonly coding: string | undefined
}): AnswerFraming {
  const { status, method, coding } = facts
  if (coding !== undefined && facts.length !== undefined) {
    throw targetViolation('it has a length and is chunked')
  }
  const length = facts.length === undefined ? undefined : parseLength(facts.length)
  if (facts.length !== undefined && length === undefined) {
    throw targetViolation('its length is not a number')
  }
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return { type: 'none' }
  if (coding !== undefined) {
    if (coding.toLowerCase() === 'chunked') return { type: 'chunked' }
    throw targetViolation('a transfer coding other than chunked')
  }
  if (length === undefined) return { type: 'close' }
  return length === 0 ? { type: 'none' } : { type: 'length', length }
}

/** Headers that `connection` names are of the connection too. */
function withoutNamed(headers: HeaderList, connection: string): HeaderList {
  if (connection === '' || connection === 'keep-alive,') return headers
  const named = new Set(connection.split(',').map((word) => word.trim()))
  for (const word of ['', 'close', 'keep-alive', 'upgrade']) named.delete(word)
  return named.size === 0 ? headers : headers.filter(([name]) => !named.has(name))
}

/** Trailers that may go on: nothing that frames, routes, or was already said in the head. */
export function passingTrailers(trailers: HeaderList): HeaderList {
  return trailers.filter(([name]) => !DROPPED.has(name) && !NOT_IN_TRAILERS.has(name))
}

const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'www-authenticate',
  'location',
  'host',
  'authorization',
  'cache-control',
  'date',
  'age',
  'vary',
])
