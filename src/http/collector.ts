import type { ChaperoneError } from '../core/errors.ts'
import { tooLarge } from './failure.ts'
import { COLLECTED_BYTES_MAX } from './limits.ts'
import { Gathered } from '../wire/gathered.ts'

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

/** `bytesExpected`: how long the body is, where it says so. */
export function createCollector(
  bytesExpected: number | 'unknown',
  bytesMax: number,
  budget: CollectBudget,
): Collector {
  if (bytesExpected !== 'unknown' && bytesExpected > bytesMax) throw overBound(bytesMax)
  const body = new Gathered(bytesExpected === 'unknown' ? bytesMax : bytesExpected)
  let held = 0
  return {
    add(slice) {
      if (body.length + slice.length > bytesMax) throw overBound(bytesMax)
      const growth = body.growthFor(slice.length)
      if (growth > 0 && !budget.take(growth)) throw overBudget()
      held += growth
      body.add(slice)
    },
    whole: () => body.bytes,
    free() {
      budget.give(held)
      held = 0
    },
  }
}

function overBound(bytesMax: number): ChaperoneError {
  return tooLarge(
    'The body is too large to be read before it goes on.',
    `Send at most ${bytesMax} bytes.`,
  )
}

function overBudget(): ChaperoneError {
  return tooLarge('Too much waits to be read already.', 'Try again later.')
}
