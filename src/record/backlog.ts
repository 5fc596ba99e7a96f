import type { Verdict } from '../core/verdict.ts'

/** One line that waits to be written; an intent's says what was decided, and hears when it is left out. */
export interface Entry {
  readonly line: string
  readonly effect: Verdict['effect'] | undefined
  readonly leftOut: (() => void) | undefined
}

/** Lines that wait to be written, in order. */
export interface Backlog {
  push(entry: Entry): void
  /** Somebody waits for all that was pushed so far. */
  cover(): void
  /**
   * Those who wait were told that nothing is recorded, so what was allowed does not run and must not
   * appear later as if it had. What was denied or held is evidence by itself, and outcomes tell how
   * earlier operations ended: they stay.
   */
  leaveOutAllowed(): void
  readonly empty: boolean
  /** True once after an intent did not fit: those who wait for it must not be told it is written. */
  takeOverflow(): boolean
  /** Hands over all lines; what `write` took without throwing is gone. */
  drain(pieceChars: number, write: (lines: readonly string[]) => void): void
  /** Puts back what the last drain wrote, when it turns out not to be on the disk. */
  putBack(): void
  /** Since the last call. */
  takeCounts(): Counts
}

export interface Counts {
  /** Intents of operations that were refused. */
  readonly refused: number
  /** Records that did not fit into the bound. */
  readonly lost: number
}

export function createBacklog(charsMax: number): Backlog {
  let entries: Entry[] = []
  let drained: Entry[] = []
  let covered = 0
  let coveredDrained = 0
  let chars = 0
  let refused = 0
  let lost = 0
  let overflow = false

  function push(entry: Entry): void {
    // An agent can be denied without end; the outcomes of what runs must still find room.
    const bound = entry.effect === 'deny' ? charsMax / 2 : charsMax
    if (chars + entry.line.length > bound) {
      lost += 1
      overflow ||= entry.effect === 'allow' || entry.effect === 'hold'
      entry.leftOut?.()
      return
    }
    chars += entry.line.length
    entries.push(entry)
  }

  function leaveOutAllowed(): void {
    const before = entries.length
    entries = entries.filter((entry, at) => {
      if (entry.effect !== 'allow' || at >= covered) return true
      chars -= entry.line.length
      entry.leftOut?.()
      return false
    })
    refused += before - entries.length
    covered = 0
  }

  /**
   * Lines that stay whatever happens go in pieces, so that a long backlog makes progress; from the
   * first allowed intent on it is all or nothing.
   */
  function drain(pieceChars: number, write: (lines: readonly string[]) => void): void {
    const firm = entries.findIndex(({ effect }) => effect === 'allow')
    drained = []
    coveredDrained = Math.min(covered, entries.length)
    while (entries.length > 0) {
      const left = firm === -1 ? entries.length : firm - drained.length
      const count = left > 0 ? pieceOf(entries, left, pieceChars) : entries.length
      const part = entries.slice(0, count)
      write(part.map(lineOf))
      drained = drained.length === 0 ? part : [...drained, ...part]
      entries = entries.slice(count)
      covered = Math.max(0, covered - count)
      for (const { line } of part) chars -= line.length
    }
  }

  return {
    push,
    cover() {
      covered = entries.length
    },
    leaveOutAllowed,
    get empty() {
      return entries.length === 0
    },
    takeOverflow() {
      const was = overflow
      overflow = false
      return was
    },
    drain,
    putBack() {
      for (const { line } of drained) chars += line.length
      covered = covered > 0 ? covered + drained.length : coveredDrained
      entries = [...drained, ...entries]
      drained = []
    },
    takeCounts() {
      const counts = { refused, lost }
      refused = 0
      lost = 0
      return counts
    },
  }
}

/** How many of the first `countMax` entries make about `chars` characters; at least one. */
function pieceOf(entries: readonly Entry[], countMax: number, chars: number): number {
  let count = 0
  for (let size = 0; count < countMax && size < chars; count++) size += entries[count]!.line.length
  return count
}

function lineOf({ line }: Entry): string {
  return line
}
