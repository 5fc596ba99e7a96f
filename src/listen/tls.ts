import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Clock } from '../core/clock.ts'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { CERTIFICATE_POLL_MS } from './limits.ts'

export interface TlsFiles {
  readonly certificateFile: string
  readonly keyFile: string
}

export interface TlsOptions extends TlsFiles {
  readonly log: Log
  readonly clock: Clock
  readonly poll_ms?: number
  /** A new pair was taken over; for servers that hold a copy. */
  readonly onReload?: (pair: TlsPair) => void
}

/** PEM: the certificate chain and its key. */
export interface TlsPair {
  readonly certificate: Buffer
  readonly key: Buffer
}

/** Turns accepted sockets into TLS ones, with the certificate that is in the files now. */
export interface TlsAcceptor {
  /**
   * Does the server's side of the handshake; bytes that were `unshift`ed on the socket are part of
   * it. Rejects with PROTOCOL_VIOLATION, or with the signal's reason; the socket is then destroyed.
   */
  accept(socket: Socket, alpnProtocols: readonly string[], signal: AbortSignal): Promise<TLSSocket>
  /** What is in force now, for servers that do their own handshakes. */
  pair(): TlsPair
  /** Looks at the files now. Tells whether they were taken over; a bad pair keeps the old one. */
  reload(): Promise<boolean>
  /** What is wrong with files that were not taken over. */
  problem(): string | undefined
  close(): void
}

/**
 * Loads a certificate chain and its key (PEM), and takes over new ones when the files change.
 * Rejects with CONFIG_UNREADABLE or CONFIG_INVALID when the first pair is not good.
 */
export async function openTls(options: TlsOptions): Promise<TlsAcceptor> {
  let pair = await readPair(options)
  let context = makeContext(pair, options.clock)
  let problem: string | undefined

  const reload = async (): Promise<boolean> => {
    try {
      const fresh = await readPair(options)
      const isSame = fresh.certificate.equals(pair.certificate) && fresh.key.equals(pair.key)
      if (isSame) {
        problem = undefined
        return false
      }
      context = makeContext(fresh, options.clock)
      pair = fresh
      problem = undefined
      options.onReload?.(fresh)
      options.log.info('tls.reloaded', { file: options.certificateFile })
      return true
    } catch (error) {
      const what = error instanceof Error ? error.message : 'unknown'
      if (what !== problem) {
        options.log.error('tls.reload-failed', { file: options.certificateFile, error: what })
      }
      problem = what
      return false
    }
  }
  const timer = setInterval(() => void reload(), options.poll_ms ?? CERTIFICATE_POLL_MS)
  timer.unref()

  return {
    accept: (socket, alpn, signal) => accept(socket, context, alpn, signal),
    pair: () => pair,
    reload,
    problem: () => problem,
    close: () => clearInterval(timer),
  }
}

async function readPair(files: TlsFiles): Promise<TlsPair> {
  try {
    const [certificate, key] = await Promise.all([
      readFile(files.certificateFile),
      readFile(files.keyFile),
    ])
    return { certificate, key }
  } catch (error) {
    throw asChaperoneError(
      error,
      'CONFIG_UNREADABLE',
      'The TLS certificate or its key cannot be read.',
      `Check that ${files.certificateFile} and ${files.keyFile} are there and readable.`,
    )
  }
}

function makeContext(pair: TlsPair, clock: Clock): SecureContext {
  const hint = 'Give a PEM certificate chain, the server first, and the key that belongs to it.'
  let context: SecureContext
  let validTo_ms: number
  try {
    context = createSecureContext({ cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2' })
    validTo_ms = Date.parse(new X509Certificate(pair.certificate).validTo)
  } catch (error) {
    throw asChaperoneError(error, 'CONFIG_INVALID', 'The TLS certificate and key do not fit.', hint)
  }
  if (validTo_ms > clock.now_ms()) return context
  throw new ChaperoneError('CONFIG_INVALID', 'The TLS certificate has expired.', { hint })
}

function accept(
  socket: Socket,
  secureContext: SecureContext,
  alpnProtocols: readonly string[],
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      ALPNProtocols: [...alpnProtocols],
    })
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort)
      secured.off('close', onClose)
      secured.off('secure', onSecure)
    }
    const onClose = (): void => {
      settle()
      socket.destroy()
      reject(new ChaperoneError('PROTOCOL_VIOLATION', 'The TLS handshake failed.'))
    }
    const onAbort = (): void => {
      settle()
      secured.destroy()
      socket.destroy()
      reject(signal.reason)
    }
    const onSecure = (): void => {
      settle()
      secured.disableRenegotiation()
      resolve(secured)
    }
    secured.on('error', () => {})
    secured.on('secure', onSecure)
    secured.on('close', onClose)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
  })
}
