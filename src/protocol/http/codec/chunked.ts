import type { ChaperoneError } from '../../../core/errors.ts'
import type { HeaderList } from '../head.ts'
import { CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX } from '../limits.ts'
import type { HeadRules } from './wire-head.ts'
import { readFields } from './wire-head.ts'

/** What the next byte belongs to. */
type State = 'size' | 'data' | 'data-end' | 'trailer' | 'done'

export interface ChunkedEvents {
  data(slice: Buffer): void
  end(trailers: HeaderList): void
}

const CR = 13
const LF = 10
const SIZE_LINE = /^[0-9A-Fa-f]{1,15}$/
const CRLF = '\r\n'

/**
 * Reads the chunked transfer coding (RFC 9112 section 7.1) piece by piece. Stricter than the RFC:
 * no chunk extensions, no blanks around sizes, no empty lines; every line ends with CRLF.
 */
export class ChunkedReader {
  #state: State = 'size'
  #left = 0
  /** The begin of a line whose end has not come yet. */
  #line = ''
  #lineEnded = false
  readonly #fields: string[] = []
  #trailerBytes = 0
  readonly #rules: HeadRules

  constructor(rules: HeadRules) {
    this.#rules = rules
  }

  get done(): boolean {
    return this.#state === 'done'
  }

  /**
   * Reads from `at` and returns where it stopped: at the end of the bytes, after the end of the
   * body, or, where `hold` says so, after a piece of data. Throws the rules' errors.
   */
  read(bytes: Buffer, at: number, events: ChunkedEvents, hold: () => boolean): number {
    let next = at
    while (next < bytes.length && this.#state !== 'done' && !hold()) {
      if (this.#state === 'data') next = this.#data(bytes, next, events)
      else if (this.#state === 'data-end') next = this.#dataEnd(bytes, next)
      else if (this.#state === 'size') next = this.#size(bytes, next)
      else next = this.#trailer(bytes, next, events)
    }
    return next
  }

  #data(bytes: Buffer, at: number, events: ChunkedEvents): number {
    const end = Math.min(bytes.length, at + this.#left)
    this.#left -= end - at
    if (this.#left === 0) this.#state = 'data-end'
    events.data(bytes.subarray(at, end))
    return end
  }

  /** CRLF after the data, which may come in two pieces. */
  #dataEnd(bytes: Buffer, at: number): number {
    const expected = this.#line === '' ? CR : LF
    if (bytes[at] !== expected) throw this.#broken('a chunk is longer than its size')
    this.#line = expected === CR ? '\r' : ''
    if (expected === LF) this.#state = 'size'
    return at + 1
  }

  #size(bytes: Buffer, at: number): number {
    const next = this.#takeLine(bytes, at, CHUNK_LINE_BYTES_MAX)
    if (!this.#lineEnded) return next
    const line = this.#endLine()
    if (!SIZE_LINE.test(line)) throw this.#broken('the size of a chunk is not a number')
    this.#left = Number.parseInt(line, 16)
    if (!Number.isSafeInteger(this.#left)) throw this.#broken('the size of a chunk is too large')
    this.#state = this.#left === 0 ? 'trailer' : 'data'
    return next
  }

  /** Field lines up to an empty one. */
  #trailer(bytes: Buffer, at: number, events: ChunkedEvents): number {
    const next = this.#takeLine(bytes, at, TRAILER_BYTES_MAX - this.#trailerBytes)
    if (!this.#lineEnded) return next
    this.#trailerBytes += this.#line.length
    const line = this.#endLine()
    if (line !== '') {
      this.#fields.push(line)
      return next
    }
    this.#state = 'done'
    events.end(readFields(this.#fields, this.#rules))
    return next
  }

  /** Adds to the line up to the next LF; only then is it looked at, however many pieces it came in. */
  #takeLine(bytes: Buffer, at: number, bytesMax: number): number {
    const lf = bytes.indexOf(LF, at)
    const end = lf < 0 ? bytes.length : lf + 1
    if (this.#line.length + end - at > bytesMax) throw this.#rules.tooLarge()
    this.#line += bytes.toString('latin1', at, end)
    this.#lineEnded = lf >= 0
    if (this.#lineEnded && !this.#line.endsWith(CRLF)) {
      throw this.#broken('a line ends with LF alone')
    }
    return end
  }

  #endLine(): string {
    const line = this.#line.slice(0, -CRLF.length)
    this.#line = ''
    return line
  }

  #broken(what: string): ChaperoneError {
    return this.#rules.violation(what)
  }
}

const JOINED_BYTES_MAX = 16_384

/** One chunk around `data`; small ones in one piece, large ones without copying. */
export function chunkOf(data: Buffer): readonly Buffer[] {
  const size = data.length.toString(16) + CRLF
  if (data.length > JOINED_BYTES_MAX) {
    return [Buffer.from(size, 'latin1'), data, Buffer.from(CRLF, 'latin1')]
  }
  const joined = Buffer.allocUnsafe(size.length + data.length + 2)
  joined.write(size, 0, 'latin1')
  data.copy(joined, size.length)
  joined.write(CRLF, size.length + data.length, 'latin1')
  return [joined]
}

/** The end of a chunked body. */
export function lastChunk(trailers: HeaderList): Buffer {
  const fields = trailers.map(([name, value]) => `${name}: ${value}${CRLF}`).join('')
  return Buffer.from(`0${CRLF}${fields}${CRLF}`, 'latin1')
}
