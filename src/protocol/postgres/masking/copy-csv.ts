import type { CopyStream } from '../../../sql/classification.ts'
import type { CopyColumns, CopyFormat } from './copy-format.ts'
import { malformedCopy } from './copy-format.ts'
import { equals } from './copy-text.ts'
import { createCuts } from './cuts.ts'

const NEWLINE = 0x0a
const RETURN = 0x0d

/** Rows end with a newline outside quotes (PostgreSQL, COPY, "CSV Format"). */
export function createCsvCopy(stream: CopyStream, columns: CopyColumns): CopyFormat {
  const delimiter = stream.delimiter.charCodeAt(0)
  const quote = stream.quote.charCodeAt(0)
  const escape = stream.escape.charCodeAt(0)
  const nullBytes = Buffer.from(stream.nullText, 'utf8')
  const cuts = createCuts()
  let searched = 0
  let inQuotes = false
  let isEscaped = false
  let isNames = stream.header

  return { unitEnd, mask: maskRow, isHeader: false, isComplete: true }

  function unitEnd(bytes: Buffer, start: number): number | undefined {
    for (let at = start + searched; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (isEscaped) isEscaped = false
      else if (inQuotes && byte === escape && escape !== quote) isEscaped = true
      else if (byte === quote) inQuotes = !inQuotes
      else if (byte === NEWLINE && !inQuotes) {
        searched = 0
        return at + 1
      }
    }
    searched = bytes.length - start
    return undefined
  }

  function maskRow(bytes: Buffer, start: number, end: number): Buffer {
    const rowEnd = end - 1
    const count = columns.maskers.length
    if (count === 0 && start !== rowEnd) throw malformedCopy()
    let at = start
    for (let column = 0; column < count; column++) {
      const isQuoted = at < rowEnd && bytes[at] === quote
      const fieldEnd = isQuoted ? quotedEnd(bytes, at, rowEnd) : plainEnd(bytes, at, rowEnd)
      // The last column ends with the row, and no other does.
      if ((fieldEnd === rowEnd) !== (column === count - 1)) throw malformedCopy()
      if (!isNames) maskField(bytes, at, fieldEnd, column, isQuoted)
      at = fieldEnd + 1
    }
    isNames = false
    return cuts.apply(bytes, start, end)
  }

  /** Just behind the closing quote, where only a delimiter or the row's end may follow. */
  function quotedEnd(bytes: Buffer, start: number, rowEnd: number): number {
    for (let at = start + 1; at < rowEnd; at++) {
      if (isEscape(bytes, at, rowEnd)) at++
      else if (bytes[at] === quote) {
        if (at + 1 < rowEnd && bytes[at + 1] !== delimiter) throw malformedCopy()
        return at + 1
      }
    }
    throw malformedCopy()
  }

  function isEscape(bytes: Buffer, at: number, end: number): boolean {
    if (bytes[at] !== escape || at + 1 >= end) return false
    return bytes[at + 1] === quote || bytes[at + 1] === escape
  }

  /** The server quotes every value that holds a quote, so an unquoted one with a quote is none. */
  function plainEnd(bytes: Buffer, start: number, rowEnd: number): number {
    let at = start
    for (; at < rowEnd && bytes[at] !== delimiter; at++) {
      if (bytes[at] === quote) throw malformedCopy()
    }
    return at
  }

  function maskField(
    bytes: Buffer,
    start: number,
    end: number,
    column: number,
    isQuoted: boolean,
  ): void {
    const masker = columns.maskers[column]
    if (masker === undefined) return
    const piece = maskedField()
    if (piece === undefined) return
    columns.changed(column)
    cuts.add(start, end, piece === null ? nullBytes : written(piece, isQuoted))

    function maskedField(): Buffer | null | undefined {
      if (isQuoted) {
        const plain = unquote(bytes, start + 1, end - 1)
        return masker!.mask(plain, 0, plain.length)
      }
      if (equals(bytes, start, end, nullBytes)) return masker!.forNull ?? undefined
      return masker!.mask(bytes, start, end)
    }
  }

  function unquote(bytes: Buffer, start: number, end: number): Buffer {
    if (bytes.subarray(start, end).indexOf(escape) < 0) return bytes.subarray(start, end)
    const out = Buffer.allocUnsafe(end - start)
    let to = 0
    for (let at = start; at < end; at++) {
      if (isEscape(bytes, at, end)) at++
      out[to++] = bytes[at]!
    }
    return out.subarray(0, to)
  }

  function written(value: Buffer, wasQuoted: boolean): Buffer {
    if (!wasQuoted && !needsQuotes(value)) return value
    const out: number[] = [quote]
    for (const byte of value) {
      if (byte === quote || byte === escape) out.push(escape)
      out.push(byte)
    }
    out.push(quote)
    return Buffer.from(out)
  }

  function needsQuotes(value: Buffer): boolean {
    if (value.length === 0 || value.equals(nullBytes)) return true
    return value.some(
      (byte) => byte === delimiter || byte === quote || byte === NEWLINE || byte === RETURN,
    )
  }
}
