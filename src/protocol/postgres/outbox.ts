import type { ChaperoneError } from '../../core/errors.ts'
import type { Recorder } from '../../record/trail.ts'
import type { Expectation } from './expectation.ts'

/** A message for the target and what the target will owe for it. */
export interface Outgoing {
  readonly bytes: Buffer
  readonly expects: Expectation | undefined
  /** Its record must be written before it goes. */
  readonly gated: boolean
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

  add(bytes: Buffer, expects: Expectation | undefined, gated: boolean): void {
    this.#batch.push({ bytes, expects, gated })
    this.#gated ||= gated
  }

  /** Ends the current batch: it goes at once, or when its records are written. */
  flush(): void {
    if (this.#batch.length === 0) return
    const batch = this.#batch
    this.#batch = []
    if (!this.#gated && this.#waiting === 0) {
      this.#events.release(batch)
      return
    }
    this.#gated = false
    this.#waiting++
    this.#recorder.afterCommit({
      committed: () => {
        this.#waiting--
        this.#events.release(batch)
      },
      failed: (error) => {
        this.#waiting--
        this.#events.refuse(batch, error)
      },
    })
  }
}
