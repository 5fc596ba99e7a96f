import { ChaperoneError } from '../../../core/errors.ts'

/**
 * Binary `numeric` (numeric_send in numeric.c): Int16 number of base-10000 digits, Int16 weight of
 * the first one, sign, Int16 decimals shown, then the digits.
 */
const HEADER_BYTES = 8
const POSITIVE = 0x0000
const NEGATIVE = 0x4000
const SPECIAL: Readonly<Record<number, string>> = {
  0xc000: 'NaN',
  0xd000: 'Infinity',
  0xf000: '-Infinity',
}
/** numeric.c keeps the decimals shown in 14 bits (NUMERIC_DSCALE_MASK). */
const DECIMALS_MAX = 0x3fff

/** Throws TARGET_PROTOCOL if the bytes are no numeric. */
export function decodeNumeric(bytes: Buffer): string {
  if (bytes.length < HEADER_BYTES) throw malformed()
  const count = bytes.readUInt16BE(0)
  const weight = bytes.readInt16BE(2)
  const sign = bytes.readUInt16BE(4)
  const decimals = bytes.readUInt16BE(6)
  const special = SPECIAL[sign]
  if (special !== undefined) return special
  const isNumber = sign === POSITIVE || sign === NEGATIVE
  if (!isNumber || decimals > DECIMALS_MAX || bytes.length !== HEADER_BYTES + count * 2) {
    throw malformed()
  }
  const group = (position: number) => digitsAt(bytes, count, weight - position)
  let whole = ''
  for (let position = Math.max(weight, 0); position >= 0; position--) whole += group(position)
  let fraction = ''
  for (let position = -1; fraction.length < decimals; position--) fraction += group(position)
  const text = whole.replace(/^0+(?=\d)/, '')
  const shown = fraction.slice(0, decimals)
  return (sign === NEGATIVE ? '-' : '') + text + (shown === '' ? '' : `.${shown}`)
}

function digitsAt(bytes: Buffer, count: number, index: number): string {
  if (index < 0 || index >= count) return '0000'
  const digit = bytes.readUInt16BE(HEADER_BYTES + index * 2)
  if (digit > 9999) throw malformed()
  return String(digit).padStart(4, '0')
}

/** From plain decimal notation, as `decodeNumeric` writes it; undefined for any other. */
export function encodeNumeric(text: string): Buffer | undefined {
  for (const [sign, name] of Object.entries(SPECIAL)) {
    if (name === text) return header(0, 0, Number(sign), 0)
  }
  const [, minus, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined) return undefined
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, '0')
  const right = fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0')
  const groups = (left + right).match(/.{4}/g)?.map(Number) ?? []
  let weight = left.length / 4 - 1
  while (groups.length > 0 && groups[0] === 0) {
    groups.shift()
    weight--
  }
  while (groups.length > 0 && groups.at(-1) === 0) groups.pop()
  if (groups.length === 0) weight = 0
  const out = Buffer.allocUnsafe(HEADER_BYTES + groups.length * 2)
  header(
    groups.length,
    weight,
    minus === '-' && groups.length > 0 ? NEGATIVE : POSITIVE,
    fraction.length,
  ).copy(out)
  groups.forEach((group, i) => out.writeUInt16BE(group, HEADER_BYTES + i * 2))
  return out
}

function header(count: number, weight: number, sign: number, decimals: number): Buffer {
  const out = Buffer.allocUnsafe(HEADER_BYTES)
  out.writeUInt16BE(count, 0)
  out.writeInt16BE(weight, 2)
  out.writeUInt16BE(sign, 4)
  out.writeUInt16BE(decimals, 6)
  return out
}

function malformed(): ChaperoneError {
  return new ChaperoneError('TARGET_PROTOCOL', 'A binary numeric value is malformed.')
}
