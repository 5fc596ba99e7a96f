import type { ChaperoneError } from '../../../core/errors.ts'
import type { Header, HeaderList } from '../head.ts'
import { REMEMBERED_HEAD_BYTES_MAX } from '../limits.ts'

/** A head as it stood on the wire, split into its parts; names in lower case. */
export interface WireHead {
  readonly startLine: string
  readonly headers: HeaderList
}

export interface HeadRules {
  readonly bytesMax: number
  readonly headersMax: number
  /** Makes the error of whoever sent it. */
  readonly violation: (what: string) => ChaperoneError
  readonly tooLarge: () => ChaperoneError
}

export type HeadResult = { readonly head: WireHead; readonly next: number } | 'incomplete'

const CRLF = '\r\n'
const END = Buffer.from('\r\n\r\n')
const LF = 10
const CR = 13

/** RFC 9110 section 5.6.2. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** RFC 9110 section 5.5, with obs-text. Neither CR, LF, NUL nor any other control. */
// oxlint-disable-next-line no-control-regex -- what must not be there
export const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Reads the heads of one connection, one after another. Most lines of a head are those of the one
 * before: a line that stands again in the same place was checked, and is the same header.
 */
export class HeadReader {
  readonly #rules: HeadRules
  #lines: readonly string[] = []
  #headers: HeaderList = []
  /** Of a head whose end has not come: so many bytes were searched for it, with so many lines. */
  #searched = 0
  #linesBegun = 0

  constructor(rules: HeadRules) {
    this.#rules = rules
  }

  /**
   * Reads a start line and headers (RFC 9112 sections 2 and 5) from `at`. Stricter than the RFC:
   * lines end with CRLF alone, nothing stands before a name or between a name and its colon, and no
   * line is folded. Where the head is incomplete, the next call comes with the same bytes and more:
   * only what is new is searched. Throws the rules' errors.
   */
  read(bytes: Buffer, at: number): HeadResult {
    const rules = this.#rules
    const from = at + this.#searched
    const end = bytes.indexOf(END, Math.max(at, from - (END.length - 1)))
    if (end < 0) {
      if (bytes.length - at > rules.bytesMax) throw rules.tooLarge()
      this.#search(bytes, at, from)
      return 'incomplete'
    }
    this.#searched = 0
    this.#linesBegun = 0
    if (end - at > rules.bytesMax) throw rules.tooLarge()
    const text = bytes.toString('latin1', at, end)
    let lineEnd = text.indexOf(CRLF)
    const startLine = lineEnd < 0 ? text : text.slice(0, lineEnd)
    if (startLine === '') throw rules.violation('an empty line stands before the message')
    if (!FIELD_VALUE.test(startLine)) throw rules.violation('a control character in the first line')
    const lines: string[] = []
    const headers: Header[] = []
    while (lineEnd >= 0) {
      const from = lineEnd + CRLF.length
      lineEnd = text.indexOf(CRLF, from)
      const line = text.slice(from, lineEnd < 0 ? text.length : lineEnd)
      const index = lines.push(line) - 1
      headers.push(line === this.#lines[index] ? this.#headers[index]! : readField(line, rules))
      if (headers.length > rules.headersMax) throw rules.tooLarge()
    }
    const isKept = end - at <= REMEMBERED_HEAD_BYTES_MAX
    this.#lines = isKept ? lines : []
    this.#headers = isKept ? headers : []
    return { head: { startLine, headers }, next: end + END.length }
  }

  /** Refuses now what would be refused at the end; whoever ends lines with LF alone never gets there. */
  #search(bytes: Buffer, at: number, from: number): void {
    const { violation, headersMax, tooLarge } = this.#rules
    for (let lf = bytes.indexOf(LF, from); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
      if (lf === at || bytes[lf - 1] !== CR) throw violation('a line ends with LF alone')
      if (++this.#linesBegun > headersMax + 1) throw tooLarge()
    }
    if (bytes[at] === CR) throw violation('an empty line stands before the message')
    this.#searched = bytes.length - at
  }
}

/** The fields of a trailer section, line by line. */
export function readFields(lines: readonly string[], rules: HeadRules): HeaderList {
  return lines.map((line) => readField(line, rules))
}

function readField(line: string, { violation }: HeadRules): Header {
  const colon = line.indexOf(':')
  if (colon < 0) throw violation('a header line has no colon')
  const name = line.slice(0, colon)
  if (!TOKEN.test(name)) throw violation('a header name is not a token')
  const value = trimmed(line, colon + 1)
  if (!FIELD_VALUE.test(value)) throw violation('a header value holds a control character')
  return [name.toLowerCase(), value]
}

/** Spaces and tabs around a value are no part of it (RFC 9110 section 5.6.3); other blanks are. */
function trimmed(line: string, start: number): string {
  let from = start
  let to = line.length
  while (from < to && isBlank(line.charCodeAt(from))) from++
  while (to > from && isBlank(line.charCodeAt(to - 1))) to--
  return line.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
