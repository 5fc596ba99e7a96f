import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { ChaperoneError } from '../../../core/errors.ts'
import type { TlsAcceptor } from '../../../listen/tls.ts'
import type { Intake } from './intake.ts'
import { openIntake } from './intake.ts'
import {
  CANCEL_REQUEST,
  GSSENC_REQUEST,
  SSL_REQUEST,
  STARTUP_HEADER_BYTES,
  startupPacketBytes,
} from './startup.ts'

/** A client's connection as it is now; TLS replaces the socket and its intake. */
export interface Line {
  socket: Socket | TLSSocket
  intake: Intake
  encrypted: boolean
  /** False while an ErrorResponse would not be understood, or would not be safe to believe. */
  answerable: boolean
  /** The server name that the client asked for in TLS. */
  sni: string | undefined
}

export function openLine(socket: Socket, signal: AbortSignal): Line {
  return {
    socket,
    intake: openIntake(socket, signal, clientGone),
    encrypted: false,
    answerable: true,
    sni: undefined,
  }
}

function clientGone(): ChaperoneError {
  return new ChaperoneError('PROTOCOL_VIOLATION', 'The client left during the handshake.')
}

const TLS_HANDSHAKE_RECORD = 0x16
const ALPN = 'postgresql'
const CANCEL_PACKET_BYTES = 16

/**
 * Answers encryption requests, each at most once, or direct TLS, until a StartupMessage or a
 * CancelRequest comes; returns that packet whole.
 */
export async function firstPacket(
  line: Line,
  tls: Pick<TlsAcceptor, 'accept'> | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  const first = await line.intake.peek(1)
  if (tls !== undefined && first[0] === TLS_HANDSHAKE_RECORD) await directTls(line, tls, signal)

  const asked = new Set<number>()
  for (;;) {
    const packet = await readPacket(line.intake)
    const code = packet.readUInt32BE(4)
    if (code === CANCEL_REQUEST && packet.length !== CANCEL_PACKET_BYTES) throw malformed()
    if (code !== SSL_REQUEST && code !== GSSENC_REQUEST) return packet
    if (packet.length !== STARTUP_HEADER_BYTES) throw malformed()
    if (line.encrypted || asked.has(code)) {
      throw new ChaperoneError('PROTOCOL_VIOLATION', 'Encryption was asked for twice.')
    }
    asked.add(code)
    expectSilence(line)
    if (code === SSL_REQUEST && tls !== undefined) {
      line.socket.write('S')
      await encrypt(line, tls, signal)
    } else {
      line.socket.write('N')
    }
  }
}

async function readPacket(intake: Intake): Promise<Buffer> {
  const header = await intake.peek(STARTUP_HEADER_BYTES)
  return intake.take(startupPacketBytes(header))
}

/**
 * Nothing may be sent before the answer to an encryption request is there: what is in the buffer
 * already would be plain text that is taken for encrypted (as in CVE-2021-23214).
 */
function expectSilence(line: Line): void {
  if (line.intake.buffered === 0) return
  line.answerable = false
  throw new ChaperoneError('PROTOCOL_VIOLATION', 'Plain text followed an encryption request.')
}

/**
 * TLS from the first byte. It must name the protocol by ALPN, or a browser could be made to speak
 * to this port (PostgreSQL documentation, "SSL Session Encryption").
 */
async function directTls(
  line: Line,
  tls: Pick<TlsAcceptor, 'accept'>,
  signal: AbortSignal,
): Promise<void> {
  const secured = await encrypt(line, tls, signal)
  if (secured.alpnProtocol === ALPN) return
  line.answerable = false
  throw new ChaperoneError('PROTOCOL_VIOLATION', 'Direct TLS came without ALPN "postgresql".')
}

async function encrypt(
  line: Line,
  tls: Pick<TlsAcceptor, 'accept'>,
  signal: AbortSignal,
): Promise<TLSSocket> {
  line.answerable = false
  const early = line.intake.release()
  if (early.length > 0) line.socket.unshift(early)
  const secured = await tls.accept(line.socket, [ALPN], signal)
  line.socket = secured
  line.intake = openIntake(secured, signal, clientGone)
  line.encrypted = true
  line.answerable = true
  const sni = secured.servername as string | false | null | undefined
  line.sni = typeof sni === 'string' && sni !== '' ? sni : undefined
  return secured
}

function malformed(): ChaperoneError {
  return new ChaperoneError('PROTOCOL_VIOLATION', 'The first packet is malformed.')
}
