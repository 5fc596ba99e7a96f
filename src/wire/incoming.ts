const NONE = Buffer.alloc(0)

/**
 * Bytes that a peer sent and nobody has taken yet, in one piece. A chunk that finds nothing waiting
 * stays as it came; what comes behind something is put there, in memory that doubles when it is full.
 * Memory that was handed out is never written again.
 */
export class Incoming {
  #bytes: Buffer = NONE
  /** Ends with `#bytes` where that was put together here, and then has room behind it. */
  #room: Buffer = NONE

  get bytes(): Buffer {
    return this.#bytes
  }

  get length(): number {
    return this.#bytes.length
  }

  /** The memory that it takes. */
  get held(): number {
    return this.#bytes.length + this.#room.length
  }

  /** Keeps the chunk itself where nothing waits. */
  add(chunk: Buffer): void {
    if (this.#bytes.length === 0) this.#bytes = chunk
    else this.#append(chunk)
  }

  /** For a chunk whose memory is somebody else's again when this returns. */
  addCopy(chunk: Buffer): void {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(chunk)
    else this.#append(chunk)
  }

  skip(count: number): void {
    if (count < this.#bytes.length) this.#bytes = this.#bytes.subarray(count)
    else this.clear()
  }

  clear(): void {
    this.#bytes = NONE
    this.#room = NONE
  }

  /** Everything; nothing is left here. */
  take(): Buffer {
    const bytes = this.#bytes
    this.clear()
    return bytes
  }

  #append(chunk: Buffer): void {
    const before = this.#bytes
    const length = before.length + chunk.length
    let memory: Buffer
    if (chunk.length <= this.#room.length) {
      // The room is right behind the bytes: one view of the same memory spans both.
      memory = Buffer.from(before.buffer, before.byteOffset, before.length + this.#room.length)
    } else {
      memory = Buffer.allocUnsafeSlow(2 * length)
      before.copy(memory)
    }
    chunk.copy(memory, before.length)
    this.#bytes = memory.subarray(0, length)
    this.#room = memory.subarray(length)
  }
}
