import { REDACTED } from '../../../mask/maskers.ts'

/** First bytes of a Kubernetes object in protobuf ("API Concepts: Protobuf encoding"). */
const MAGIC = Buffer.from('k8s\0', 'latin1')

/** What is known of an object in protobuf without its schema. */
export interface ProtobufObject {
  readonly apiVersion: string
  readonly kind: string
  /** `metadata.name`; empty where it has none. */
  readonly name: string
  /** It holds the text of a mask. */
  readonly holdsMask: boolean
}

interface Field {
  readonly number: number
  /** Of length-delimited fields; others hold no text. */
  readonly bytes: Buffer | undefined
}

/**
 * Reads the envelope (`runtime.Unknown`: type meta 1, object 2) and the name in the object's metadata,
 * which is field 1 of every kind, as the name is in it. What stands twice is refused, since readers
 * merge it. Returns what is wrong, in words.
 */
export function readProtobuf(body: Buffer): ProtobufObject | string {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return 'has a protobuf body without its mark'
  try {
    const envelope = fieldsOf(body.subarray(MAGIC.length))
    const typeMeta = fieldsOf(single(envelope, 1))
    const object = single(envelope, 2)
    const encodings = envelope.filter(({ number }) => number === 3 || number === 4)
    if (encodings.some(({ bytes }) => bytes === undefined || bytes.length > 0)) {
      return 'has a protobuf body in another encoding'
    }
    const metadata = fieldsOf(single(fieldsOf(object), 1))
    return {
      apiVersion: single(typeMeta, 1).toString('utf8'),
      kind: single(typeMeta, 2).toString('utf8'),
      name: single(metadata, 1).toString('utf8'),
      holdsMask: object.includes(REDACTED),
    }
  } catch {
    return 'has a protobuf body that cannot be read'
  }
}

function single(fields: readonly Field[], number: number): Buffer {
  const found = fields.filter((field) => field.number === number)
  if (found.length > 1) throw new RangeError('a field stands twice')
  return found[0]?.bytes ?? Buffer.alloc(0)
}

/** Fields of one message (Protocol Buffers, "Encoding"). Throws RangeError for what is none. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = message.readUInt8(at++)
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('a number is too long')
  }
  const skip = (count: number): Buffer => {
    const bytes = message.subarray(at, at + count)
    if (bytes.length !== count) throw new RangeError('a field ends too early')
    at += count
    return bytes
  }
  while (at < message.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    const wire = tag % 8
    if (wire === 0) fields.push({ number, bytes: (varint(), undefined) })
    else if (wire === 1) fields.push({ number, bytes: (skip(8), undefined) })
    else if (wire === 2) fields.push({ number, bytes: skip(varint()) })
    else if (wire === 5) fields.push({ number, bytes: (skip(4), undefined) })
    else throw new RangeError('a field has no type')
  }
  return fields
}
