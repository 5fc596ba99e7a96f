const NONE = Buffer.alloc(0)

/**
 * Bytes put together from pieces of any size. Their memory doubles when it is full, so that a byte
 * is copied a few times at most, and a piece of one byte takes two bytes and not the object in which
 * it came.
 */
export class Gathered {
  /** Where it is known how many will come: never more memory than for them. */
  readonly #expected: number
  #memory: Buffer = NONE
  #length = 0

  constructor(bytesExpected = Infinity) {
    this.#expected = bytesExpected
  }

  get length(): number {
    return this.#length
  }

  /** The memory that it takes. */
  get held(): number {
    return this.#memory.length
  }

  /** What is gathered so far, without a copy. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length)
  }

  /** How much more memory it will take for another piece. */
  growthFor(bytes: number): number {
    const needed = this.#length + bytes
    if (needed <= this.#memory.length) return 0
    const roomy = Math.min(2 * this.#memory.length, this.#expected)
    return Math.max(needed, roomy) - this.#memory.length
  }

  add(piece: Buffer): void {
    const growth = this.growthFor(piece.length)
    if (growth > 0) {
      const grown = Buffer.allocUnsafeSlow(this.#memory.length + growth)
      this.#memory.copy(grown, 0, 0, this.#length)
      this.#memory = grown
    }
    this.#length += piece.copy(this.#memory, this.#length)
  }

  /** Hands everything over and begins anew. */
  take(): Buffer {
    const { bytes } = this
    this.#memory = NONE
    this.#length = 0
    return bytes
  }
}
