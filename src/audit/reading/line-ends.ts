import { setImmediate } from 'node:timers/promises'

const LINE_FEED = 0x0a

/** So much is looked through at once; the thread is shared with whoever serves agents. */
const TURN_BYTES = 1024 * 1024

/** The lines of a segment, by number, without copying them. */
export interface Lines {
  readonly count: number
  /** Counts from 0. Without its line feed. */
  at(index: number): Buffer
}

/** Finds the lines, with pauses. No line goes on from one part into the next. */
export async function linesIn(parts: readonly Buffer[]): Promise<Lines> {
  // For each line: its part, and where it starts and ends there.
  const places: number[] = []
  const starts: number[] = []
  const ends: number[] = []
  let looked = 0
  for (const [place, part] of parts.entries()) {
    for (let start = 0; start < part.length;) {
      const found = part.indexOf(LINE_FEED, start)
      const end = found === -1 ? part.length : found
      places.push(place)
      starts.push(start)
      ends.push(end)
      looked += end - start + 1
      start = end + 1
      if (looked < TURN_BYTES) continue
      looked = 0
      await setImmediate()
    }
  }
  return {
    count: ends.length,
    at: (index) => parts[places[index]!]!.subarray(starts[index], ends[index]),
  }
}
