import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { ChaperoneError } from '../core/errors.ts'
import { KEEP_ALIVE_MS } from './limits.ts'

export interface TargetAddress {
  readonly host: string
  readonly port: number
}

/**
 * Opens a TCP connection; of several addresses the first that answers is taken (RFC 8305). The
 * socket comes paused, with an error listener of its own. Rejects with TARGET_UNREACHABLE, or with
 * the signal's reason.
 */
export function dial(address: TargetAddress, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address.host,
      port: address.port,
      autoSelectFamily: true,
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
    socket.on('error', (error) => fail(unreachable(address, error)))
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      resolve(socket)
    })
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
  })
}

function unreachable(address: TargetAddress, cause: NodeJS.ErrnoException): ChaperoneError {
  const why = cause.code ?? 'no connection'
  return new ChaperoneError(
    'TARGET_UNREACHABLE',
    `The target at ${address.host}:${address.port} cannot be reached (${why}).`,
    {
      cause,
      hint: "Check the resource's address, and that the network lets the gateway reach it.",
    },
  )
}
