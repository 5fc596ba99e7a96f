import type { Clock } from '../core/clock.ts'
import type { PendingLine } from './batch.ts'
import type { RecordIo } from './io.ts'
import { FREE_CHECK_BYTES, FREE_CHECK_MS } from './limits.ts'

export interface FreeSpace {
  /** Throws when intents would be written to a disk that is nearly full; outcomes still may be. */
  check(lines: readonly PendingLine[]): void
}

/** Refuses early, so that what already runs can still be recorded to its end. */
export function openFreeSpace(
  io: RecordIo,
  folder: string,
  clock: Clock,
  freeBytesMin: number,
): FreeSpace {
  let askAt_ms = 0
  let charsLeft = 0
  let enough = true
  return {
    check(lines) {
      for (const { line } of lines) charsLeft -= line.length
      const now_ms = clock.now_ms()
      if (now_ms >= askAt_ms || charsLeft <= 0) {
        enough = freeBytes(io, folder) >= freeBytesMin
        askAt_ms = now_ms + FREE_CHECK_MS
        charsLeft = FREE_CHECK_BYTES
      }
      if (!enough && lines.some(({ intent }) => intent !== undefined)) {
        throw new Error('the disk of the records folder is nearly full')
      }
    },
  }
}

/** A folder that is gone has room: the journal makes it anew. */
function freeBytes(io: RecordIo, folder: string): number {
  try {
    return io.freeBytes(folder)
  } catch {
    return Infinity
  }
}
