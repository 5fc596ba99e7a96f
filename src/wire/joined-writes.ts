import { Gathered } from './gathered.ts'

/** Pieces as large as this cost little beside themselves, and are not copied. */
const LARGE_BYTES = 16_384

/** So much may wait, as a stream itself allows it. */
const WAITING_BYTES_MAX = 65_536

/** What a `Writable` of Node is to those who write to it. */
interface Stream {
  readonly writableLength: number
  write(bytes: Buffer, written: () => void): boolean
}

/**
 * Writes to a stream whose peer may be slow. A stream keeps each piece as an object of its own, a few
 * hundred bytes for one byte; so while one is under way, small ones are put together.
 */
export class JoinedWrites {
  readonly #stream: Stream
  readonly #drained: () => void
  readonly #waiting = new Gathered()
  #underWay = 0
  #isAwaited = false

  /** `drained` is called once after each `write` that answered false. */
  constructor(stream: Stream, drained: () => void) {
    this.#stream = stream
    this.#drained = drained
  }

  /** The memory of what was not written yet. */
  get held(): number {
    return this.#waiting.held + this.#stream.writableLength
  }

  /** The bytes' memory is the stream's from now on. False: wait for `drained`. */
  write(bytes: Buffer): boolean {
    if (bytes.length >= LARGE_BYTES || this.#underWay === 0) {
      this.flush()
      this.#send(bytes)
    } else {
      this.#waiting.add(bytes)
    }
    const { writableLength } = this.#stream
    this.#isAwaited ||= this.#waiting.length + writableLength >= WAITING_BYTES_MAX
    return !this.#isAwaited
  }

  /** Hands everything over, for what is written to the stream past this. */
  flush(): void {
    if (this.#waiting.length > 0) this.#send(this.#waiting.take())
  }

  #send(bytes: Buffer): void {
    this.#underWay += 1
    this.#stream.write(bytes, this.#written)
  }

  readonly #written = (): void => {
    this.#underWay -= 1
    if (this.#underWay > 0) return
    this.flush()
    if (this.#underWay > 0 || !this.#isAwaited) return
    this.#isAwaited = false
    this.#drained()
  }
}
