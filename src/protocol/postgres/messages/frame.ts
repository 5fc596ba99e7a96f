import type { Code } from '../../../core/codes.ts'
import { ChaperoneError } from '../../../core/errors.ts'

/**
 * Framing of protocol version 3: a type byte, then an Int32 length that counts itself and the body
 * (PostgreSQL documentation, "Message Formats").
 */
export const HEADER_BYTES = 5
const LENGTH_BYTES = 4

/** PostgreSQL's own bound: a message is under 1 GiB (PQ_LARGE_MESSAGE_LIMIT, MaxAllocSize - 1). */
const MESSAGE_BYTES_MAX = 0x3fff_fffe

/** Small messages have small bounds, as the server itself sets them (PQ_SMALL_MESSAGE_LIMIT). */
const SMALL_MESSAGE_BYTES_MAX = 10_000

/** Message type bytes, by the names of the documentation. Some letters mean two things. */
export const FRONTEND = {
  Bind: 0x42,
  Close: 0x43,
  CopyData: 0x64,
  CopyDone: 0x63,
  CopyFail: 0x66,
  Describe: 0x44,
  Execute: 0x45,
  Flush: 0x48,
  FunctionCall: 0x46,
  Parse: 0x50,
  PasswordMessage: 0x70,
  Query: 0x51,
  Sync: 0x53,
  Terminate: 0x58,
} as const

export const BACKEND = {
  Authentication: 0x52,
  BackendKeyData: 0x4b,
  BindComplete: 0x32,
  CloseComplete: 0x33,
  CommandComplete: 0x43,
  CopyData: 0x64,
  CopyDone: 0x63,
  CopyInResponse: 0x47,
  CopyOutResponse: 0x48,
  CopyBothResponse: 0x57,
  DataRow: 0x44,
  EmptyQueryResponse: 0x49,
  ErrorResponse: 0x45,
  FunctionCallResponse: 0x56,
  NegotiateProtocolVersion: 0x76,
  NoData: 0x6e,
  NoticeResponse: 0x4e,
  NotificationResponse: 0x41,
  ParameterDescription: 0x74,
  ParameterStatus: 0x53,
  ParseComplete: 0x31,
  PortalSuspended: 0x73,
  ReadyForQuery: 0x5a,
  RowDescription: 0x54,
} as const

const LARGE_FRONTEND: ReadonlySet<number> = new Set([
  FRONTEND.Bind,
  FRONTEND.CopyData,
  FRONTEND.CopyFail,
  FRONTEND.FunctionCall,
  FRONTEND.Parse,
  FRONTEND.Query,
])

const KNOWN_FRONTEND: ReadonlySet<number> = new Set(Object.values(FRONTEND))

/**
 * Size in bytes of the message that starts at `offset`, header included; 0 while its header is not
 * complete. Throws `code` for a length that no message can have.
 */
export function messageBytes(
  buffer: Buffer,
  offset: number,
  end: number,
  code: Code = 'PROTOCOL_VIOLATION',
): number {
  if (end - offset < HEADER_BYTES) return 0
  const length =
    (buffer[offset + 1]! << 24) |
    (buffer[offset + 2]! << 16) |
    (buffer[offset + 3]! << 8) |
    buffer[offset + 4]!
  if (length < LENGTH_BYTES || length > MESSAGE_BYTES_MAX) {
    throw new ChaperoneError(code, 'A message has an impossible length.')
  }
  return length + 1
}

/** As `messageBytes`, for what a client sends: unknown types and oversized small ones throw. */
export function frontendMessageBytes(buffer: Buffer, offset: number, end: number): number {
  const type = buffer[offset]
  if (type !== undefined && offset < end && !KNOWN_FRONTEND.has(type)) {
    throw new ChaperoneError('PROTOCOL_VIOLATION', 'The client sent an unknown message type.')
  }
  const bytes = messageBytes(buffer, offset, end)
  if (bytes > SMALL_MESSAGE_BYTES_MAX && !LARGE_FRONTEND.has(type!)) {
    throw new ChaperoneError('MESSAGE_TOO_LARGE', 'A message is larger than its kind may be.')
  }
  return bytes
}
