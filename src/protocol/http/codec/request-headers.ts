import { tooLarge, unsupported, violation } from '../failure.ts'
import type { Header, HeaderList } from '../head.ts'
import { HEADERS_MAX } from '../limits.ts'

/** How a body is delimited (RFC 9112 section 6). */
export type Framing =
  | { readonly type: 'none' }
  | { readonly type: 'length'; readonly length: number }
  | { readonly type: 'chunked' }

export const NO_BODY: Framing = { type: 'none' }
const CHUNKED: Framing = { type: 'chunked' }

/** What a request's headers say, sorted by who needs it. */
export interface RequestHeaders {
  /** For the API and the target. */
  readonly forward: HeaderList
  readonly host: string | undefined
  /** The same object where a connection brings the same one again. */
  readonly authorization: Header | undefined
  readonly framing: Framing
  readonly close: boolean
  readonly expectsContinue: boolean
  readonly upgrade: string | undefined
  /** The first one that asks for another request: the API says so, once it is known who asks. */
  readonly refused: string | undefined
}

/**
 * What happens to a header: `refuse` where it asks for another request than the one that would be
 * judged; `drop` where it is of this connection, or tells a target what only the gateway may tell.
 */
type Fate = 'drop' | 'refuse' | 'once' | Special
type Special =
  | 'host'
  | 'authorization'
  | 'content-length'
  | 'transfer-encoding'
  | 'connection'
  | 'expect'
  | 'upgrade'

const FATES: ReadonlyMap<string, Fate> = new Map<string, Fate>([
  ['host', 'host'],
  ['authorization', 'authorization'],
  ['content-length', 'content-length'],
  ['transfer-encoding', 'transfer-encoding'],
  ['connection', 'connection'],
  ['expect', 'expect'],
  ['upgrade', 'upgrade'],
  // Of one connection (RFC 9110 section 7.6.1), and of proxies.
  ['keep-alive', 'drop'],
  ['proxy-connection', 'drop'],
  ['proxy-authorization', 'drop'],
  ['proxy-authenticate', 'drop'],
  ['te', 'drop'],
  ['trailer', 'drop'],
  ['http2-settings', 'drop'],
  ['alt-used', 'drop'],
  // Cookies are of browsers; a target's own would belong to the gateway's credential.
  ['cookie', 'drop'],
  // What only a trusted proxy may say.
  ['forwarded', 'drop'],
  ['via', 'drop'],
  ['x-forwarded', 'drop'],
  ['x-real-ip', 'drop'],
  ['x-client-ip', 'drop'],
  ['x-cluster-client-ip', 'drop'],
  ['true-client-ip', 'drop'],
  ['cf-connecting-ip', 'drop'],
  // Another method or another path than the one that is judged.
  ['x-http-method', 'refuse'],
  ['x-http-method-override', 'refuse'],
  ['x-method-override', 'refuse'],
  ['x-original-method', 'refuse'],
  ['x-original-url', 'refuse'],
  ['x-original-uri', 'refuse'],
  ['x-original-host', 'refuse'],
  ['x-rewrite-url', 'refuse'],
  ['x-rewrite-uri', 'refuse'],
  ['x-host', 'refuse'],
  ['x-override-url', 'refuse'],
  // A front proxy of Kubernetes vouches for a user with these.
  ['x-remote-user', 'refuse'],
  ['x-remote-uid', 'refuse'],
  ['x-remote-group', 'refuse'],
  // Two of them would leave it open which one counts.
  ['content-type', 'once'],
  ['content-encoding', 'once'],
  ['content-range', 'once'],
  ['content-md5', 'once'],
  ['range', 'once'],
  ['date', 'once'],
  ['if-range', 'once'],
  ['if-modified-since', 'once'],
  ['if-unmodified-since', 'once'],
  ['user-agent', 'once'],
  ['origin', 'once'],
  ['sec-websocket-key', 'once'],
  ['sec-websocket-version', 'once'],
])

const DROPPED_PREFIX = 'x-forwarded-'
const REFUSED_PREFIX = 'x-remote-extra-'

