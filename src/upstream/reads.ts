import type { OnReadOpts, Socket } from 'node:net'

/** What one read may bring; Node's own reads are as large. */
const READ_BYTES = 64 * 1024

/** Shorter reads are answers to small questions, and cheaper copied than given memory of their own. */
const SHORT_BYTES = 8 * 1024

/**
 * Comes with each chunk, as the second argument of `data`. A reader that has used all of the chunk
 * when it returns, and handed nothing of it on that is still to be written, says that it is not kept.
 */
export interface Lease {
  kept: boolean
}

/**
 * Lets sockets read into one memory of all of them, out of which a chunk is copied: a read and its
 * reader are one synchronous turn. Memory of its own for each read, as Node does it, is freed only when
 * garbage is collected, and so much of it comes while an answer of a million rows passes that the
 * collector takes more time than the gateway. A socket that much comes from has one buffer for its
 * chunks, as long as none is kept; a session that rests has none.
 */
export function leasedReads(socket: () => Socket): OnReadOpts | undefined {
  // Windows is told where to read to before anything has come; two sockets must not share that.
  if (process.platform === 'win32') return undefined
  let own: Buffer | undefined
  return {
    buffer: SHARED,
    callback(count) {
      const lease: Lease = { kept: true }
      if (count < SHORT_BYTES) {
        own = undefined
        socket().emit('data', Buffer.from(SHARED.subarray(0, count)), lease)
        return true
      }
      own ??= Buffer.allocUnsafeSlow(READ_BYTES)
      SHARED.copy(own, 0, 0, count)
      socket().emit('data', own.subarray(0, count), lease)
      if (lease.kept) own = undefined
      return true
    },
  }
}

const SHARED = Buffer.allocUnsafeSlow(READ_BYTES)
