import type { Socket } from 'node:net'
import type { ChaperoneError } from '../../../core/errors.ts'
import { Incoming } from '../../../wire/incoming.ts'

/**
 * Reads a handshake from a socket: exactly as many bytes as asked for, and no further reading while
 * nobody asks.
 */
export interface Intake {
  /** Bytes that came and were not taken yet. */
  readonly buffered: number
  /** Waits until `count` bytes are there and leaves them. Rejects when the peer leaves or the signal says so. */
  peek(count: number): Promise<Buffer>
  /** As `peek`, and takes them. */
  take(count: number): Promise<Buffer>
  /** Lets go of the socket, paused, and returns what was not taken. */
  release(): Buffer
}

interface Waiter {
  readonly count: number
  resolve(): void
  reject(error: unknown): void
}

/** `signal.reason` must be a ChaperoneError; `gone` makes the error for a peer that left. */
export function openIntake(
  socket: Socket,
  signal: AbortSignal,
  gone: () => ChaperoneError,
): Intake {
  const incoming = new Incoming()
  let waiter: Waiter | undefined
  let failure: unknown

  const fail = (error: unknown) => {
    failure ??= error
    waiter?.reject(failure)
    waiter = undefined
  }
  const onData = (chunk: Buffer) => {
    incoming.add(chunk)
    if (waiter === undefined || incoming.length < waiter.count) return
    socket.pause()
    waiter.resolve()
    waiter = undefined
  }
  const onGone = () => fail(gone())
  const onAbort = () => fail(signal.reason)

  socket.pause()
  socket.on('data', onData)
  socket.on('end', onGone)
  socket.on('error', onGone)
  socket.on('close', onGone)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  else if (socket.destroyed) onGone()

  const enough = (count: number): Promise<void> => {
    if (incoming.length >= count) return Promise.resolve()
    if (failure !== undefined) return Promise.reject(failure)
    return new Promise((resolve, reject) => {
      waiter = { count, resolve, reject }
      socket.resume()
    })
  }

  return {
    get buffered() {
      return incoming.length
    },
    async peek(count) {
      await enough(count)
      return incoming.bytes.subarray(0, count)
    },
    async take(count) {
      await enough(count)
      const taken = incoming.bytes.subarray(0, count)
      incoming.skip(count)
      return taken
    },
    release() {
      socket.off('data', onData)
      socket.off('end', onGone)
      socket.off('error', onGone)
      socket.off('close', onGone)
      signal.removeEventListener('abort', onAbort)
      return incoming.bytes
    },
  }
}
