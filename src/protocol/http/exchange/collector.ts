import type { ChaperoneError } from '../../../core/errors.ts'
import type { Part } from '../../../session/shares.ts'
import { Gathered } from '../../../wire/gathered.ts'
import { memoryUsedUp, tooLarge } from '../failure.ts'

/** Puts one request's body together. */
export interface Collector {
  /** Throws MESSAGE_TOO_LARGE, and MEMORY_LIMIT where its agent may hold no more. */
  add(slice: Buffer): void
  whole(): Buffer
  /** The memory that it takes. */
  readonly held: number
}

/** `bytesExpected`: how long the body is, where it says so. Throws MESSAGE_TOO_LARGE for that alone. */
export function createCollector(
  bytesExpected: number | 'unknown',
  bytesMax: number,
  memory: Part,
): Collector {
  if (bytesExpected !== 'unknown' && bytesExpected > bytesMax) throw overBound(bytesMax)
  const body = new Gathered(bytesExpected === 'unknown' ? bytesMax : bytesExpected)
  return {
    add(slice) {
      if (body.length + slice.length > bytesMax) throw overBound(bytesMax)
      const growth = body.growthFor(slice.length)
      if (growth > 0 && !memory.set(body.held + growth)) throw memoryUsedUp()
      body.add(slice)
    },
    whole: () => body.bytes,
    get held() {
      return body.held
    },
  }
}

function overBound(bytesMax: number): ChaperoneError {
  return tooLarge(
    'The body is too large to be read before it goes on.',
    `Send at most ${bytesMax} bytes.`,
  )
}