/** What a client may name in `connection`; any other name would drop a header that was judged. */
const CONNECTION_WORDS: ReadonlySet<string> = new Set([
  'close',
  'keep-alive',
  'upgrade',
  'te',
  'http2-settings',
])

/**
 * Sorts a request's headers. Throws PROTOCOL_VIOLATION for lengths in conflict or written oddly, and
 * repeated headers of which one counts.
 */
export function sortHeaders(headers: HeaderList): RequestHeaders {
  const forward: Header[] = []
  let seen: Set<string> | undefined
  let host: string | undefined
  let authorization: Header | undefined
  let length: string | undefined
  let coding: string | undefined
  let connection = ''
  let expect: string | undefined
  let upgrade: string | undefined
  let refused: string | undefined
  if (headers.length > HEADERS_MAX)
    throw tooLarge('The request has too many headers.', 'Send less.')
  for (const field of headers) {
    const [name, value] = field
    const fate = fateOf(name)
    switch (fate) {
      case undefined:
        forward.push(field)
        break
      case 'drop':
        break
      case 'refuse':
        refused ??= name
        break
      case 'once':
        seen ??= new Set()
        if (seen.has(name)) throw repeated(name)
        seen.add(name)
        forward.push(field)
        break
      case 'host':
        if (host !== undefined) throw repeated(name)
        host = value
        break
      case 'authorization':
        if (authorization !== undefined) throw repeated(name)
        authorization = field
        break
      case 'content-length':
        if (length !== undefined) throw repeated(name)
        length = value
        break
      case 'transfer-encoding':
        if (coding !== undefined) throw repeated(name)
        coding = value
        break
      case 'connection':
        connection = connection === '' ? value : `${connection},${value}`
        break
      case 'expect':
        if (expect !== undefined) throw repeated(name)
        expect = value
        break
      case 'upgrade':
        if (upgrade !== undefined) throw repeated(name)
        upgrade = value
        break
    }
  }
  const words = connectionWords(connection)
  return {
    forward,
    host,
    authorization,
    framing: framingOf(length, coding),
    close: words.includes('close'),
    expectsContinue: expectation(expect),
    upgrade: words.includes('upgrade') ? upgrade?.toLowerCase() : undefined,
    refused,
  }
}

function fateOf(name: string): Fate | undefined {
  const fate = FATES.get(name)
  if (fate !== undefined) return fate
  if (name.startsWith(DROPPED_PREFIX)) return 'drop'
  if (name.startsWith(REFUSED_PREFIX)) return 'refuse'
  // Gateways of the CGI kind read `_` as `-`: what would be special then is refused.
  if (!name.includes('_')) return undefined
  const plain = name.replaceAll('_', '-')
  const special = FATES.has(plain) || plain.startsWith(DROPPED_PREFIX)
  return special || plain.startsWith(REFUSED_PREFIX) ? 'refuse' : undefined
}

function framingOf(length: string | undefined, coding: string | undefined): Framing {
  if (coding !== undefined) {
    if (length !== undefined) throw violation('content-length and transfer-encoding together')
    if (coding.toLowerCase() !== 'chunked') throw violation('a transfer coding other than chunked')
    return CHUNKED
  }
  if (length === undefined) return NO_BODY
  const bytes = parseLength(length)
  if (bytes === undefined) throw violation('the content-length is not a number')
  return bytes === 0 ? NO_BODY : { type: 'length', length: bytes }
}

/** Digits alone, without a sign, a list or zeros in front. */
export function parseLength(text: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined
}

const NO_WORDS: readonly string[] = []

function connectionWords(value: string): readonly string[] {
  if (value === '') return NO_WORDS
  if (CONNECTION_WORDS.has(value)) return [value]
  const words = value
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
  for (const word of words) {
    if (!CONNECTION_WORDS.has(word)) throw violation('connection names a header that it may not')
  }
  return words
}

function expectation(value: string | undefined): boolean {
  if (value === undefined) return false
  if (value.toLowerCase() === '100-continue') return true
  throw unsupported('An expectation that the gateway does not know.', 'Expect 100-continue only.')
}

function repeated(name: string): Error {
  return violation(`the header ${name} stands there twice`)
}
