import { isUtf8 } from 'node:buffer'
import { ChaperoneError } from '../../../core/errors.ts'
import { decodeInet } from './net.ts'
import { decodeNumeric, encodeNumeric } from './numeric.ts'
import {
  decodeDate,
  decodeInterval,
  decodeTime,
  decodeTimestamp,
  decodeZone,
  encodeDate,
  encodeTime,
  encodeTimestamp,
} from './time.ts'
import { OID } from './types.ts'

/** Between a type's binary form (its `*send` function in PostgreSQL) and its text. */
interface BinaryCodec {
  /** Bytes of a value, where they are always the same. */
  readonly size?: number
  /** Throws TARGET_PROTOCOL if the bytes are no such value. */
  readonly decode: (bytes: Buffer) => string
  /** Undefined: this text cannot be written; a masker that made it gets NULL instead. */
  readonly encode: (text: string) => Buffer | undefined
}

/**
 * The text of a binary value, or undefined for a type whose binary form is not known here. Throws
 * TARGET_PROTOCOL for bytes that are no value of the type.
 */
export function decodeBinary(oid: number, bytes: Buffer): string | undefined {
  const codec = CODECS.get(oid)
  if (codec === undefined) return undefined
  if (codec.size !== undefined && bytes.length !== codec.size) {
    throw new ChaperoneError('TARGET_PROTOCOL', `A binary value of type ${oid} has a wrong length.`)
  }
  return codec.decode(bytes)
}

/** The binary form of a text, or undefined where there is none. */
export function encodeBinary(oid: number, text: string): Buffer | undefined {
  return CODECS.get(oid)?.encode(text)
}

const NONE = () => undefined

const utf8: BinaryCodec = { decode: decodeText, encode: (text) => Buffer.from(text, 'utf8') }

/** Bytes that are no UTF-8 are read as Latin-1, so that nothing is lost in looking at them. */
export function textEncoding(bytes: Buffer): 'utf8' | 'latin1' {
  return isUtf8(bytes) ? 'utf8' : 'latin1'
}

function decodeText(bytes: Buffer): string {
  return bytes.toString(textEncoding(bytes))
}

const JSONB_VERSION = 1

const jsonb: BinaryCodec = {
  decode(bytes) {
    if (bytes[0] !== JSONB_VERSION) {
      throw new ChaperoneError('TARGET_PROTOCOL', 'A binary jsonb value has an unknown version.')
    }
    return decodeText(bytes.subarray(1))
  },
  encode: (text) => Buffer.concat([Buffer.from([JSONB_VERSION]), Buffer.from(text, 'utf8')]),
}

const uuid: BinaryCodec = {
  size: 16,
  decode(bytes) {
    const hex = bytes.toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
  encode: (text) => Buffer.from(text.replaceAll('-', ''), 'hex'),
}

const bytea: BinaryCodec = {
  decode: (bytes) => `\\x${bytes.toString('hex')}`,
  encode: (text) => (text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : undefined),
}

function integer(size: 2 | 4, isSigned = true): BinaryCodec {
  return {
    size,
    decode: (bytes) => String(isSigned ? bytes.readIntBE(0, size) : bytes.readUIntBE(0, size)),
    encode(text) {
      const out = Buffer.allocUnsafe(size)
      if (isSigned) out.writeIntBE(Number(text), 0, size)
      else out.writeUIntBE(Number(text), 0, size)
      return out
    },
  }
}

function int64(
  decode: (value: bigint) => string,
  encode: (text: string) => bigint | undefined,
): BinaryCodec {
  return {
    size: 8,
    decode: (bytes) => decode(bytes.readBigInt64BE(0)),
    encode(text) {
      const value = encode(text)
      if (value === undefined) return undefined
      const out = Buffer.allocUnsafe(8)
      out.writeBigInt64BE(value)
      return out
    },
  }
}

const float4: BinaryCodec = {
  size: 4,
  decode: (bytes) => shortestFloat4(bytes.readFloatBE(0)),
  encode(text) {
    const out = Buffer.allocUnsafe(4)
    out.writeFloatBE(Number(text))
    return out
  },
}

/** As few digits as tell the number from its neighbours of single precision. */
function shortestFloat4(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return floatText(short)
  }
  return floatText(value)
}

