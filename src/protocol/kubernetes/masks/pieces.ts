import { Gathered } from '../../../wire/gathered.ts'
import type { BodyTransform } from '../../http/api.ts'
import { OBJECT_BYTES_MAX } from '../limits.ts'
import { broken, createItemSplitter } from './item-splitter.ts'
import type { ObjectMasker } from './object-mask.ts'

const NEWLINE = 0x0a

/** A whole document, collected and masked when it has ended. */
export function wholeDocument(
  masker: ObjectMasker,
  mask: (document: Buffer) => Buffer = (document) => masker.mask(document),
): BodyTransform {
  const document = new Gathered(OBJECT_BYTES_MAX)
  return {
    write(chunk) {
      if (document.length + chunk.length > OBJECT_BYTES_MAX) {
        throw broken('is too large to be masked')
      }
      document.add(chunk)
      return Buffer.alloc(0)
    },
    end: () => (document.length === 0 ? Buffer.alloc(0) : mask(document.take())),
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

/**
 * Lines, each held until it has ended: events of a watch, or of a log. `editLast` is for what has no end
 * of its own.
 */
export function lines(
  edit: (line: Buffer) => Buffer,
  lineBytesMax: number,
  masked: () => readonly string[],
  editLast: (line: Buffer) => Buffer = edit,
): BodyTransform {
  const begun = new Gathered(lineBytesMax)
  let rows = 0

  function whole(piece: Buffer): Buffer {
    rows++
    if (begun.length === 0) return edit(piece)
    begun.add(piece)
    return edit(begun.take())
  }

  function rest(): Buffer {
    if (begun.length === 0) return Buffer.alloc(0)
    rows++
    return editLast(begun.take())
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
      const more = chunk.subarray(from)
      if (begun.length + more.length > lineBytesMax) {
        throw broken('has a line that is too long to be masked')
      }
      begun.add(more)
      return Buffer.concat(out)
    },
    end: rest,
    get masked() {
      return masked()
    },
    get rows() {
      return rows
    },
  }
}
