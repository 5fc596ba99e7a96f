import { zstdDecompress, zstdDecompressSync } from 'node:zlib'

/** Begins every zstd frame (RFC 8878 section 3.1.1). */
export const FRAME_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

interface Unpacked {
  readonly buffer: Buffer
  /** `bytesWritten`: how much of the input the frame took. */
  readonly engine: { readonly bytesWritten: number }
}

/** As `unpackParts`, in one piece. */
export async function unpackFrames(packed: Buffer, bytesMax: number): Promise<Buffer> {
  return Buffer.concat(await unpackParts(packed, bytesMax))
}

/**
 * Unpacks all frames of a sealed segment, one after the other, off this thread. Node's zstd functions
 * read one frame and say nothing of what follows it. Rejects on damage, and above `bytesMax`.
 */
export async function unpackParts(packed: Buffer, bytesMax: number): Promise<Buffer[]> {
  const parts: Buffer[] = []
  let left = bytesMax
  for (let at = 0; at < packed.length;) {
    const { buffer, engine } = await unpackFrame(packed.subarray(at), Math.max(1, left))
    if (engine.bytesWritten <= 0) throw new Error('a frame that takes no bytes')
    parts.push(buffer)
    left -= buffer.length
    at += engine.bytesWritten
  }
  return parts
}

function unpackFrame(packed: Buffer, maxOutputLength: number): Promise<Unpacked> {
  return new Promise((resolve, reject) => {
    zstdDecompress(packed, { maxOutputLength, info: true }, (error, result) => {
      if (error === null) resolve(result as unknown as Unpacked)
      else reject(error)
    })
  })
}

/** The last frame of a sealed segment. Throws where there is none that is whole. */
export function unpackLastFrame(packed: Buffer): Buffer {
  const at = packed.lastIndexOf(FRAME_MAGIC)
  if (at < 0) throw new Error('no frame')
  return zstdDecompressSync(packed.subarray(at))
}