/** JavaScript writes negative zero as `0`; PostgreSQL does not. */
function floatText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

const float8: BinaryCodec = {
  size: 8,
  decode: (bytes) => floatText(bytes.readDoubleBE(0)),
  encode(text) {
    const out = Buffer.allocUnsafe(8)
    out.writeDoubleBE(Number(text))
    return out
  },
}

const bool: BinaryCodec = {
  size: 1,
  decode: (bytes) => (bytes[0] === 0 ? 'f' : 't'),
  encode: (text) => Buffer.from([text === 't' ? 1 : 0]),
}

const date: BinaryCodec = {
  size: 4,
  decode: (bytes) => decodeDate(bytes.readInt32BE(0)),
  encode(text) {
    const days = encodeDate(text)
    if (days === undefined) return undefined
    const out = Buffer.allocUnsafe(4)
    out.writeInt32BE(days)
    return out
  },
}

const interval: BinaryCodec = {
  size: 16,
  decode: (bytes) =>
    decodeInterval(bytes.readBigInt64BE(0), bytes.readInt32BE(8), bytes.readInt32BE(12)),
  encode: NONE,
}

const timetz: BinaryCodec = {
  size: 12,
  decode: (bytes) => decodeTime(bytes.readBigInt64BE(0)) + decodeZone(bytes.readInt32BE(8)),
  encode: NONE,
}

const CENTS = 2

/** Money in the locale's smallest unit; shown with two decimals and no currency. */
function decodeMoney(value: bigint): string {
  const digits = String(value < 0n ? -value : value).padStart(CENTS + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -CENTS)}.${digits.slice(-CENTS)}`
}

function encodeMoney(text: string): bigint | undefined {
  const [, minus, whole, cents = '00'] = /^(-?)(\d+)(?:\.(\d\d))?$/.exec(text) ?? []
  if (whole === undefined) return undefined
  const value = BigInt(whole + cents)
  return minus === '-' ? -value : value
}

const CODECS: ReadonlyMap<number, BinaryCodec> = new Map([
  [OID.bool, bool],
  [OID.bytea, bytea],
  [OID.char, { size: 1, decode: decodeText, encode: NONE }],
  [OID.name, utf8],
  [OID.int8, int64(String, BigInt)],
  [OID.int2, integer(2)],
  [OID.int4, integer(4)],
  [OID.text, utf8],
  [OID.oid, integer(4, false)],
  [OID.json, utf8],
  [OID.xml, utf8],
  [OID.cidr, { decode: decodeInet, encode: NONE }],
  [OID.float4, float4],
  [OID.float8, float8],
  [OID.unknown, utf8],
  [OID.money, int64(decodeMoney, encodeMoney)],
  [OID.inet, { decode: decodeInet, encode: NONE }],
  [OID.bpchar, utf8],
  [OID.varchar, utf8],
  [OID.date, date],
  [OID.time, int64(decodeTime, encodeTime)],
  [OID.timestamp, int64((us) => decodeTimestamp(us, ''), encodeTimestamp)],
  [OID.timestamptz, int64((us) => decodeTimestamp(us, '+00'), encodeTimestamp)],
  [OID.interval, interval],
  [OID.timetz, timetz],
  [OID.numeric, { decode: decodeNumeric, encode: encodeNumeric }],
  [OID.refcursor, utf8],
  [OID.cstring, utf8],
  [OID.uuid, uuid],
  [OID.jsonb, jsonb],
  [
    OID.xid8,
    int64(
      (value) => String(BigInt.asUintN(64, value)),
      (text) => BigInt.asIntN(64, BigInt(text)),
    ),
  ],
])
