import { JOINED_BUFFERS_KEPT, JOINED_BYTES } from '../limits.ts'

/** Memory that pieces are joined in before they are written: what was written is used again. */
export interface WriteBuffers {
  take(): Buffer
  /** Gives back what nobody reads any more. */
  give(buffer: Buffer): void
}

export function createWriteBuffers(): WriteBuffers {
  const free: Buffer[] = []
  return {
    take: () => free.pop() ?? Buffer.allocUnsafeSlow(JOINED_BYTES),
    give(buffer) {
      if (free.length < JOINED_BUFFERS_KEPT) free.push(buffer)
    },
  }
}
