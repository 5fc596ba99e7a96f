import { createHash } from 'node:crypto'

/** A value that was too long for the record: its beginning, its length in characters, its SHA-256. */
export interface CutText {
  readonly cut: string
  readonly length: number
  /** Hex, over the whole value in UTF-8. */
  readonly sha256: string
}

export type Kept = string | null | CutText

/** Keeps a text whole up to `charsMax` characters; else its beginning, length and hash. */
export function cutText(text: string, charsMax: number): string | CutText {
  if (text.length <= charsMax) return text
  const sha256 = createHash('sha256').update(text, 'utf8').digest('hex')
  return { cut: text.slice(0, charsMax), length: text.length, sha256 }
}

/** Cuts each value at `eachMax`, and all that follow once `totalMax` characters are spent. */
export function cutValues(
  values: readonly (string | null)[],
  eachMax: number,
  totalMax: number,
): Kept[] {
  let left = totalMax
  return values.map((value) => {
    if (value === null) return null
    const kept = cutText(value, Math.min(eachMax, left))
    left -= typeof kept === 'string' ? kept.length : kept.cut.length
    return kept
  })
}

/** The beginning of a short text that a peer chose. */
export function shorten(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}…`
}
