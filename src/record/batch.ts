import { ChaperoneError } from '../core/errors.ts'
import { BACKLOG_BYTES_MAX } from './limits.ts'
import type { CommitWaiter } from './trail.ts'

/** A line that waits to be written; an intent's line names its operation. */
export interface PendingLine {
  readonly line: string
  readonly intent: string | undefined
}

/** What one turn of the event loop wants written, and who waits for it. */
export interface Batch {
  readonly lines: readonly PendingLine[]
  readonly waiters: readonly CommitWaiter[]
}

/** Collects lines and waiters between writes. */
export class Collector {
  #lines: PendingLine[] = []
  #waiters: CommitWaiter[] = []
  #chars = 0
  /** Lines that were given up since the backlog was full. */
  lost = 0

  get isEmpty(): boolean {
    return this.#lines.length === 0 && this.#waiters.length === 0
  }

  add(line: string, intent?: string): void {
    this.#lines.push({ line, intent })
    this.#chars += line.length
  }

  wait(waiter: CommitWaiter): void {
    this.#waiters.push(waiter)
  }

  take(): Batch {
    const batch = { lines: this.#lines, waiters: this.#waiters }
    this.#lines = []
    this.#waiters = []
    this.#chars = 0
    return batch
  }

  /**
   * Takes back what could not be written, before what came since: outcomes and endings of what has
   * run are kept until they can be. Operations whose intent it was have not run, and are not kept.
   */
  putBack(lines: readonly PendingLine[]): void {
    const kept = lines.filter(({ intent }) => intent === undefined)
    const chars = kept.reduce((sum, { line }) => sum + line.length, 0)
    if (this.#chars + chars > BACKLOG_BYTES_MAX) {
      this.lost += kept.length
      return
    }
    this.#lines = [...kept, ...this.#lines]
    this.#chars += chars
  }
}

export function unavailable(cause: unknown): ChaperoneError {
  return new ChaperoneError('RECORD_UNAVAILABLE', 'The record cannot be written.', {
    cause,
    hint: 'Nothing was run. Try again when the gateway can write its records.',
  })
}
