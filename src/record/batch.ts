import type { CommitWaiter } from './trail.ts'
import type { Verdict } from '../core/verdict.ts'
import type { OperationFragment } from './fragments.ts'

/** An operation whose intent was appended and whose outcome is still to come. */
export interface LiveOperation {
  readonly fragment: OperationFragment
  /**
   * An allowed operation that cannot be recorded never ran, and its intent must not appear later. A
   * denied or held one is evidence by itself.
   */
  readonly effect: Verdict['effect']
  /** Its intent was not written and never will be. */
  dropped: boolean
}

/** What was appended in one turn, in order. */
export interface Batch {
  readonly lines: readonly string[]
  /** Beside each line, the operation whose intent it is. */
  readonly intents: readonly (LiveOperation | undefined)[]
  readonly waiters: readonly CommitWaiter[]
}

/** Lines and waiters that wait for the next write. */
export interface Queue {
  push(line: string, intent: LiveOperation | undefined): void
  wait(waiter: CommitWaiter): void
  readonly empty: boolean
  take(): Batch
}

export function createQueue(): Queue {
  let lines: string[] = []
  let intents: (LiveOperation | undefined)[] = []
  let waiters: CommitWaiter[] = []
  return {
    push(line, intent) {
      lines.push(line)
      intents.push(intent)
    },
    wait: (waiter) => void waiters.push(waiter),
    get empty() {
      return lines.length === 0 && waiters.length === 0
    },
    take() {
      const batch = { lines, intents, waiters }
      lines = []
      intents = []
      waiters = []
      return batch
    },
  }
}

/** What must be written once the disk is back: outcomes, closings, denials, held operations. */
export interface Backlog {
  /** Keeps what is evidence by itself of a batch that could not be written, and drops its other intents. */
  keep(batch: Batch): void
  /** Hands over pieces of about `chars` characters until nothing is left or `write` throws. */
  drain(chars: number, write: (lines: readonly string[]) => void): void
  readonly empty: boolean
  /** Since the last call: intents that were refused, and records that did not fit in the bound. */
  takeCounts(): { refused: number; dropped: number }
}

export function createBacklog(charsMax: number): Backlog {
  let lines: string[] = []
  let chars = 0
  let refused = 0
  let dropped = 0

  /**
   * An agent can be denied without end; outcomes are bounded by what runs already. A held operation
   * may be let go long after, so its intent is never given up; approvals bound how many there are.
   */
  function boundFor(intent: LiveOperation | undefined): number {
    if (intent?.effect === 'hold') return Infinity
    return intent === undefined ? charsMax : charsMax / 2
  }

  function keepLine(line: string, intent: LiveOperation | undefined): void {
    if (intent?.effect === 'allow') {
      intent.dropped = true
      refused += 1
      return
    }
    if (chars + line.length > boundFor(intent)) {
      dropped += 1
      return
    }
    lines.push(line)
    chars += line.length
  }

  return {
    keep: (batch) => batch.lines.forEach((line, at) => keepLine(line, batch.intents[at])),
    drain(piece, write) {
      while (lines.length > 0) {
        let count = 0
        let size = 0
        while (count < lines.length && size < piece) size += lines[count++]!.length
        write(lines.slice(0, count))
        lines = lines.slice(count)
        chars -= size
      }
    },
    get empty() {
      return lines.length === 0
    },
    takeCounts() {
      const counts = { refused, dropped }
      refused = 0
      dropped = 0
      return counts
    },
  }
}
