import type { OnReadOpts } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import type { TargetAddress } from './dial.ts'
import { unreachable } from './dial.ts'
import { ADDRESS_ATTEMPT_MS, KEEP_ALIVE_MS } from './limits.ts'
import type { TargetTls } from './tls-modes.ts'
import { connectionOptions, untrustworthy } from './tls-modes.ts'

/** A TLS record holds at most 16 KiB, and a read is one record. */
const READ_BYTES = 16 * 1024

/** One memory for all of them: a read and its reader are one synchronous turn. */
const SHARED = Buffer.allocUnsafeSlow(READ_BYTES)

/**
 * Opens a TCP connection with TLS from its first byte. What comes is only told as `data`, and is the
 * reader's until it returns: memory of its own for each read, as Node does it, makes V8 mark its
 * whole heap again and again while a large answer passes (see reads.ts). The socket comes paused.
 * Rejects with TARGET_UNREACHABLE, TARGET_TLS, what the files of `tls` are, or the signal's reason.
 */
export async function dialSecure(
  address: TargetAddress,
  tls: TargetTls,
  alpnProtocols: readonly string[],
  signal: AbortSignal,
): Promise<TLSSocket> {
  const options = {
    ...(await connectionOptions(tls, address.host)),
    host: address.host,
    port: address.port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    noDelay: true,
    ALPNProtocols: [...alpnProtocols],
    onread: sharedReads((): TLSSocket => socket),
  }
  let socket: TLSSocket
  return new Promise((resolve, reject) => {
    socket = connect(options)
    let isReached = false
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      reject(error)
    }
    const onAbort = () => fail(signal.reason)
    const onClose = () => fail(untrustworthy(tls, undefined))
    socket.once('connect', () => (isReached = true))
    socket.on('error', (error) => fail(isReached ? untrustworthy(tls, error) : unreachable(error)))
    socket.once('close', onClose)
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('close', onClose)
      // As an option it would tell Node to keep the TLS context beyond the connection.
      socket.setKeepAlive(true, KEEP_ALIVE_MS)
      socket.pause()
      resolve(socket)
    })
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
  })
}

function sharedReads(socket: () => TLSSocket): OnReadOpts {
  return {
    buffer: SHARED,
    callback(count) {
      // Who says something before anybody listens says more than it was asked.
      if (!socket().emit('data', SHARED.subarray(0, count))) socket().destroy()
      return true
    },
  }
}
