import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { FRAME_MAGIC } from '../../record/segments/frames.ts'
import { FRAME_PIECES_MAX, SEGMENT_READ_BYTES_MAX } from './limits.ts'

const decompress = promisify(zstdDecompress)

const LINE_FEED = 0x0a

/**
 * Reads what is whole of a damaged file: a segment is many frames, each of whole lines and with its
 * own checksum, so damage costs one frame.
 */
export async function salvage(packed: Buffer): Promise<{ parts: Buffer[]; brokenAtLine: number }> {
  const starts = frameStarts(packed)
  const kept: Buffer[] = []
  let size = 0
  let lines = 0
  let brokenAtLine: number | undefined
  for (let at = 0; at < starts.length;) {
    const frame = await readFrame(packed, starts, at)
    if (frame === undefined || size + frame.bytes.length > SEGMENT_READ_BYTES_MAX) {
      brokenAtLine ??= lines + 1
      at += 1
      continue
    }
    kept.push(frame.bytes)
    size += frame.bytes.length
    lines += countLines(frame.bytes)
    at = frame.next
  }
  return { parts: kept, brokenAtLine: brokenAtLine ?? lines + 1 }
}

function frameStarts(packed: Buffer): number[] {
  const starts: number[] = []
  for (let at = packed.indexOf(FRAME_MAGIC); at !== -1; at = packed.indexOf(FRAME_MAGIC, at + 1)) {
    starts.push(at)
  }
  return starts
}

async function readFrame(packed: Buffer, starts: readonly number[], at: number) {
  const last = Math.min(at + FRAME_PIECES_MAX, starts.length)
  for (let next = at + 1; next <= last; next++) {
    try {
      const piece = packed.subarray(starts[at], starts[next] ?? packed.length)
      const bytes = await decompress(piece, { maxOutputLength: SEGMENT_READ_BYTES_MAX })
      // A frame ends with a line; what does not was cut.
      if (bytes.at(-1) === LINE_FEED) return { bytes, next }
    } catch {
      // Not a whole frame; the next mark may have been part of it.
    }
  }
  return undefined
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1))
    count += 1
  return count
}
