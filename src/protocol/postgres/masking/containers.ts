/** Arrays and records in binary, as array_send and record_send write them. */

export interface BinaryElement {
  readonly typeOid: number
  /** Null is SQL NULL. */
  readonly bytes: Buffer | null
}

export interface BinaryArray {
  readonly typeOid: number
  /** Dimensions and lower bounds, as they are. */
  readonly dimensions: Buffer
  readonly elements: readonly BinaryElement[]
}

/** MAXDIM in array.h. */
const DIMENSIONS_MAX = 6
const ARRAY_HEADER_BYTES = 12
const DIMENSION_BYTES = 8

/** Undefined where the bytes are no array; every byte must be accounted for. */
export function readArray(bytes: Buffer): BinaryArray | undefined {
  if (bytes.length < ARRAY_HEADER_BYTES) return undefined
  const dimensionCount = bytes.readInt32BE(0)
  const flags = bytes.readInt32BE(4)
  const typeOid = bytes.readUInt32BE(8)
  if (dimensionCount < 0 || dimensionCount > DIMENSIONS_MAX || flags < 0 || flags > 1) {
    return undefined
  }
  const start = ARRAY_HEADER_BYTES + dimensionCount * DIMENSION_BYTES
  if (start > bytes.length) return undefined
  const elements: BinaryElement[] = []
  let at = start
  while (at < bytes.length) {
    const end = elementEnd(bytes, at)
    if (end === undefined) return undefined
    elements.push({ typeOid, bytes: elementBytes(bytes, at, end) })
    at = end
  }
  const dimensions = bytes.subarray(ARRAY_HEADER_BYTES, start)
  return elements.length === sizeOf(dimensions) ? { typeOid, dimensions, elements } : undefined
}

function sizeOf(dimensions: Buffer): number {
  let size = dimensions.length === 0 ? 0 : 1
  for (let at = 0; at < dimensions.length; at += DIMENSION_BYTES) size *= dimensions.readInt32BE(at)
  return size
}

export function writeArray(array: BinaryArray): Buffer {
  const hasNull = array.elements.some((element) => element.bytes === null)
  const header = Buffer.allocUnsafe(ARRAY_HEADER_BYTES)
  header.writeInt32BE(array.dimensions.length / DIMENSION_BYTES, 0)
  header.writeInt32BE(hasNull ? 1 : 0, 4)
  header.writeUInt32BE(array.typeOid, 8)
  const parts = array.elements.flatMap(({ bytes }) => {
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(bytes === null ? -1 : bytes.length)
    return bytes === null ? [length] : [length, bytes]
  })
  return Buffer.concat([header, array.dimensions, ...parts])
}

const FIELD_HEADER_BYTES = 8

/** Undefined where the bytes are no record; every byte must be accounted for. */
export function readRecord(bytes: Buffer): readonly BinaryElement[] | undefined {
  if (bytes.length < 4) return undefined
  const count = bytes.readInt32BE(0)
  if (count < 0 || count * FIELD_HEADER_BYTES > bytes.length) return undefined
  const fields: BinaryElement[] = []
  let at = 4
  while (fields.length < count) {
    if (at + FIELD_HEADER_BYTES > bytes.length) return undefined
    const typeOid = bytes.readUInt32BE(at)
    const end = elementEnd(bytes, at + 4)
    if (end === undefined) return undefined
    fields.push({ typeOid, bytes: elementBytes(bytes, at + 4, end) })
    at = end
  }
  return at === bytes.length ? fields : undefined
}

/** Where the element ends whose Int32 length is at `at`. */
function elementEnd(bytes: Buffer, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined
  const length = bytes.readInt32BE(at)
  if (length < -1) return undefined
  const end = at + 4 + Math.max(length, 0)
  return end <= bytes.length ? end : undefined
}

function elementBytes(bytes: Buffer, at: number, end: number): Buffer | null {
  return bytes.readInt32BE(at) === -1 ? null : bytes.subarray(at + 4, end)
}
