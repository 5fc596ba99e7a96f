import type { ChaperoneError } from '../../../core/errors.ts'
import type { Recorder } from '../../../record/lines/trail.ts'
import type { Expectation } from './expectation.ts'
import type { Piece } from '../../../wire/pieces.ts'

/** A message for the target and what the target will owe for it. */
export interface Outgoing {
  readonly bytes: Buffer
  readonly expects: Expectation | undefined
  /** Its record must be written before it goes. */
  readonly gated: boolean
  /** Set when it is a part of a message. */
  readonly piece?: Piece
}

export interface OutboxEvents {
  /** Everything recorded: write these, in order. */
  release(batch: readonly Outgoing[]): void
  /** The records could not be written: none of these may go as it is. */
  refuse(batch: readonly Outgoing[], error: ChaperoneError): void
}

/**
 * Keeps messages back until their records are written (promise 1), without disturbing their order:
 * what follows a gated message waits with it.
 */
export class Outbox {
  #batch: Outgoing[] = []
  #gated = false
  #waiting = 0
  #ended = false
  /** Flushed, and waiting for their records. */
  readonly #flushed = new Set<readonly Outgoing[]>()
  #bytes = 0
  #messages = 0
  readonly #recorder: Recorder
  readonly #events: OutboxEvents

  constructor(recorder: Recorder, events: OutboxEvents) {
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

  add(outgoing: Outgoing): void {
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
  pending(): Outgoing[] {
    return [...this.#flushed, this.#batch].flat()
  }

  /** Nothing goes any more; what was not released yet. */
  abandon(): Outgoing[] {
    this.#ended = true
    const left = this.pending()
    this.#flushed.clear()
    this.#batch = []
    return left
  }

  #leave(batch: readonly Outgoing[]): void {
    this.#flushed.delete(batch)
    this.#messages -= batch.length
    for (const { bytes } of batch) this.#bytes -= bytes.length
  }
}
