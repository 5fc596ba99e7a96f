import { Incoming } from '../../../wire/incoming.ts'
import { CONTROL_BYTES_MAX } from '../limits.ts'

/** Types of control frames (SPDY Protocol draft 3, section 2.6). */
export const SPDY = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

export const FLAG_FIN = 1

export type SpdyFrame =
  | {
      readonly type: 'control'
      readonly kind: number
      readonly flags: number
      readonly body: Buffer
    }
  /** The beginning of a data frame; its bytes come as `data`, in pieces. */
  | {
      readonly type: 'begin'
      readonly stream: number
      readonly flags: number
      readonly length: number
    }
  | { readonly type: 'data'; readonly stream: number; readonly piece: Buffer }
  | { readonly type: 'end'; readonly stream: number; readonly flags: number }

const HEAD_BYTES = 8
const VERSION_3 = 0x8003

/**
 * Takes a SPDY/3 byte stream apart, whatever pieces it comes in. Control frames are kept until they
 * are whole, data passes. Returns what is wrong, in words, at a frame that cannot be read.
 */
export function createSpdyReader(
  take: (frame: SpdyFrame) => void,
): (chunk: Buffer) => string | undefined {
  const kept = new Incoming()
  let data: { readonly stream: number; readonly flags: number; left: number } | undefined

  /** Returns how many bytes belong to the data frame that is under way. */
  function pass(bytes: Buffer): number {
    const { stream, flags, left } = data!
    const piece = bytes.subarray(0, left)
    data!.left -= piece.length
    if (piece.length > 0) take({ type: 'data', stream, piece })
    if (data!.left === 0) {
      data = undefined
      take({ type: 'end', stream, flags })
    }
    return piece.length
  }

  return (chunk) => {
    kept.add(chunk)
    for (;;) {
      if (data !== undefined) kept.skip(pass(kept.bytes))
      const { bytes } = kept
      if (data !== undefined || bytes.length < HEAD_BYTES) return undefined
      const first = bytes.readUInt32BE(0)
      const flags = bytes[4]!
      const length = bytes.readUIntBE(5, 3)
      if (first < 0x8000_0000) {
        data = { stream: first, flags, left: length }
        take({ type: 'begin', stream: first, flags, length })
        kept.skip(HEAD_BYTES)
        continue
      }
      if (first >>> 16 !== VERSION_3) return 'a frame of another version'
      if (length > CONTROL_BYTES_MAX) return 'a control frame that is too long'
      if (bytes.length < HEAD_BYTES + length) return undefined
      const body = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length)
      take({ type: 'control', kind: first & 0xffff, flags, body })
      kept.skip(HEAD_BYTES + length)
    }
  }
}
