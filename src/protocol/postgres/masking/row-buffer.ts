import { BACKEND, HEADER_BYTES } from '../messages/frame.ts'

/** The first piece fits the answer to one small question, later ones a whole chunk of the target's. */
const FIRST_BYTES = 2 * 1024
const PIECE_BYTES = 64 * 1024

/** Shorter ranges are faster copied by hand than by a call. */
const SHORT_BYTES = 64

/**
 * Where DataRow messages are put together, one after the other in a few large pieces, so that a row
 * costs neither a buffer nor a write of its own. What was taken is never written to again.
 */
export class RowBuffer {
  /** Write between `at` and its end, after `reserve`. */
  bytes: Buffer = EMPTY
  at = 0
  #taken = 0
  #rowStart = 0
  #full: Buffer[] = []

  /** Begins a row that has about `bytes` bytes. A row that was begun and not ended is forgotten. */
  begin(bytes: number): void {
    this.at = this.#rowStart
    this.reserve(bytes)
    this.bytes[this.at] = BACKEND.DataRow
    this.at += HEADER_BYTES
  }

  end(): void {
    const { bytes } = this
    const start = this.#rowStart
    const length = this.at - start - 1
    bytes[start + 1] = length >>> 24
    bytes[start + 2] = length >>> 16
    bytes[start + 3] = length >>> 8
    bytes[start + 4] = length
    this.#rowStart = this.at
  }

  /** Makes room for so many bytes; `bytes` and `at` may be others afterwards. */
  reserve(count: number): void {
    if (this.at + count > this.bytes.length) this.#next(count)
  }

  #next(count: number): void {
    const row = this.bytes.subarray(this.#rowStart, this.at)
    this.#closePiece()
    const usual = Math.min(PIECE_BYTES, Math.max(FIRST_BYTES, this.bytes.length * 2))
    // A row that is longer than usual may still grow, and is not copied each time that it does.
    const needed = row.length + count
    this.bytes = Buffer.allocUnsafe(needed <= usual ? usual : needed + row.length)
    this.at = row.copy(this.bytes)
    this.#rowStart = 0
    this.#taken = 0
  }

  copy(from: Buffer, start: number, end: number): void {
    this.reserve(end - start)
    const { bytes } = this
    let to = this.at
    if (end - start > SHORT_BYTES) {
      from.copy(bytes, to, start, end)
      this.at = to + end - start
      return
    }
    for (let at = start; at < end; at++) bytes[to++] = from[at]!
    this.at = to
  }

  int32(value: number): void {
    this.reserve(4)
    this.setInt32(this.at, value)
    this.at += 4
  }

  setInt32(at: number, value: number): void {
    const { bytes } = this
    bytes[at] = value >>> 24
    bytes[at + 1] = value >>> 16
    bytes[at + 2] = value >>> 8
    bytes[at + 3] = value
  }

  /** Hands over the rows that were ended, in order. */
  takeInto(out: Buffer[]): void {
    this.#closePiece()
    if (this.#full.length === 0) return
    for (const piece of this.#full) out.push(piece)
    this.#full = []
  }

  /** The answer is over: a session that rests keeps nothing. */
  release(): void {
    if (this.#rowStart > this.#taken || this.#full.length > 0) return
    this.bytes = EMPTY
    this.at = 0
    this.#taken = 0
    this.#rowStart = 0
  }

  #closePiece(): void {
    if (this.#rowStart === this.#taken) return
    this.#full.push(this.bytes.subarray(this.#taken, this.#rowStart))
    this.#taken = this.#rowStart
  }
}

const EMPTY = Buffer.alloc(0)
