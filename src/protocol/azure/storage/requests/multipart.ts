/**
 * Multipart bodies (RFC 2046 section 5.1) as the batches of the storage services use them, in the one
 * form that leaves nothing unread: no text around the parts, CRLF at every line's end, no folding.
 */
export interface Part {
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** An HTTP request that stands in a part as `application/http` (RFC 9112 section 2.1). */
export interface InnerRequest {
  readonly method: string
  /** As it is written: a path with a query, or a whole URL. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

const TOKEN = "[0-9A-Za-z'()+_./:=?-]{1,70}"
const BOUNDARY = new RegExp(`^multipart/mixed; ?boundary=(?:"(${TOKEN})"|(${TOKEN}))$`, 'i')

export function boundaryOf(contentType: string | undefined): string | undefined {
  const match = BOUNDARY.exec(contentType ?? '')
  return match?.[1] ?? match?.[2]
}

/** Undefined where the body is not exactly a multipart body with this boundary. */
export function partsOf(
  body: Buffer,
  boundary: string,
  partsMax: number,
): readonly Part[] | undefined {
  const opening = Buffer.from(`--${boundary}\r\n`)
  const divider = Buffer.from(`\r\n--${boundary}`)
  const start = afterEmptyLines(body)
  if (!body.subarray(start, start + opening.length).equals(opening)) return undefined
  const parts: Part[] = []
  let at = start + opening.length
  while (parts.length < partsMax) {
    const end = body.indexOf(divider, at)
    if (end < 0) return undefined
    const part = partOf(body.subarray(at, end))
    if (part === undefined) return undefined
    parts.push(part)
    const after = end + divider.length
    const next = body.toString('latin1', after, after + 2)
    if (next === '--') return isEnd(body.subarray(after + 2)) ? parts : undefined
    if (next !== '\r\n') return undefined
    at = after + 2
  }
  return undefined
}

/** The JavaScript SDK for tables writes one more line end than it should. */
function afterEmptyLines(body: Buffer): number {
  let at = 0
  while (body.toString('latin1', at, at + 2) === '\r\n') at += 2
  return at
}

function isEnd(rest: Buffer): boolean {
  return /^(?:\r\n)*$/.test(rest.toString('latin1'))
}

function partOf(bytes: Buffer): Part | undefined {
  // A part without headers of its own would begin with the empty line.
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const list = headerLines(bytes.toString('latin1', 0, end))
  if (list === undefined) return undefined
  const headers = new Map(list)
  return headers.size === list.length ? { headers, body: bytes.subarray(end + 4) } : undefined
}

/** Blanks around a value are cut off behind it: in one expression they would be tried in every way. */
const LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)$/

function headerLines(text: string): [name: string, value: string][] | undefined {
  const found: [string, string][] = []
  for (const line of text === '' ? [] : text.split('\r\n')) {
    const [, name, written] = LINE.exec(line) ?? []
    const value = written?.trim()
    if (name === undefined || value === undefined || value.includes('\t')) return undefined
    found.push([name.toLowerCase(), value])
  }
  return found
}

const REQUEST_LINE = /^([A-Z]{3,7}) ([\x21-\x7e]+) HTTP\/1\.1$/

/** Undefined where the part is no request, or holds more than one. */
export function innerRequest(part: Part): InnerRequest | undefined {
  if (part.headers.get('content-type')?.toLowerCase().startsWith('application/http') !== true) {
    return undefined
  }
  const { body } = part
  const headEnd = body.indexOf('\r\n\r\n')
  const head = body.toString('latin1', 0, headEnd < 0 ? body.length : headEnd)
  const bytes = headEnd < 0 ? Buffer.alloc(0) : body.subarray(headEnd + 4)
  const inner = bytes.subarray(afterEmptyLines(bytes))
  // The empty line after a head without a body may be the one that belongs to the divider.
  const [first = '', ...rest] = head.replace(/\r\n$/, '').split('\r\n')
  const line = REQUEST_LINE.exec(first)
  const headers = headerLines(rest.join('\r\n'))
  if (line === null || headers === undefined || !lengthFits(headers, bytes, inner)) return undefined
  return { method: line[1]!, target: line[2]!, headers, body: inner }
}

/** Two readers that count differently would see two requests in one. */
function lengthFits(headers: InnerRequest['headers'], raw: Buffer, body: Buffer): boolean {
  if (headers.some(([name]) => name === 'transfer-encoding')) return false
  const lengths = headers.filter(([name]) => name === 'content-length')
  const known = [String(raw.length), String(body.length)]
  return lengths.length <= 1 && lengths.every(([, value]) => known.includes(value))
}

export interface ComposedPart {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** Writes a multipart body whose boundary none of the parts holds; the caller sees to that. */
export function composeMultipart(parts: readonly ComposedPart[], boundary: string): Buffer {
  const pieces = parts.flatMap(({ headers, body }) => [
    Buffer.from(`--${boundary}\r\n${lines(headers)}\r\n`, 'latin1'),
    body,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
}

export function composeRequest(request: InnerRequest): Buffer {
  const head = `${request.method} ${request.target} HTTP/1.1\r\n${lines(request.headers)}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), request.body])
}

function lines(headers: readonly (readonly [name: string, value: string])[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}
