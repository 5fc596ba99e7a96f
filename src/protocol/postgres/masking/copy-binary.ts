import type { CopyColumns, CopyFormat } from './copy-format.ts'
import { malformedCopy } from './copy-format.ts'
import { createCuts } from './cuts.ts'

/** PostgreSQL, COPY, "Binary Format". */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')
const HEADER_BYTES = SIGNATURE.length + 8
const COUNT_BYTES = 2
const LENGTH_BYTES = 4
const TRAILER = -1

type Phase = 'header' | 'tuples' | 'over'

/** A header, tuples of Int16 count and length-prefixed fields, and a trailer of -1. */
export function createBinaryCopy(columns: CopyColumns): CopyFormat {
  const cuts = createCuts()
  let phase: Phase = 'header'
  let isHeader = false
  /** Of the tuple at hand: how far, from its start, its fields are known to reach. */
  let reached = 0
  let fieldsLeft = 0

  return {
    unitEnd,
    mask,
    get isHeader() {
      return isHeader
    },
    get isComplete() {
      return phase === 'over'
    },
  }

  function unitEnd(bytes: Buffer, start: number): number | undefined {
    if (phase === 'over') throw malformedCopy()
    return phase === 'header' ? headerEnd(bytes, start) : tupleEnd(bytes, start)
  }

  function headerEnd(bytes: Buffer, start: number): number | undefined {
    const known = Math.min(SIGNATURE.length, bytes.length - start)
    if (bytes.compare(SIGNATURE, 0, known, start, start + known) !== 0) throw malformedCopy()
    if (bytes.length - start < HEADER_BYTES) return undefined
    // Flags say what a reader must understand, an extension what it may skip: the server has none.
    const flags = bytes.readInt32BE(start + SIGNATURE.length)
    const extension = bytes.readInt32BE(start + SIGNATURE.length + 4)
    if (flags !== 0 || extension !== 0) throw malformedCopy()
    return start + HEADER_BYTES
  }

  function tupleEnd(bytes: Buffer, start: number): number | undefined {
    if (reached === 0) {
      if (bytes.length - start < COUNT_BYTES) return undefined
      const count = bytes.readInt16BE(start)
      if (count === TRAILER) return start + COUNT_BYTES
      if (count !== columns.maskers.length) throw malformedCopy()
      reached = COUNT_BYTES
      fieldsLeft = count
    }
    for (; fieldsLeft > 0; fieldsLeft--) {
      const at = start + reached
      if (at + LENGTH_BYTES > bytes.length) return undefined
      const length = bytes.readInt32BE(at)
      if (length < -1) throw malformedCopy()
      // May reach beyond what is there; the next length then is not there either.
      reached += LENGTH_BYTES + Math.max(length, 0)
    }
    if (start + reached > bytes.length) return undefined
    const end = start + reached
    reached = 0
    return end
  }

  function mask(bytes: Buffer, start: number, end: number): Buffer {
    isHeader = phase === 'header'
    if (phase === 'header') {
      phase = 'tuples'
      return bytes.subarray(start, end)
    }
    if (bytes.readInt16BE(start) === TRAILER) {
      phase = 'over'
      return bytes.subarray(start, end)
    }
    let at = start + COUNT_BYTES
    for (let column = 0; column < columns.maskers.length; column++) {
      const length = bytes.readInt32BE(at)
      const next = at + LENGTH_BYTES + Math.max(length, 0)
      maskField(bytes, at, next, length, column)
      at = next
    }
    return cuts.apply(bytes, start, end)
  }

  function maskField(bytes: Buffer, at: number, end: number, length: number, column: number): void {
    const masker = columns.maskers[column]
    if (masker === undefined) return
    const piece =
      length === -1 ? (masker.forNull ?? undefined) : masker.mask(bytes, at + LENGTH_BYTES, end)
    if (piece === undefined) return
    columns.changed(column)
    cuts.add(at, end, withLength(piece))
  }
}

function withLength(piece: Buffer | null): Buffer {
  const out = Buffer.allocUnsafe(LENGTH_BYTES + (piece?.length ?? 0))
  out.writeInt32BE(piece === null ? -1 : piece.length)
  piece?.copy(out, LENGTH_BYTES)
  return out
}
