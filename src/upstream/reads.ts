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
 * Lets a socket read into memory that is used again. Memory of its own for each read would be freed
 * only when garbage is collected, and so much of it comes while an answer of a million rows passes
 * that the collector takes more time than the gateway. While little comes, all sockets read into the
 * same memory, so that a session that rests has none; read and reader are one synchronous turn.
 */
export function leasedReads(socket: () => Socket): OnReadOpts | undefined {
  // Windows is told where to read to before anything has come; two sockets must not share that.
  if (process.platform === 'win32') return undefined
  /** Of this socket alone, while much comes. */
  let own: Buffer | undefined
  return {
    buffer: () => own ?? SHARED,
    callback(count, bytes) {
      const isOwn = own !== undefined
      const read = Buffer.from(bytes.buffer, bytes.byteOffset, count)
      const lease: Lease = { kept: true }
      socket().emit('data', isOwn ? read : Buffer.from(read), lease)
      if (count < SHORT_BYTES) own = undefined
      else if (!isOwn || lease.kept) own = Buffer.allocUnsafeSlow(READ_BYTES)
      return true
    },
  }
}

const SHARED = Buffer.allocUnsafeSlow(READ_BYTES)
