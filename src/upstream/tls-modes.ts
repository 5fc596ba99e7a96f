import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { checkServerIdentity, connect } from 'node:tls'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'

/** As libpq's `sslmode`, from the weakest on (PostgreSQL documentation, "SSL Support"). */
type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

export interface TargetTls {
  readonly mode: TlsMode
  /** PEM file of trusted authorities; without it, those that Node brings. Read at each connection. */
  readonly ca?: string
  /** Name to ask for and to verify, if not the host. */
  readonly serverName?: string
  /** PEM files of the gateway's own certificate, where the target asks for one. Read at each connection. */
  readonly client?: { readonly certificate: string; readonly key: string }
}

/** What a mode demands. As in libpq, `require` verifies the chain when an authority is given. */
export function tlsDemands(tls: TargetTls): {
  readonly ask: boolean
  readonly plaintextAllowed: boolean
  readonly verifyChain: boolean
  readonly verifyName: boolean
} {
  const full = tls.mode === 'verify-full'
  return {
    ask: tls.mode !== 'disable',
    plaintextAllowed: tls.mode === 'disable' || tls.mode === 'prefer',
    verifyChain: full || tls.mode === 'verify-ca' || (tls.mode === 'require' && !!tls.ca),
    verifyName: full,
  }
}

/**
 * Does the client's side of the handshake. Unlike libpq, a failed handshake never falls back to
 * plain text, `prefer` or not. Rejects with TARGET_TLS, CONFIG_UNREADABLE for the authority file, or
 * the signal's reason.
 */
export async function secureTarget(
  socket: Socket,
  tls: TargetTls,
  host: string,
  alpnProtocols: readonly string[],
  signal: AbortSignal,
): Promise<TLSSocket> {
  const options = await connectionOptions(tls, host)
  return new Promise((resolve, reject) => {
    const secured = connect({ ...options, socket, ALPNProtocols: [...alpnProtocols] })
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort)
      secured.destroy()
      socket.destroy()
      reject(error)
    }
    const onAbort = () => fail(signal.reason)
    const onClose = () => fail(untrustworthy(tls, undefined))
    secured.on('error', (error) => fail(untrustworthy(tls, error)))
    secured.once('close', onClose)
    secured.once('secureConnect', () => {
      signal.removeEventListener('abort', onAbort)
      secured.off('close', onClose)
      secured.pause()
      resolve(secured)
    })
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
  })
}

export async function connectionOptions(tls: TargetTls, host: string): Promise<ConnectionOptions> {
  const { verifyChain, verifyName } = tlsDemands(tls)
  const name = tls.serverName ?? host
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verifyChain,
    checkServerIdentity: (_, certificate) =>
      verifyName ? checkServerIdentity(name, certificate) : undefined,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls.ca === undefined ? {} : { ca: await readAuthority(tls.ca) }),
    ...(tls.client === undefined ? {} : await readClient(tls.client)),
  }
}

async function readClient(
  files: NonNullable<TargetTls['client']>,
): Promise<{ cert: Buffer; key: Buffer }> {
  try {
    const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)])
    return { cert, key }
  } catch (error) {
    const what = 'The credential for the target is not there.'
    throw asChaperoneError(error, 'TARGET_CREDENTIAL', what, "Check the resource's credential.")
  }
}

async function readAuthority(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const what = 'The file of authorities for the target cannot be read.'
    throw asChaperoneError(error, 'CONFIG_UNREADABLE', what, "Check the resource's tls.ca.")
  }
}

export function untrustworthy(
  tls: TargetTls,
  cause: NodeJS.ErrnoException | undefined,
): ChaperoneError {
  const why = cause?.code ?? 'the handshake failed'
  return new ChaperoneError('TARGET_TLS', `The target has no trustworthy TLS (${why}).`, {
    cause,
    hint: `Check the resource's tls.ca and tls.serverName; the mode is ${tls.mode}.`,
  })
}
