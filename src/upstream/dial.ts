import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { ChaperoneError } from '../core/errors.ts'
import { ADDRESS_ATTEMPT_MS, KEEP_ALIVE_MS } from './limits.ts'
import { leasedReads } from './reads.ts'

export interface TargetAddress {
  readonly host: string
  readonly port: number
}

export interface DialOptions {
  /** What comes is only listened to as `data`, and nothing is put around the socket: see reads.ts. */
  readonly leased?: boolean
}

/**
 * Opens a TCP connection; of several addresses the first that answers is taken (RFC 8305). The
 * socket comes paused, with an error listener of its own. Rejects with TARGET_UNREACHABLE, or with
 * the signal's reason.
 */
export function dial(
  address: TargetAddress,
  signal: AbortSignal,
  { leased = false }: DialOptions = {},
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const onread = leased ? leasedReads(() => socket) : undefined
    const socket: Socket = connect({
      ...(onread === undefined ? {} : { onread }),
      host: address.host,
      port: address.port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    })
    socket.pause()
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      reject(error)
    }
    const onAbort = () => fail(signal.reason)
    socket.on('error', (error) => fail(unreachable(error)))
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      resolve(socket)
    })
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
  })
}

/** The address stays out of it: agents read this, and have no business with the target's own door. */
export function unreachable(cause: NodeJS.ErrnoException): ChaperoneError {
  const what = `The target cannot be reached (${cause.code ?? 'no connection'}).`
  return new ChaperoneError('TARGET_UNREACHABLE', what, {
    cause,
    hint: "Check the resource's address, and that the network lets the gateway reach it.",
  })
}
