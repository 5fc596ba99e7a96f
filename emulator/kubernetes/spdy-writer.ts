import { constants, deflateRawSync } from 'node:zlib'

const HEAD_BYTES = 8

/** A control frame of SPDY/3 (draft 3, section 2.2.1). */
export function controlFrame(kind: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt16BE(0x8003, 0)
  head.writeUInt16BE(kind, 2)
  head.writeUInt32BE(body.length, 4)
  return Buffer.concat([head, body])
}

export function dataFrame(stream: number, piece: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32BE(stream, 0)
  head.writeUInt32BE(piece.length, 4)
  head[4] = flags
  return Buffer.concat([head, piece])
}

/** A zlib stream that names the dictionary of SPDY/3. */
const ZLIB_HEAD = Buffer.from('78bbe3c6a7c2', 'hex')

/** Header blocks without headers: blocks of one zlib stream, of which only the first has its head. */
export function emptyHeaders(): () => Buffer {
  let isFirst = true
  return () => {
    const block = headerBlock([], isFirst)
    isFirst = false
    return block
  }
}

/** One header block, which refers to nothing that came before it. */
export function headerBlock(
  headers: readonly (readonly [name: string, value: string])[],
  isFirst: boolean,
): Buffer {
  const words = headers.flatMap(([name, value]) => [
    length(name.length),
    name,
    length(value.length),
    value,
  ])
  const text = Buffer.concat([
    length(headers.length),
    ...words.map((word) => (typeof word === 'string' ? Buffer.from(word, 'latin1') : word)),
  ])
  const block = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH })
  return isFirst ? Buffer.concat([ZLIB_HEAD, block]) : block
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
