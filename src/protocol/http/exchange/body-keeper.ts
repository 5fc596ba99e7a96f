import type { ChaperoneError } from '../../../core/errors.ts'
import { asChaperoneError } from '../../../core/errors.ts'
import type { Part } from '../../../session/shares.ts'
import type { ClientSide } from '../codec/client-side.ts'
import type { Collector } from './collector.ts'
import { createCollector } from './collector.ts'

export interface KeeperParts {
  readonly client: ClientSide
  readonly length: number | 'unknown'
  readonly bytesMax: number
  readonly memory: Part
  whole(body: Buffer): void
  /** MESSAGE_TOO_LARGE or MEMORY_LIMIT: nothing more is kept. */
  failed(error: ChaperoneError): void
}

/** Keeps one request's body until it is whole. */
export class BodyKeeper {
  readonly #parts: KeeperParts
  #collector: Collector | undefined
  #ended = false

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  /** Asks for the body. */
  start(): void {
    const { client, length, bytesMax, memory } = this.#parts
    this.#guarded(() => {
      this.#collector = createCollector(length, bytesMax, memory)
      if (client.bodyDone) this.end()
      else client.receive()
    })
  }

  /** What was read of the body stays beside it. False: there is no room for so much. */
  holdsWith(bytes: number): boolean {
    return this.#parts.memory.set((this.#collector?.held ?? 0) + bytes)
  }

  add(slice: Buffer): void {
    this.#guarded(() => this.#collector?.add(slice))
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#collector !== undefined) this.#parts.whole(this.#collector.whole())
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#collector = undefined
      this.#parts.failed(asChaperoneError(error, 'INTERNAL', 'The body could not be kept.'))
    }
  }
}
