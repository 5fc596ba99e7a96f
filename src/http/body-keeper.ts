import type { CollectBudget, Collector } from './collector.ts'
import { createCollector } from './collector.ts'

/** Keeps one request's body until it is whole. */
export class BodyKeeper {
  readonly #collector: Collector
  readonly #then: (body: Buffer) => void
  #ended = false

  /** Throws MESSAGE_TOO_LARGE where the length alone says so. */
  constructor(
    length: number | 'unknown',
    bytesMax: number,
    budget: CollectBudget,
    then: (body: Buffer) => void,
  ) {
    this.#collector = createCollector(length, bytesMax, budget)
    this.#then = then
  }

  /** Throws MESSAGE_TOO_LARGE. */
  add(slice: Buffer): void {
    this.#collector.add(slice)
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#then(this.#collector.whole())
  }

  free(): void {
    this.#collector.free()
  }
}
