import { BACKEND, FRONTEND } from '../messages/frame.ts'
import { cstring, int32, message } from '../messages/writer.ts'
import { CANCEL_REQUEST, PROTOCOL_3_0, SSL_REQUEST } from './startup.ts'

/** Messages of the handshake alone, in the layout of the documentation, "Message Formats". */

/** Says that 3.0 is what is spoken here, and which `_pq_.` options are not known. */
export function negotiateProtocolVersion(unknownOptions: readonly string[]): Buffer {
  return message(
    BACKEND.NegotiateProtocolVersion,
    int32(PROTOCOL_3_0),
    int32(unknownOptions.length),
    ...unknownOptions,
  )
}

export function sslRequest(): Buffer {
  return untyped(SSL_REQUEST)
}

export function cancelRequest(pid: number, secret: number): Buffer {
  return untyped(CANCEL_REQUEST, int32(pid), int32(secret))
}

export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [
    cstring(name),
    cstring(value),
  ])
  return untyped(PROTOCOL_3_0, ...pairs, Buffer.from([0]))
}

export function passwordMessage(password: string): Buffer {
  return message(FRONTEND.PasswordMessage, password)
}

export function saslInitialResponse(mechanism: string, response: string): Buffer {
  const bytes = Buffer.from(response)
  return message(FRONTEND.PasswordMessage, mechanism, int32(bytes.length), bytes)
}

export function saslResponse(response: string): Buffer {
  return message(FRONTEND.PasswordMessage, Buffer.from(response))
}

export function query(text: string): Buffer {
  return message(FRONTEND.Query, text)
}

function untyped(code: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 8)
  return Buffer.concat([int32(length), int32(code), ...parts])
}
