import { Gathered } from '../../../../wire/gathered.ts'
import type { BodyTransform } from '../../../http/api.ts'

/** Replaces literal texts in a body as it streams; of two at one place, the first in the list. */
export function createReplacer(
  pairs: readonly (readonly [from: string, to: string])[],
): BodyTransform {
  const list = pairs.map(([from, to]) => [Buffer.from(from), Buffer.from(to)] as const)
  const longest = Math.max(0, ...list.map(([from]) => from.length))
  let rest = Buffer.alloc(0)

  function step(bytes: Buffer, last: boolean): Buffer {
    const out: Buffer[] = []
    // A text that begins here may go on in the next piece.
    const settled = last ? bytes.length : Math.max(0, bytes.length - longest + 1)
    let at = 0
    for (;;) {
      const hit = nextHit(bytes, at, list)
      if (hit === undefined || hit.start >= settled) break
      out.push(bytes.subarray(at, hit.start), hit.to)
      at = hit.start + hit.length
    }
    const until = Math.max(at, settled)
    out.push(bytes.subarray(at, until))
    rest = Buffer.from(bytes.subarray(until))
    return Buffer.concat(out)
  }

  return {
    write: (chunk) => step(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), false),
    end: () => step(rest, true),
    masked: [],
  }
}

interface Occurrence {
  readonly start: number
  readonly length: number
  readonly to: Buffer
}

function nextHit(
  bytes: Buffer,
  from: number,
  list: readonly (readonly [Buffer, Buffer])[],
): Occurrence | undefined {
  let first: Occurrence | undefined
  for (const [text, to] of list) {
    const start = bytes.indexOf(text, from)
    if (start >= 0 && (first === undefined || start < first.start)) {
      first = { start, length: text.length, to }
    }
  }
  return first
}

const DIGEST = /<(Content-(?:MD5|CRC64))>[^<]{0,64}<\/\1>/g
const DIGEST_BYTES_MAX = 128

/** Takes hashes of contents out of a listing. */
export function createDigestRemover(): BodyTransform {
  let rest = Buffer.alloc(0)
  const without = (bytes: Buffer) =>
    Buffer.from(bytes.toString('latin1').replaceAll(DIGEST, '<$1></$1>'), 'latin1')
  return {
    write(chunk) {
      const bytes = without(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]))
      const settled = Math.max(0, bytes.length - DIGEST_BYTES_MAX)
      rest = Buffer.from(bytes.subarray(settled))
      return bytes.subarray(0, settled)
    },
    end: () => without(rest),
    masked: [],
  }
}

/** One after the other. */
export function chained(transforms: readonly BodyTransform[]): BodyTransform {
  return {
    write: (chunk) => transforms.reduce((bytes, one) => one.write(bytes), chunk),
    end() {
      let bytes: Buffer = Buffer.alloc(0)
      for (const one of transforms) {
        const through = bytes.length === 0 ? bytes : one.write(bytes)
        bytes = Buffer.concat([through, one.end()])
      }
      return bytes
    },
    get masked() {
      return transforms.flatMap((one) => one.masked)
    },
  }
}

/** A body that has to be seen whole; throws what `change` throws, and `tooLarge` over its bound. */
export function createWholeTransform(
  bytesMax: number,
  tooLarge: () => Error,
  change: (body: Buffer) => { readonly body: Buffer; readonly masked: readonly string[] },
): BodyTransform {
  const body = new Gathered(bytesMax)
  let masked: readonly string[] = []
  return {
    write(chunk) {
      if (body.length + chunk.length > bytesMax) throw tooLarge()
      body.add(chunk)
      return Buffer.alloc(0)
    },
    end() {
      const result = change(body.take())
      masked = result.masked
      return result.body
    },
    get masked() {
      return masked
    },
  }
}
