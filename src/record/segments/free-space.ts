import type { Clock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import { FREE_BYTES_PEOPLE_PART, FREE_CHECK_BYTES, FREE_CHECK_MS } from '../lines/limits.ts'
import type { RecordIo } from './io.ts'

/** Watches the free space, asking the system only now and then. */
export interface Space {
  /** So many characters are about to be written. */
  claim(chars: number): void
  /** What to tell those who want to write more, when too little is left. */
  problem(): ChaperoneError | undefined
  /** Whether there is as much as is kept for what people decide. As of the last `problem`. */
  readonly enoughForPeople: boolean
}

export function watchSpace(
  io: RecordIo,
  clock: Clock,
  folder: string,
  freeBytesMin: number,
): Space {
  let asked_ms = Number.NEGATIVE_INFINITY
  let claimed = 0
  let free = Infinity
  const isEnough = () => free >= freeBytesMin
  return {
    get enoughForPeople() {
      return free >= freeBytesMin * FREE_BYTES_PEOPLE_PART
    },
    claim(chars) {
      claimed += chars
    },
    problem() {
      const now_ms = clock.now_ms()
      if (
        !isEnough() ||
        claimed > FREE_CHECK_BYTES ||
        Math.abs(now_ms - asked_ms) > FREE_CHECK_MS
      ) {
        free = freeBytes(io, folder) - claimed
        asked_ms = now_ms
        claimed = 0
      }
      return isEnough() ? undefined : nearlyFull(freeBytesMin)
    },
  }
}

function nearlyFull(freeBytesMin: number): ChaperoneError {
  return new ChaperoneError('RECORD_UNAVAILABLE', 'The disk of the records is nearly full.', {
    hint: `Make room: the gateway wants ${freeBytesMin} bytes free to finish what runs.`,
  })
}

/** A folder that is gone has room: the journal makes it anew, or says why it cannot. */
function freeBytes(io: RecordIo, folder: string): number {
  try {
    return io.freeBytes(folder)
  } catch {
    return Infinity
  }
}
