import type { ChaperoneError } from '../core/errors.ts'
import type { HeaderList } from './head.ts'
import { CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX } from './limits.ts'
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
const LAST_LINE = '\r\n'

/**
 * Reads the chunked transfer coding (RFC 9112 section 7.1) piece by piece. Stricter than the RFC:
 * no chunk extensions, no blanks around sizes, no empty lines; every line ends with CRLF.
 */
export class ChunkedReader {
  #state: State = 'size'
  #left = 0
  /** The begin of a line whose end has not come yet. */
  #line = ''
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
    if (!this.#line.endsWith('\n')) return next
    const line = this.#line.slice(0, -2)
    this.#line = ''
    if (!SIZE_LINE.test(line)) throw this.#broken('the size of a chunk is not a number')
    this.#left = Number.parseInt(line, 16)
    if (!Number.isSafeInteger(this.#left)) throw this.#broken('the size of a chunk is too large')
    this.#state = this.#left === 0 ? 'trailer' : 'data'
    return next
  }

  /** Field lines up to an empty one. */
  #trailer(bytes: Buffer, at: number, events: ChunkedEvents): number {
    const next = this.#takeLine(bytes, at, TRAILER_BYTES_MAX)
    const done = this.#line === LAST_LINE || this.#line.endsWith('\r\n\r\n')
    if (!done) return next
    this.#state = 'done'
    events.end(readFields(this.#line.slice(0, -4), this.#rules))
    return next
  }

  /** Adds to the line up to the next LF. */
  #takeLine(bytes: Buffer, at: number, bytesMax: number): number {
    const lf = bytes.indexOf(LF, at)
    const end = lf < 0 ? bytes.length : lf + 1
    if (this.#line.length + end - at > bytesMax) throw this.#rules.tooLarge()
    this.#line += bytes.toString('latin1', at, end)
    if (lf >= 0 && !this.#line.endsWith('\r\n')) throw this.#broken('a line ends with LF alone')
    return end
  }

  #broken(what: string): ChaperoneError {
    return this.#rules.violation(what)
  }
}

const CRLF = '\r\n'
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
