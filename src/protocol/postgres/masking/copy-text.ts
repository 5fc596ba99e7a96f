import type { CopyStream } from '../../../sql/classification.ts'
import type { CopyColumns, CopyFormat } from './copy-format.ts'
import { malformedCopy } from './copy-format.ts'
import { createCuts } from './cuts.ts'

const NEWLINE = 0x0a
const BACKSLASH = 0x5c

/** Letters after a backslash that stand for a control character (PostgreSQL, COPY, "Text Format"). */
const CONTROLS: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x76, 0x0b],
])
const LETTERS: ReadonlyMap<number, number> = new Map(
  [...CONTROLS].map(([letter, control]) => [control, letter]),
)

/** Rows are lines; a newline in a value is always written as an escape. */
export function createTextCopy(stream: CopyStream, columns: CopyColumns): CopyFormat {
  const delimiter = stream.delimiter.charCodeAt(0)
  const nullBytes = Buffer.from(stream.nullText, 'utf8')
  const cuts = createCuts()
  let searched = 0
  let isNames = stream.header

  return { unitEnd, mask: maskLine, isHeader: false, isComplete: true }

  function unitEnd(bytes: Buffer, start: number): number | undefined {
    const newline = bytes.indexOf(NEWLINE, start + searched)
    searched = newline < 0 ? bytes.length - start : 0
    return newline < 0 ? undefined : newline + 1
  }

  function maskLine(bytes: Buffer, start: number, end: number): Buffer {
    const lineEnd = end - 1
    if (isEndMark(bytes, start, lineEnd)) throw malformedCopy()
    const count = columns.maskers.length
    if (count === 0 && start !== lineEnd) throw malformedCopy()
    let fieldStart = start
    let hasEscape = false
    for (let column = 0, at = start; column < count; at++) {
      if (at < lineEnd && bytes[at] === BACKSLASH) {
        hasEscape = true
        at++
        if (at >= lineEnd) throw malformedCopy()
      } else if (at >= lineEnd || bytes[at] === delimiter) {
        if (!isNames) maskField(bytes, fieldStart, at, column, hasEscape)
        column++
        // The last column ends with the line, and no other does.
        if (at >= lineEnd !== (column === count)) throw malformedCopy()
        fieldStart = at + 1
        hasEscape = false
      }
    }
    isNames = false
    return cuts.apply(bytes, start, end)
  }

  function maskField(
    bytes: Buffer,
    start: number,
    end: number,
    column: number,
    hasEscape: boolean,
  ): void {
    const masker = columns.maskers[column]
    if (masker === undefined) return
    const piece = maskedField()
    if (piece === undefined) return
    columns.changed(column)
    cuts.add(start, end, piece === null ? nullBytes : escape(piece, delimiter))

    function maskedField(): Buffer | null | undefined {
      if (equals(bytes, start, end, nullBytes)) return masker!.forNull ?? undefined
      if (!hasEscape) return masker!.mask(bytes, start, end)
      const plain = unescape(bytes, start, end)
      return masker!.mask(plain, 0, plain.length)
    }
  }
}

export function equals(bytes: Buffer, start: number, end: number, other: Buffer): boolean {
  return end - start === other.length && bytes.compare(other, 0, other.length, start, end) === 0
}

/** A line of its own that readers of old take for the end of data: the server never writes it. */
function isEndMark(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === 0x2e
}

function unescape(bytes: Buffer, start: number, end: number): Buffer {
  const out = Buffer.allocUnsafe(end - start)
  let to = 0
  for (let at = start; at < end;) {
    if (bytes[at] !== BACKSLASH) {
      out[to++] = bytes[at++]!
      continue
    }
    const numeric = numericEscape(bytes.toString('latin1', at + 1, Math.min(at + 4, end)))
    const letter = bytes[at + 1]!
    out[to++] = numeric?.value ?? CONTROLS.get(letter) ?? letter
    at += 1 + (numeric?.length ?? 1)
  }
  return out.subarray(0, to)
}

/** `\\ooo` and `\\xhh`, which readers accept though the server does not write them. */
function numericEscape(text: string): { value: number; length: number } | undefined {
  const [found] = /^(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2})/.exec(text) ?? []
  if (found === undefined) return undefined
  const value = found.startsWith('x')
    ? Number.parseInt(found.slice(1), 16)
    : Number.parseInt(found, 8)
  return { value: value & 0xff, length: found.length }
}

function escape(bytes: Buffer, delimiter: number): Buffer {
  if (!bytes.some((byte) => needsEscape(byte, delimiter))) return bytes
  const out: number[] = []
  for (const byte of bytes) {
    if (needsEscape(byte, delimiter)) out.push(BACKSLASH)
    out.push(LETTERS.get(byte) ?? byte)
  }
  return Buffer.from(out)
}

function needsEscape(byte: number, delimiter: number): boolean {
  return byte === BACKSLASH || byte === delimiter || LETTERS.has(byte)
}
