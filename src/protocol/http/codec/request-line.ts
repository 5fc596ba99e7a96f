import { tooLarge, unsupported, violation } from '../failure.ts'
import { TARGET_BYTES_MAX } from '../limits.ts'

export interface RequestLine {
  readonly method: string
  /** In origin form. */
  readonly target: string
}

const LINE = /^(\S+) (\S+) (HTTP\/\d\.\d)$/
const METHOD = /^[A-Z][A-Z-]{0,30}$/
/** Nothing else has a place in a target; `#` and `\` are refused with the rest. */
const TARGET = /^\/[!-"$-[\]-~]*$/

/** Reads a request line (RFC 9112 section 3): one space between its parts, HTTP/1.1, origin form. */
export function readRequestLine(line: string): RequestLine {
  const [, method, target, version] = LINE.exec(line) ?? []
  if (method === undefined || target === undefined) throw violation('the request line is not one')
  if (version !== 'HTTP/1.1')
    throw unsupported('Only HTTP/1.1 and HTTP/2 are spoken here.', 'Speak one.')
  checkMethod(method)
  checkTarget(target)
  return { method, target }
}

export function checkMethod(method: string): void {
  if (!METHOD.test(method)) throw violation('the method is not an upper-case word')
  if (method === 'CONNECT' || method === 'TRACE') {
    throw unsupported(`The method ${method} is not taken.`, 'Ask the resource itself.')
  }
}

/** Only the origin form: an authority in the target could be another than that of `host`. */
export function checkTarget(target: string): void {
  if (target.length > TARGET_BYTES_MAX)
    throw tooLarge('The path and query are too long.', 'Shorten it.')
  if (!TARGET.test(target)) throw violation('the target is not a plain path and query')
}

/** `host` or `host:port`; no user, no path, nothing that a reader could take for a delimiter. */
const AUTHORITY = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/** The host that a client asks for, in lower case (RFC 9110 section 7.2). */
export function readAuthority(host: string | undefined): string {
  if (host === undefined) throw violation('the request names no host')
  if (!AUTHORITY.test(host) || host.includes('..')) throw violation('the host is not a host')
  return host.toLowerCase()
}
