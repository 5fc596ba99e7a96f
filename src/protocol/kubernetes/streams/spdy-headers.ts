import type { Zlib } from 'node:zlib'
import { inflateRawSync } from 'node:zlib'
import { constants } from 'node:zlib'
import { HEADER_BYTES_MAX } from '../limits.ts'
import { SPDY_DICTIONARY, SPDY_DICTIONARY_ID } from './spdy-dictionary.ts'

/** How far back DEFLATE may refer (RFC 1951 section 2). */
const WINDOW_BYTES = 32_768

/** An empty last block: what a stream between two blocks can always end with. */
const LAST_BLOCK = Buffer.from('010000ffff', 'hex')

const ZLIB_HEAD_BYTES = 6

export type Headers = ReadonlyMap<string, string>

/**
 * Reads header blocks of one direction of SPDY/3 (draft 3, section 2.6.10): all are one zlib stream,
 * flushed after each. Blocks are inflated one by one against what came before, so each must end
 * where a block of DEFLATE does: a reader that goes on from the middle of one would read another
 * text. Returns undefined for what is not exactly one block of headers, each named once and with one
 * value.
 */
export function createHeaderReader(): (block: Buffer) => Headers | undefined {
  let window: Buffer | undefined
  return (block) => {
    const raw = window === undefined ? withoutHead(block) : block
    const text = raw && inflated(raw, window ?? SPDY_DICTIONARY)
    if (text === undefined) return undefined
    window = Buffer.concat([window ?? SPDY_DICTIONARY, text]).subarray(-WINDOW_BYTES)
    return headersIn(text)
  }
}

/** The stream's own head (RFC 1950): DEFLATE, with the dictionary. */
function withoutHead(block: Buffer): Buffer | undefined {
  if (block.length < ZLIB_HEAD_BYTES) return undefined
  const head = block.readUInt16BE(0)
  const isDeflate = (head & 0x8f00) === 0x0800 && head % 31 === 0
  const isWithDictionary = (head & 0x20) !== 0 && block.readUInt32BE(2) === SPDY_DICTIONARY_ID
  return isDeflate && isWithDictionary ? block.subarray(ZLIB_HEAD_BYTES) : undefined
}

function inflated(block: Buffer, dictionary: Buffer): Buffer | undefined {
  const options = { dictionary, maxOutputLength: HEADER_BYTES_MAX }
  try {
    const text = inflateRawSync(block, { ...options, finishFlush: constants.Z_SYNC_FLUSH })
    const whole = Buffer.concat([block, LAST_BLOCK])
    const ended = inflateRawSync(whole, { ...options, info: true }) as unknown as Inflated
    const isBetween = ended.buffer.equals(text) && ended.engine.bytesWritten === whole.length
    return isBetween ? text : undefined
  } catch {
    return undefined
  }
}

/** What zlib's functions return with `info: true`. */
interface Inflated {
  readonly buffer: Buffer
  readonly engine: Zlib
}

function headersIn(text: Buffer): Headers | undefined {
  const headers = new Map<string, string>()
  let at = 0
  const number = (): number => {
    const value = text.readUInt32BE(at)
    at += 4
    return value
  }
  const word = (): string => {
    const end = number() + at
    if (end > text.length) throw new RangeError('a text ends too early')
    const found = text.toString('latin1', at, end)
    at = end
    return found
  }
  try {
    for (let left = number(); left > 0; left--) {
      const [name, value] = [word(), word()]
      const isOdd = name === '' || name !== name.toLowerCase() || value.includes('\0')
      if (isOdd || headers.has(name)) return undefined
      headers.set(name, value)
    }
  } catch {
    return undefined
  }
  return at === text.length ? headers : undefined
}
