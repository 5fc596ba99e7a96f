import type { BodyTransform } from '../../http/api.ts'
import { broken, createItemSplitter } from './item-splitter.ts'
import { OBJECT_BYTES_MAX } from './limits.ts'
import type { ObjectMasker } from './object-mask.ts'

const NEWLINE = 0x0a

/** A whole document, collected and masked when it has ended. */
export function wholeDocument(
  masker: ObjectMasker,
  mask: (document: Buffer) => Buffer = (document) => masker.mask(document),
): BodyTransform {
  const pieces: Buffer[] = []
  let bytes = 0
  return {
    write(chunk) {
      bytes += chunk.length
      if (bytes > OBJECT_BYTES_MAX) throw broken('is too large to be masked')
      pieces.push(chunk)
      return Buffer.alloc(0)
    },
    end: () => (bytes === 0 ? Buffer.alloc(0) : mask(Buffer.concat(pieces))),
    get masked() {
      return [...masker.masked]
    },
  }
}

/** A list, of which one item at a time is held. */
export function listDocument(masker: ObjectMasker): BodyTransform {
  let rows = 0
  const splitter = createItemSplitter((item, list) => {
    rows++
    return masker.maskItem(item, list)
  })
  return {
    write: (chunk) => splitter.write(chunk),
    end: () => splitter.end(),
    get masked() {
      return [...masker.masked]
    },
    get rows() {
      return rows
    },
  }
}

/** Lines, each held until it has ended: events of a watch, or of a log. */
export function lines(
  edit: (line: Buffer) => Buffer,
  lineBytesMax: number,
  masked: () => readonly string[],
): BodyTransform {
  let pieces: Buffer[] = []
  let bytes = 0
  let rows = 0

  function whole(piece: Buffer): Buffer {
    const line = pieces.length === 0 ? piece : Buffer.concat([...pieces, piece])
    pieces = []
    bytes = 0
    rows++
    return edit(line)
  }

  return {
    write(chunk) {
      const out: Buffer[] = []
      let from = 0
      for (;;) {
        const end = chunk.indexOf(NEWLINE, from)
        if (end < 0) break
        out.push(whole(chunk.subarray(from, end)), chunk.subarray(end, end + 1))
        from = end + 1
      }
      const rest = chunk.subarray(from)
      bytes += rest.length
      if (bytes > lineBytesMax) throw broken('has a line that is too long to be masked')
      if (rest.length > 0) pieces.push(rest)
      return Buffer.concat(out)
    },
    end: () => (pieces.length === 0 ? Buffer.alloc(0) : whole(Buffer.alloc(0))),
    get masked() {
      return masked()
    },
    get rows() {
      return rows
    },
  }
}
