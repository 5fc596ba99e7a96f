import { BACKEND, FRONTEND } from './frame.ts'
import { Reader } from './reader.ts'
import { cstring, int16, int32, message } from './writer.ts'

/** Messages by the names and in the layout of the documentation, "Message Formats". */

export interface Parse {
  readonly statement: string
  readonly text: string
  readonly parameterTypes: readonly number[]
}

/** `start` and `end` enclose the body: what follows the type byte and the length. */
export function readParse(buffer: Buffer, start: number, end: number): Parse {
  const reader = new Reader(buffer, start, end)
  const statement = reader.cstring()
  const text = reader.cstring()
  const parameterTypes = Array.from({ length: reader.uint16() }, () => reader.uint32())
  reader.finish()
  return { statement, text, parameterTypes }
}

export interface Bind {
  readonly portal: string
  readonly statement: string
  readonly parameterFormats: readonly number[]
  /** Views into the message; null is SQL NULL. */
  readonly parameters: readonly (Buffer | null)[]
  readonly resultFormats: readonly number[]
}

export function readBind(buffer: Buffer, start: number, end: number): Bind {
  const reader = new Reader(buffer, start, end)
  const portal = reader.cstring()
  const statement = reader.cstring()
  const parameterFormats = readFormats(reader)
  const parameters = readValues(reader)
  const resultFormats = readFormats(reader)
  reader.finish()
  return { portal, statement, parameterFormats, parameters, resultFormats }
}

function readValues(reader: Reader): (Buffer | null)[] {
  const values: (Buffer | null)[] = []
  for (let left = reader.uint16(); left > 0; left--) {
    const length = reader.int32()
    values.push(length === -1 ? null : reader.bytes(length))
  }
  return values
}

function readFormats(reader: Reader): number[] {
  const formats: number[] = []
  for (let left = reader.uint16(); left > 0; left--) formats.push(reader.uint16())
  return formats
}

export interface Execute {
  readonly portal: string
  readonly maxRows: number
}

export function readExecute(buffer: Buffer, start: number, end: number): Execute {
  const reader = new Reader(buffer, start, end)
  const portal = reader.cstring()
  const maxRows = reader.int32()
  reader.finish()
  return { portal, maxRows }
}

/** Describe and Close name a prepared statement (`S`) or a portal (`P`). */
export interface Target {
  readonly kind: 'statement' | 'portal'
  readonly name: string
}

export function readTarget(buffer: Buffer, start: number, end: number): Target | undefined {
  const reader = new Reader(buffer, start, end)
  const kind = reader.byte()
  const name = reader.cstring()
  reader.finish()
  if (kind === 0x53) return { kind: 'statement', name }
  if (kind === 0x50) return { kind: 'portal', name }
  return undefined
}

export function readQuery(buffer: Buffer, start: number, end: number): string {
  const reader = new Reader(buffer, start, end)
  const text = reader.cstring()
  reader.finish()
  return text
}

export interface FieldDescription {
  readonly name: string
  readonly tableOid: number
  readonly columnNumber: number
  readonly typeOid: number
  readonly typeModifier: number
  readonly format: number
}

export function readRowDescription(
  buffer: Buffer,
  start: number,
  end: number,
): readonly FieldDescription[] {
  const reader = new Reader(buffer, start, end, 'TARGET_PROTOCOL')
  const fields = Array.from({ length: reader.uint16() }, () => {
    const name = reader.cstring()
    const tableOid = reader.uint32()
    const columnNumber = reader.int16()
    const typeOid = reader.uint32()
    reader.int16()
    const typeModifier = reader.int32()
    const format = reader.uint16()
    return { name, tableOid, columnNumber, typeOid, typeModifier, format }
  })
  reader.finish()
  return fields
}

/** Fields of ErrorResponse and NoticeResponse, in order: type letter and value. */
export type MessageField = readonly [type: string, value: string]

