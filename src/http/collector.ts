import type { ChaperoneError } from '../core/errors.ts'
import { tooLarge } from './failure.ts'
import { COLLECTED_BYTES_MAX } from './limits.ts'

/** Memory for bodies that must be whole, shared by all requests. */
export interface CollectBudget {
  /** False: there is no room for so much more. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function createCollectBudget(bytesMax = COLLECTED_BYTES_MAX): CollectBudget {
  let taken = 0
  return {
    take(bytes) {
      if (taken + bytes > bytesMax) return false
      taken += bytes
      return true
    },
    give(bytes) {
      taken -= bytes
    },
  }
}

/** Puts one request's body together. `free` gives its memory back. */
export interface Collector {
  /** Throws MESSAGE_TOO_LARGE. */
  add(slice: Buffer): void
  whole(): Buffer
  free(): void
}

export function createCollector(bytesMax: number, budget: CollectBudget): Collector {
  const slices: Buffer[] = []
  let bytes = 0
  return {
    add(slice) {
      if (bytes + slice.length > bytesMax) throw overBound(bytesMax)
      if (!budget.take(slice.length)) throw overBudget()
      bytes += slice.length
      // A slice would keep the whole read buffer alive.
      slices.push(Buffer.from(slice))
    },
    whole: () => (slices.length === 1 ? slices[0]! : Buffer.concat(slices)),
    free() {
      budget.give(bytes)
      bytes = 0
    },
  }
}

export function overBound(bytesMax: number): ChaperoneError {
  return tooLarge(
    'The body is too large to be read before it goes on.',
    `Send at most ${bytesMax} bytes.`,
  )
}

function overBudget(): ChaperoneError {
  return tooLarge('Too much waits to be read already.', 'Try again later.')
}
