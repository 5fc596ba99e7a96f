import { ChunkedReader } from './chunked.ts'
import type { Framing } from './request-headers.ts'
import { REQUEST_RULES } from './wire-request.ts'

/** Where one request's body ends on its connection (RFC 9112 section 6). */
export class RequestBody {
  /** Bytes that are still to come; of a chunked body nobody knows. */
  left: number
  done: boolean
  readonly #chunked: ChunkedReader | undefined

  constructor(framing: Framing) {
    this.left = framing.type === 'length' ? framing.length : 0
    this.done = framing.type === 'none'
    this.#chunked = framing.type === 'chunked' ? new ChunkedReader(REQUEST_RULES) : undefined
  }

  /** Returns where it stopped: what follows is not of the body, or `hold` said so. */
  read(bytes: Buffer, take: (slice: Buffer) => void, hold: () => boolean): number {
    if (this.#chunked !== undefined) {
      const next = this.#chunked.read(bytes, 0, { data: take, end: () => {} }, hold)
      this.done = this.#chunked.done
      return next
    }
    const next = Math.min(bytes.length, this.left)
    this.left -= next
    this.done = this.left === 0
    take(next === bytes.length ? bytes : bytes.subarray(0, next))
    return next
  }
}
