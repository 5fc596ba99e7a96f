import { createHash } from 'node:crypto'
import type { ChaperoneError } from '../../../core/errors.ts'
import { Incoming } from '../../../wire/incoming.ts'
import { FRAME_BYTES_MAX } from '../limits.ts'

/** One frame (RFC 6455 section 5.2), whole. */
export interface Frame {
  readonly opcode: number
  readonly fin: boolean
  /** Unmasked. */
  readonly payload: Buffer
  /** As it came. */
  readonly bytes: Buffer
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const KNOWN: ReadonlySet<number> = new Set(Object.values(OPCODE))
const CONTROL = 8
const CONTROL_BYTES_MAX = 125
const LENGTH_16 = 126
const LENGTH_64 = 127
const UINT16_MAX = 65_535
const KEY_BYTES = 4

export interface FrameRules {
  /** Frames of clients are masked, frames of servers are not. */
  readonly masked: boolean
  /**
   * Whether messages may come in pieces. Those of clients may not: a kubelet takes each piece for a
   * message of its own, others put them together, and what was judged would be neither.
   */
  readonly fragments: boolean
  readonly violation: (what: string) => ChaperoneError
}

/**
 * Reads frames piece by piece. Stricter than the RFC: no extensions, the shortest form of each
 * length, and no frame that is too large to be judged whole. Throws the rules' error.
 */
export class FrameReader {
  readonly #rules: FrameRules
  readonly #pending = new Incoming()
  #needed = 2
  /** A message has begun and its last fragment has not come. */
  #open = false

  constructor(rules: FrameRules) {
    this.#rules = rules
  }

  /** Memory that a frame takes whose end has not come. */
  get held(): number {
    return this.#pending.held
  }

  push(chunk: Buffer, take: (frame: Frame) => void): void {
    this.#pending.add(chunk)
    for (;;) {
      const { bytes } = this.#pending
      if (bytes.length < this.#needed) return
      this.#needed = this.#lengthOf(bytes)
      if (bytes.length < this.#needed) return
      const raw = bytes.subarray(0, this.#needed)
      this.#needed = 2
      this.#pending.skip(raw.length)
      take(this.#frame(raw))
    }
  }

  /** Bytes that the frame has; or, as long as that is not known, more than are there. */
  #lengthOf(bytes: Buffer): number {
    if (bytes.length < 2) return 2
    this.#checkStart(bytes[0]!, bytes[1]!)
    const header = this.#headerLength(bytes)
    return bytes.length < header ? header : header + this.#payloadLength(bytes)
  }

  #checkStart(first: number, second: number): void {
    const { masked, fragments, violation } = this.#rules
    const opcode = first & 0x0f
    const isPiece = (first & 0x80) === 0 || opcode === OPCODE.continuation
    if ((first & 0x70) !== 0) throw violation('a frame of an extension')
    if (((second & 0x80) !== 0) !== masked) throw violation('a frame that is masked wrongly')
    if (!KNOWN.has(opcode)) throw violation('a frame of an unknown kind')
    if (opcode < CONTROL) {
      if (isPiece && !fragments) throw violation('a message in fragments')
    } else if (isPiece || (second & 0x7f) > CONTROL_BYTES_MAX) {
      throw violation('a control frame in pieces')
    }
  }

  #headerLength(bytes: Buffer): number {
    const short = bytes[1]! & 0x7f
    const extended = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0
    return 2 + extended + (this.#rules.masked ? KEY_BYTES : 0)
  }

  #payloadLength(bytes: Buffer): number {
    const short = bytes[1]! & 0x7f
    if (short < LENGTH_16) return short
    const length = short === LENGTH_16 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    if (length < LENGTH_16 || (short === LENGTH_64 && length <= UINT16_MAX)) {
      throw this.#rules.violation('a length in a longer form than it needs')
    }
    if (length > FRAME_BYTES_MAX) throw this.#rules.violation('a frame that is too large')
    return length
  }

  #frame(bytes: Buffer): Frame {
    const first = bytes[0]!
    const opcode = first & 0x0f
    const fin = (first & 0x80) !== 0
    const { masked, violation } = this.#rules
    if (opcode < CONTROL) {
      if ((opcode === OPCODE.continuation) !== this.#open) throw violation('a fragment out of turn')
      this.#open = !fin
    }
    const header = this.#headerLength(bytes)
    const body = bytes.subarray(header)
    const payload = masked ? unmask(body, bytes.subarray(header - KEY_BYTES, header)) : body
    return { opcode, fin, payload, bytes }
  }
}

function unmask(payload: Buffer, key: Buffer): Buffer {
  const out = Buffer.allocUnsafe(payload.length)
  for (let at = 0; at < payload.length; at++) out[at] = payload[at]! ^ key[at & 3]!
  return out
}

/** A server's close frame. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason).subarray(0, CONTROL_BYTES_MAX - 2)
  const frame = Buffer.alloc(4 + text.length)
  frame[0] = 0x80 | OPCODE.close
  frame[1] = 2 + text.length
  frame.writeUInt16BE(code, 2)
  text.copy(frame, 4)
  return frame
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** What a server must say to a client's key (RFC 6455 section 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64')
}
