import { setImmediate } from 'node:timers/promises'

const LINE_FEED = 0x0a

/** So much is looked through at once; a segment's memory is shared with whoever serves agents. */
const TURN_BYTES = 1024 * 1024

/** The lines of a text that ends with a line feed, by number, without copying them. */
export interface Lines {
  readonly count: number
  /** Counts from 0. Without its line feed. */
  at(index: number): Buffer
}

/** Finds the lines, with pauses. What follows the last line feed is no line. */
export async function linesIn(bytes: Buffer): Promise<Lines> {
  const ends: number[] = []
  let pause = TURN_BYTES
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, end + 1)) {
    ends.push(end)
    if (end < pause) continue
    pause = end + TURN_BYTES
    await setImmediate()
  }
  return {
    count: ends.length,
    at: (index) => bytes.subarray(index === 0 ? 0 : ends[index - 1]! + 1, ends[index]),
  }
}
