import { is, LETTER, SPACE, type Found, type Text } from './text.ts'

const EQUALS = 0x3d
const SEMICOLON = 0x3b
const KEY_CHARACTERS_MAX = 24

/** Keywords whose value is a secret wherever they stand. */
const SECRET_KEYS = new Set([
  'accountkey',
  'sharedaccesskey',
  'sharedaccesssignature',
  'sharedsecretvalue',
  'azurewebjobsstorage',
])
/** Secret when the text names a server too: `password = x` alone may be prose. */
const PASSWORD_KEYS = new Set(['password', 'pwd', 'accesskey', 'primarykey', 'clientsecret'])
const SERVER_KEYS = new Set([
  'server',
  'host',
  'hostname',
  'datasource',
  'endpoint',
  'accountendpoint',
  'accountname',
  'address',
  'addr',
  'networkaddress',
  'uid',
  'userid',
  'username',
  'user',
  'initialcatalog',
  'database',
  'authority',
])

/**
 * The secret values in connection strings: `AccountKey=…`, `SharedAccessKey=…`, `Password=…` beside
 * a server, and the password of `scheme://user:password@host`.
 */
export function scanConnectionStrings(text: Text, found: Found): void {
  scanKeywords(text, found)
  scanUris(text, found)
}

function scanKeywords(text: Text, found: Found): void {
  const passwords: [number, number][] = []
  let namesServer = false
  let at = text.indexOf('=')
  while (at >= 0) {
    const key = keyBefore(text, at)
    let next = at + 1
    if (SERVER_KEYS.has(key)) namesServer = true
    else if (SECRET_KEYS.has(key) || PASSWORD_KEYS.has(key)) {
      const start = skipBlanks(text, at + 1)
      next = valueEnd(text, start)
      if (next > start && SECRET_KEYS.has(key)) found(start, next)
      else if (next > start) passwords.push([start, next])
    }
    at = text.indexOf('=', next)
  }
  if (namesServer) for (const [start, end] of passwords) found(start, end)
}

/** The keyword that ends at `end`, lower case and without blanks: `Data Source` is `datasource`. */
function keyBefore(text: Text, end: number): string {
  let start = end
  const floor = Math.max(0, end - KEY_CHARACTERS_MAX)
  while (start > floor && is(text.charCodeAt(start - 1), LETTER | SPACE)) start--
  const words = text.slice(start, end).toLowerCase().trim()
  const whole = words.replaceAll(/\s/g, '')
  if (SECRET_KEYS.has(whole) || PASSWORD_KEYS.has(whole) || SERVER_KEYS.has(whole)) return whole
  // `host=a password=b`: blanks separate keywords too.
  return words.slice(words.search(/(?<!\S)\S+$/))
}

function skipBlanks(text: Text, from: number): number {
  let at = from
  while (at - from < KEY_CHARACTERS_MAX && is(text.charCodeAt(at), SPACE)) at++
  return at
}

/** A value ends at a semicolon, quote, blank or line end; one in quotes or braces ends with them. */
function valueEnd(text: Text, start: number): number {
  const closing = closingOf(text.charCodeAt(start))
  if (closing !== undefined) {
    const end = text.indexOf(closing, start + 1)
    return end < 0 ? text.length : end + 1
  }
  let at = start
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === SEMICOLON || unit === 0x22 || unit === 0x27 || is(unit, SPACE)) break
  }
  return at
}

function closingOf(unit: number): string | undefined {
  if (unit === 0x22) return '"'
  if (unit === 0x27) return "'"
  return unit === 0x7b ? '}' : undefined
}

function scanUris(text: Text, found: Found): void {
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    let colon = -1
    let end = at + 3
    for (; end < text.length && !endsAuthority(text.charCodeAt(end)); end++) {
      if (colon < 0 && text.charCodeAt(end) === 0x3a) colon = end
    }
    if (text.charCodeAt(end) === 0x40 && colon >= 0 && end > colon + 1) found(colon + 1, end)
  }
}

function endsAuthority(unit: number): boolean {
  return (
    unit === 0x40 ||
    unit === 0x2f ||
    unit === 0x3f ||
    unit === 0x22 ||
    unit === EQUALS ||
    is(unit, SPACE)
  )
}
