import { createHash, randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { ChaperoneError } from '../../../core/errors.ts'
import { isLoopback, peerAddress } from '../../../listen/address.ts'
import { BACKEND } from '../messages/frame.ts'
import type { Reader } from '../messages/reader.ts'
import { endPointBinding } from './channel-binding.ts'
import { passwordMessage, saslInitialResponse, saslResponse } from './handshake-messages.ts'
import type { ChannelBinding } from './scram.ts'
import { startScram } from './scram.ts'
import type { TargetLine } from './target-line.ts'
import type { TargetMessage } from './target-messages.ts'
import { brokenTarget, readerOf } from './target-messages.ts'

export interface SignIn {
  readonly user: string
  /** Never logged, never part of an error. */
  readonly credential: string
  /** The challenge of old servers; its answer can be used again by whoever reads it. */
  readonly md5: boolean
  /** TLS was switched off on purpose, so that a password may go in clear on this machine. */
  readonly plaintextChosen: boolean
}

/** Authentication requests (PostgreSQL documentation, "Message Formats"). */
const OK = 0
const CLEARTEXT = 3
const MD5 = 5
const SASL = 10
const SASL_CONTINUE = 11
const SASL_FINAL = 12

type Next = () => Promise<TargetMessage>

/**
 * Answers one authentication request and waits for AuthenticationOk. Throws TARGET_AUTH for a
 * method that is not safe here, TARGET_PROTOCOL for anything out of order.
 */
export async function authenticate(line: TargetLine, next: Next, signIn: SignIn): Promise<void> {
  const request = await authentication(next)
  switch (request.code) {
    case OK:
      request.body.finish()
      return
    case CLEARTEXT:
      request.body.finish()
      allowCleartext(line, signIn)
      line.socket.write(passwordMessage(signIn.credential))
      break
    case MD5:
      allowMd5(signIn)
      line.socket.write(passwordMessage(md5Answer(signIn, request.body)))
      break
    case SASL:
      await scram(line, next, signIn, mechanisms(request.body))
      break
    default:
      throw notServed('asks for a way to sign in that the gateway does not have')
  }
  await expect(next, OK)
}

async function authentication(next: Next): Promise<{ code: number; body: Reader }> {
  const message = await next()
  if (message.type !== BACKEND.Authentication) throw brokenTarget('sent something out of order')
  const body = readerOf(message)
  return { code: body.int32(), body }
}

async function expect(next: Next, code: number): Promise<Reader> {
  const answer = await authentication(next)
  if (answer.code !== code) throw brokenTarget('answered out of order')
  if (code === OK) answer.body.finish()
  return answer.body
}

function allowCleartext(line: TargetLine, signIn: SignIn): void {
  if (line.secured !== undefined) return
  if (signIn.plaintextChosen && isLoopback(peerAddress(line.socket))) return
  throw new ChaperoneError('TARGET_AUTH', 'The target asks for the password in plain text.', {
    hint: "Set the resource's tls.mode to verify-full, or use scram-sha-256 at the target.",
  })
}

function allowMd5(signIn: SignIn): void {
  if (signIn.md5) return
  throw new ChaperoneError('TARGET_AUTH', 'The target asks for the weak md5 way to sign in.', {
    hint: 'Use scram-sha-256 at the target, or allow md5 with auth.md5 of the resource.',
  })
}

function md5Answer(signIn: SignIn, body: Reader): string {
  const salt = body.bytes(4)
  body.finish()
  const md5 = (...parts: readonly (string | Buffer)[]): string => {
    const hash = createHash('md5')
    for (const part of parts) hash.update(part)
    return hash.digest('hex')
  }
  return `md5${md5(md5(signIn.credential, signIn.user), salt)}`
}

function mechanisms(body: Reader): string[] {
  const names: string[] = []
  for (let name = body.cstring(); name !== ''; name = body.cstring()) names.push(name)
  body.finish()
  return names
}

const NONCE_BYTES = 18

async function scram(
  line: TargetLine,
  next: Next,
  signIn: SignIn,
  offered: readonly string[],
): Promise<void> {
  const { mechanism, binding } = choose(line.secured, offered)
  const client = startScram({
    password: signIn.credential,
    nonce: randomBytes(NONCE_BYTES).toString('base64'),
    binding,
  })
  line.socket.write(saslInitialResponse(mechanism, client.clientFirst))
  const final = await client.clientFinal(rest(await expect(next, SASL_CONTINUE)))
  line.socket.write(saslResponse(final.message))
  final.verify(rest(await expect(next, SASL_FINAL)))
}

function rest(body: Reader): string {
  return body.bytes(body.left).toString('latin1')
}

function choose(
  secured: TLSSocket | undefined,
  offered: readonly string[],
): { mechanism: string; binding: ChannelBinding } {
  const endPoint = secured === undefined ? undefined : endPointBinding(secured)
  if (endPoint !== undefined && offered.includes('SCRAM-SHA-256-PLUS')) {
    return { mechanism: 'SCRAM-SHA-256-PLUS', binding: { type: 'bound', endPoint } }
  }
  if (!offered.includes('SCRAM-SHA-256')) {
    throw notServed('offers no way to sign in that the gateway has')
  }
  const type = endPoint === undefined ? 'unsupported' : 'unoffered'
  return { mechanism: 'SCRAM-SHA-256', binding: { type } }
}

function notServed(what: string): ChaperoneError {
  return new ChaperoneError('TARGET_AUTH', `The target ${what}.`, {
    hint: 'Use scram-sha-256, or password over TLS, in its pg_hba.conf.',
  })
}
