import type { ChaperoneError } from '../core/errors.ts'
import type { Recorder } from '../record/lines/trail.ts'

/** A message for the target. */
export interface Gated {
  readonly bytes: Buffer
  /** Its record must be written before it goes. */
  readonly gated: boolean
}

export interface OutboxEvents<M> {
  /** Everything recorded: write these, in order. */
  release(batch: readonly M[]): void
  /** The records could not be written: none of these may go as it is. */
  refuse(batch: readonly M[], error: ChaperoneError): void
}

/**
 * Keeps messages back until their records are written (promise 1), without disturbing their order:
 * what follows a gated message waits with it.
 */
export class Outbox<M extends Gated> {
  #batch: M[] = []
  #gated = false
  #waiting = 0
  #ended = false
  /** Flushed, and waiting for their records. */
  readonly #flushed = new Set<readonly M[]>()
  #bytes = 0
  #messages = 0
  readonly #recorder: Recorder
  readonly #events: OutboxEvents<M>

  constructor(recorder: Recorder, events: OutboxEvents<M>) {
    this.#recorder = recorder
    this.#events = events
  }

  /** True when nothing waits for a record. */
  get clear(): boolean {
    return this.#waiting === 0 && this.#batch.length === 0
  }

  /** Of what was added and not released. */
  get bytes(): number {
    return this.#bytes
  }

  get messages(): number {
    return this.#messages
  }

  add(outgoing: M): void {
    this.#bytes += outgoing.bytes.length
    this.#messages++
    this.#batch.push(outgoing)
    this.#gated ||= outgoing.gated
  }

  /** Ends the current batch: it goes at once, or when its records are written. */
  flush(): void {
    if (this.#batch.length === 0) return
    const batch = this.#batch
    this.#batch = []
    if (!this.#gated && this.#waiting === 0) {
      this.#leave(batch)
      this.#events.release(batch)
      return
    }
    this.#gated = false
    this.#waiting++
    this.#flushed.add(batch)
    this.#recorder.afterCommit({
      committed: () => {
        if (this.#ended) return
        this.#waiting--
        this.#leave(batch)
        this.#events.release(batch)
      },
      failed: (error) => {
        if (this.#ended) return
        this.#waiting--
        this.#leave(batch)
        this.#events.refuse(batch, error)
      },
    })
  }

  /** What was added and not released. */
  pending(): M[] {
    return [...this.#flushed, this.#batch].flat()
  }

  /** Nothing goes any more; what was not released yet. */
  abandon(): M[] {
    this.#ended = true
    const left = this.pending()
    this.#flushed.clear()
    this.#batch = []
    return left
  }

  #leave(batch: readonly M[]): void {
    this.#flushed.delete(batch)
    this.#messages -= batch.length
    for (const { bytes } of batch) this.#bytes -= bytes.length
  }
}
