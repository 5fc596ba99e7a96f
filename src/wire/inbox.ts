/**
 * Smaller chunks are joined as they come, each with ones of its size: a message that arrives byte by
 * byte must not cost an object a byte.
 */
const SMALL_CHUNK_BYTES = 16 * 1024

/**
 * Bytes that have arrived and are not consumed yet. Only a message that spans chunks is copied, and
 * only once all of it is there, so a large message costs one copy.
 */
export class Inbox {
  #chunks: Buffer[] = []
  #head: Buffer = EMPTY
  #at = 0
  #bytes = 0

  /** Unread bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** The contiguous piece that reading goes on in, from `at` on. */
  get buffer(): Buffer {
    return this.#head
  }

  get at(): number {
    return this.#at
  }

  /** Contiguous unread bytes. */
  get contiguous(): number {
    return this.#head.length - this.#at
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#at === this.#head.length) {
      this.#head = chunk
      this.#at = 0
    } else {
      this.#keep(chunk)
    }
  }

  #keep(chunk: Buffer): void {
    let last = chunk
    let before = this.#chunks.at(-1)
    while (
      before !== undefined &&
      before.length <= last.length &&
      last.length < SMALL_CHUNK_BYTES
    ) {
      this.#chunks.pop()
      last = Buffer.concat([before, last])
      before = this.#chunks.at(-1)
    }
    this.#chunks.push(last)
  }

  /** Makes `count` bytes contiguous at `at`; false when they have not all arrived. */
  gather(count: number): boolean {
    if (this.contiguous >= count) return true
    if (this.#bytes < count) return false
    this.#head = this.#join(count)
    this.#at = 0
    return true
  }

  /** Takes the message's own bytes only: the rest of its last chunk stays where it is. */
  #join(count: number): Buffer {
    const parts = [this.#head.subarray(this.#at)]
    let missing = count - this.contiguous
    while (missing > 0) {
      const next = this.#chunks.shift()!
      parts.push(next.subarray(0, missing))
      if (next.length > missing) this.#chunks.unshift(next.subarray(missing))
      missing -= next.length
    }
    return Buffer.concat(parts, count)
  }

  /** Copies what is left, up to `bytesMax`; false when it is more. After it no chunk is in use. */
  own(bytesMax: number): boolean {
    if (this.#bytes > bytesMax) return false
    if (this.#bytes === 0) {
      this.#head = EMPTY
    } else {
      this.#head = Buffer.concat([this.#head.subarray(this.#at), ...this.#chunks], this.#bytes)
    }
    this.#chunks = []
    this.#at = 0
    return true
  }

  consume(count: number): void {
    this.#at += count
    this.#bytes -= count
    if (this.#at === this.#head.length) {
      this.#head = this.#chunks.shift() ?? EMPTY
      this.#at = 0
    }
  }
}

const EMPTY = Buffer.alloc(0)
