import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { ChaperoneError } from '../../../core/errors.ts'
import type { TargetAddress } from '../../../upstream/dial.ts'
import { dial } from '../../../upstream/dial.ts'
import type { TargetTls } from '../../../upstream/tls-modes.ts'
import { secureTarget, tlsDemands } from '../../../upstream/tls-modes.ts'
import { sslRequest } from './handshake-messages.ts'
import type { Intake } from './intake.ts'
import { openIntake } from './intake.ts'

/** A target's connection, before anything was said on it but encryption. */
export interface TargetLine {
  readonly socket: Socket | TLSSocket
  readonly intake: Intake
  readonly secured: TLSSocket | undefined
}

const WILLING = 0x53
const UNWILLING = 0x4e

/**
 * Reaches the target and encrypts the connection as `tls` demands (PostgreSQL documentation, "SSL
 * Session Encryption"). Rejects with TARGET_UNREACHABLE, TARGET_TLS, TARGET_PROTOCOL, TARGET_LOST or
 * the signal's reason; the socket is then destroyed.
 */
export async function openTargetLine(
  address: TargetAddress,
  tls: TargetTls,
  signal: AbortSignal,
): Promise<TargetLine> {
  const socket = await dial(address, signal, { leased: !tlsDemands(tls).ask })
  try {
    return await encrypt(socket, address, tls, signal)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function encrypt(
  socket: Socket,
  address: TargetAddress,
  tls: TargetTls,
  signal: AbortSignal,
): Promise<TargetLine> {
  const demands = tlsDemands(tls)
  const intake = openIntake(socket, signal, targetGone)
  if (!demands.ask) return { socket, intake, secured: undefined }
  socket.write(sslRequest())
  const answer = (await intake.take(1))[0]
  if (answer === UNWILLING && demands.plaintextAllowed) {
    return { socket, intake, secured: undefined }
  }
  if (answer === UNWILLING) {
    throw new ChaperoneError('TARGET_TLS', 'The target offers no TLS.', {
      hint: `Turn TLS on at the target; the resource's tls.mode is ${tls.mode}.`,
    })
  }
  // What came with the answer was not encrypted, and must not be taken for what was (CVE-2021-23222).
  const early = intake.release()
  if (answer !== WILLING || early.length > 0) {
    throw new ChaperoneError('TARGET_PROTOCOL', 'The target answered wrongly to a TLS request.')
  }
  const secured = await secureTarget(socket, tls, address.host, ['postgresql'], signal)
  return { socket: secured, intake: openIntake(secured, signal, targetGone), secured }
}

function targetGone(): ChaperoneError {
  return new ChaperoneError('TARGET_LOST', 'The target closed the connection during sign-in.', {
    hint: "Look into the target's log; it may be refusing the gateway's address.",
  })
}