export function readMessageFields(buffer: Buffer, start: number, end: number): MessageField[] {
  const reader = new Reader(buffer, start, end, 'TARGET_PROTOCOL')
  const fields: MessageField[] = []
  for (let type = reader.byte(); type !== 0; type = reader.byte()) {
    fields.push([String.fromCharCode(type), reader.cstring()])
  }
  reader.finish()
  return fields
}

export function messageField(fields: readonly MessageField[], type: string): string | undefined {
  return fields.find((field) => field[0] === type)?.[1]
}

export function errorResponse(fields: readonly MessageField[]): Buffer {
  return message(BACKEND.ErrorResponse, ...fieldParts(fields))
}

export function noticeResponse(fields: readonly MessageField[]): Buffer {
  return message(BACKEND.NoticeResponse, ...fieldParts(fields))
}

const END_OF_FIELDS = Buffer.from([0])

function fieldParts(fields: readonly MessageField[]): Buffer[] {
  const parts = fields.map(([type, value]) =>
    Buffer.concat([Buffer.from(type, 'latin1'), cstring(value.replaceAll('\0', ''))]),
  )
  return [...parts, END_OF_FIELDS]
}

export interface Notification {
  /** Process id of the session that notified. */
  readonly pid: number
  readonly channel: string
  readonly payload: Buffer
}

export function readNotification(buffer: Buffer, start: number, end: number): Notification {
  const reader = new Reader(buffer, start, end, 'TARGET_PROTOCOL')
  const pid = reader.int32()
  const channel = reader.cstring()
  const payload = Buffer.from(reader.cstring())
  reader.finish()
  return { pid, channel, payload }
}

export function notificationResponse(pid: number, channel: string, payload: Buffer): Buffer {
  return message(BACKEND.NotificationResponse, int32(pid), channel, payload, END_OF_FIELDS)
}

export function parameterStatus(name: string, value: string): Buffer {
  return message(BACKEND.ParameterStatus, name, value)
}

export function backendKeyData(pid: number, secret: number): Buffer {
  return message(BACKEND.BackendKeyData, int32(pid), int32(secret))
}

export type TransactionStatus = 'I' | 'T' | 'E'

export function readyForQuery(status: TransactionStatus): Buffer {
  return message(BACKEND.ReadyForQuery, Buffer.from(status, 'latin1'))
}

export function authenticationCleartextPassword(): Buffer {
  return message(BACKEND.Authentication, int32(3))
}

export function authenticationOk(): Buffer {
  return message(BACKEND.Authentication, int32(0))
}

export function commandComplete(tag: string): Buffer {
  return message(BACKEND.CommandComplete, tag)
}

export function query(text: string): Buffer {
  return message(FRONTEND.Query, text)
}

export function parse(
  statement: string,
  text: string,
  parameterTypes: readonly number[] = [],
): Buffer {
  // An Oid is unsigned.
  const types = [int16(parameterTypes.length), ...parameterTypes.map((oid) => int32(oid | 0))]
  return message(FRONTEND.Parse, statement, text, ...types)
}

/** Binds text parameters and asks for text results. */
export function bind(
  portal: string,
  statement: string,
  parameters: readonly (string | null)[],
): Buffer {
  const values = parameters.flatMap((value) => {
    if (value === null) return [int32(-1)]
    const bytes = Buffer.from(value)
    return [int32(bytes.length), bytes]
  })
  return message(
    FRONTEND.Bind,
    portal,
    statement,
    int16(0),
    int16(parameters.length),
    ...values,
    int16(0),
  )
}

export function describe(kind: 'statement' | 'portal', name: string): Buffer {
  return message(FRONTEND.Describe, Buffer.from(kind === 'portal' ? 'P' : 'S'), name)
}

export function close(kind: 'statement' | 'portal', name: string): Buffer {
  return message(FRONTEND.Close, Buffer.from(kind === 'portal' ? 'P' : 'S'), name)
}

export function execute(portal: string, maxRows = 0): Buffer {
  return message(FRONTEND.Execute, portal, int32(maxRows))
}

export const SYNC = message(FRONTEND.Sync)
export const FLUSH = message(FRONTEND.Flush)
export const TERMINATE = message(FRONTEND.Terminate)
