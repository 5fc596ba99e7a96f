import { isUtf8 } from 'node:buffer'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { asChaperoneError, ChaperoneError } from '../../../core/errors.ts'
import { isLoopback, peerAddress } from '../../../listen/address.ts'
import { sayFarewell } from '../../../listen/farewell.ts'
import type { TlsAcceptor } from '../../../listen/tls.ts'
import { FRONTEND, HEADER_BYTES, messageBytes } from '../messages/frame.ts'
import { authenticationCleartextPassword } from '../messages/message.ts'
import { fatalResponse } from '../messages/refusal.ts'
import type { Line } from './encryption.ts'
import { firstPacket, openLine } from './encryption.ts'
import { HANDSHAKE_TIMEOUT_MS, PASSWORD_BYTES_MAX } from './handshake-limits.ts'
import { negotiateProtocolVersion } from './handshake-messages.ts'
import type { Intake } from './intake.ts'
import type { Startup } from './startup.ts'
import { CANCEL_REQUEST, readStartup } from './startup.ts'

export interface GreetingOptions {
  /** Absent: no TLS is offered, which only loopback plain text can live with. */
  readonly tls?: Pick<TlsAcceptor, 'accept'>
  /** `loopback` takes passwords in plain text from this machine; nothing takes them from elsewhere. */
  readonly plaintext: 'refuse' | 'loopback'
  /** For the whole handshake, up to the password. */
  readonly timeout_ms?: number
}

/** What a connection turned out to want. Its socket is paused: listen to it, then `resume` it. */
export type Greeting = SessionGreeting | CancelGreeting

export interface SessionGreeting {
  readonly type: 'session'
  readonly socket: Socket | TLSSocket
  readonly startup: Startup
  /** The server name of the TLS handshake. */
  readonly sni?: string
  /** What the client gave as its password: a token or a ticket. Never log it. */
  readonly password: string
  readonly clientAddress: string
  /** Bytes that came after the password and belong to the conversation. */
  readonly remainder: Buffer
}

interface CancelGreeting {
  readonly type: 'cancel'
  /** To be closed by the caller; the protocol answers nothing. */
  readonly socket: Socket | TLSSocket
  readonly pid: number
  readonly secret: number
  readonly clientAddress: string
}

/**
 * Plays the server from the first byte to the client's password (PostgreSQL documentation,
 * "Start-up"). It does not answer AuthenticationOk: whose password it is gets decided elsewhere.
 *
 * Rejects with a ChaperoneError; the client has then been told, in the protocol's own form where
 * that is possible, and the socket is being closed. Codes: TLS_REQUIRED, PROTOCOL_VIOLATION,
 * PROTOCOL_UNSUPPORTED, PROTOCOL_TIMEOUT, MESSAGE_TOO_LARGE, SQL_ENCODING, CREDENTIAL_MISSING,
 * CREDENTIAL_MALFORMED.
 */
export async function greet(socket: Socket, options: GreetingOptions): Promise<Greeting> {
  const clientAddress = peerAddress(socket)
  const deadline = new AbortController()
  const timer = setTimeout(
    () => deadline.abort(tooSlow()),
    options.timeout_ms ?? HANDSHAKE_TIMEOUT_MS,
  )
  socket.on('error', () => {})
  const line = openLine(socket, deadline.signal)
  try {
    return await converse(line, clientAddress, options, deadline.signal)
  } catch (caught) {
    const error = asChaperoneError(caught, 'INTERNAL', 'The handshake failed.')
    line.intake.release()
    if (line.answerable) sayFarewell(line.socket, fatalResponse(error))
    else line.socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function tooSlow(): ChaperoneError {
  return new ChaperoneError('PROTOCOL_TIMEOUT', 'The handshake took too long.')
}

async function converse(
  line: Line,
  clientAddress: string,
  options: GreetingOptions,
  signal: AbortSignal,
): Promise<Greeting> {
  const packet = await firstPacket(line, options.tls, signal)
  if (packet.readUInt32BE(4) === CANCEL_REQUEST) {
    line.intake.release()
    const [pid, secret] = [packet.readInt32BE(8), packet.readInt32BE(12)]
    return { type: 'cancel', socket: line.socket, pid, secret, clientAddress }
  }
  requireTls(line, clientAddress, options)
  const startup = readStartup(packet)
  if (startup.negotiate !== undefined) {
    line.socket.write(negotiateProtocolVersion(startup.negotiate))
  }
  line.socket.write(authenticationCleartextPassword())
  const password = await readPassword(line.intake)
  return {
    type: 'session',
    socket: line.socket,
    startup,
    password,
    clientAddress,
    remainder: line.intake.release(),
    ...(line.sni === undefined ? {} : { sni: line.sni }),
  }
}

/** Comes before any password is asked for: psql and others would send it in clear. */
function requireTls(line: Line, clientAddress: string, options: GreetingOptions): void {
  if (line.encrypted) return
  if (options.plaintext === 'loopback' && isLoopback(clientAddress)) return
  throw new ChaperoneError('TLS_REQUIRED', 'Plain text is refused; nothing secret was asked for.', {
    hint: 'Connect with TLS: sslmode=verify-full, or at least sslmode=require.',
  })
}

const WAY_TO_SIGN_IN = 'Give an Entra access token for this gateway, or a ticket, as the password.'

async function readPassword(intake: Intake): Promise<string> {
  const header = await passwordHeader(intake)
  if (header[0] !== FRONTEND.PasswordMessage) {
    throw new ChaperoneError('PROTOCOL_VIOLATION', 'Something else than a password was sent.')
  }
  const bytes = messageBytes(header, 0, HEADER_BYTES)
  if (bytes > PASSWORD_BYTES_MAX) {
    throw new ChaperoneError('MESSAGE_TOO_LARGE', 'The password is longer than it may be.')
  }
  const text = (await intake.take(bytes)).subarray(HEADER_BYTES)
  if (text.length === 0 || text.indexOf(0) !== text.length - 1) {
    throw new ChaperoneError('PROTOCOL_VIOLATION', 'The password message is malformed.')
  }
  const password = text.subarray(0, -1)
  if (password.length === 0) throw missing('The password is empty.')
  if (isUtf8(password)) return password.toString('utf8')
  throw new ChaperoneError('CREDENTIAL_MALFORMED', 'The password is not valid UTF-8.', {
    hint: WAY_TO_SIGN_IN,
  })
}

/** A client that has no password to give hangs up here, to ask its user for one. */
async function passwordHeader(intake: Intake): Promise<Buffer> {
  try {
    return await intake.peek(HEADER_BYTES)
  } catch (error) {
    const left = error instanceof ChaperoneError && error.code === 'PROTOCOL_VIOLATION'
    throw left ? missing('The client left without giving a password.') : error
  }
}

function missing(what: string): ChaperoneError {
  return new ChaperoneError('CREDENTIAL_MISSING', what, { hint: WAY_TO_SIGN_IN })
}
