import { violation } from '../failure.ts'
import type { HeaderList } from '../head.ts'
import type { Framing, RequestHeaders } from './request-headers.ts'
import { NO_BODY, sortHeaders } from './request-headers.ts'
import { checkMethod, checkTarget, readAuthority } from './request-line.ts'
import { FIELD_VALUE, TOKEN } from './wire-head.ts'
import type { WireRequest } from './wire-request.ts'
import { checkBody } from './wire-request.ts'

const PSEUDO: ReadonlySet<string> = new Set([':method', ':path', ':scheme', ':authority'])

/** They would frame or change the HTTP/1.1 message that the request becomes (RFC 9113 section 8.2.2). */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/**
 * The request that an HTTP/2 header block asks for: names and values in turn, as they came. The
 * library has checked much of this already; what goes on as HTTP/1.1 is checked here all the same.
 * Throws what `sortHeaders` throws.
 */
export function wireRequestOfH2(raw: readonly string[], ended: boolean): WireRequest {
  const pseudo = new Map<string, string>()
  const list: (readonly [string, string])[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!
    const value = raw[at + 1]!
    if (!FIELD_VALUE.test(value) || value !== value.trim()) throw violation(`an odd ${shown(name)}`)
    if (name.startsWith(':')) {
      if (!PSEUDO.has(name) || pseudo.has(name) || list.length > 0)
        throw violation('a pseudo-header')
      pseudo.set(name, value)
    } else {
      list.push(checkedField(name, value))
    }
  }
  const method = pseudo.get(':method') ?? ''
  const target = pseudo.get(':path') ?? ''
  checkMethod(method)
  checkTarget(target)
  if (pseudo.get(':scheme') !== 'https') throw violation('a scheme other than https')
  const sorted = sortHeaders(list)
  const headers = { ...sorted, framing: framingOf(sorted, ended) }
  checkBody(method, headers)
  return { method, target, authority: authorityOf(pseudo.get(':authority'), headers.host), headers }
}

function checkedField(name: string, value: string): readonly [string, string] {
  if (!TOKEN.test(name) || name !== name.toLowerCase()) throw violation('a header name in capitals')
  if (FORBIDDEN.has(name)) throw violation(`${name} has no place in HTTP/2`)
  if (name === 'te' && value !== 'trailers') throw violation('te other than trailers')
  return [name, value]
}

/** `host` beside `:authority` may say nothing else. */
function authorityOf(authority: string | undefined, host: string | undefined): string {
  const chosen = readAuthority(authority ?? host)
  if (host !== undefined && readAuthority(host) !== chosen) {
    throw violation('host and :authority name different hosts')
  }
  return chosen
}

function framingOf({ framing }: RequestHeaders, ended: boolean): Framing {
  if (!ended) return framing.type === 'length' ? framing : { type: 'chunked' }
  if (framing.type === 'length') throw violation('a length without a body')
  return NO_BODY
}

function shown(name: string): string {
  return TOKEN.test(name.replace(/^:/, '')) ? name : 'header'
}

/** Names and values in turn as a list, for messages that are told about. */
export function fieldsOf(headers: HeaderList): Record<string, string | string[]> {
  // A target may call a header `constructor`.
  const fields = Object.create(null) as Record<string, string | string[]>
  for (const [name, value] of headers) {
    const known = fields[name]
    if (known === undefined) fields[name] = value
    else fields[name] = Array.isArray(known) ? [...known, value] : [known, value]
  }
  return fields
}
