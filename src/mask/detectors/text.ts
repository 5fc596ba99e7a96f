import type { DetectorName } from '../../core/verdict.ts'

/**
 * What a detector may read of a text. A string is one; a test passes one that counts, which is how
 * linear cost is proven without a stopwatch.
 */
export interface Text {
  readonly length: number
  charCodeAt(index: number): number
  indexOf(part: string, from?: number): number
  slice(start: number, end: number): string
}

/** Half-open, in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly detector: DetectorName
}

export type Found = (start: number, end: number) => void

/** Reports each occurrence; work is linear in the text's length whatever the text holds. */
export type Scan = (text: Text, found: Found) => void

export const DIGIT = 1
export const LETTER = 2
export const HEX = 4
export const BASE64 = 8
export const BASE64URL = 16
/** What an address's local part is made of here: no quotes, brackets, `=`, `/` or `|`, which delimit. */
export const LOCAL_PART = 32
export const DOMAIN = 64
export const SPACE = 128

const CLASSES = classTable()

/** True if the UTF-16 unit is ASCII and of one of the classes; NaN (past the end) is of none. */
export function is(unit: number, classes: number): boolean {
  return unit < 128 && (CLASSES[unit]! & classes) !== 0
}

/** Letters, digits, and everything beyond ASCII, which is treated as a letter. */
export function isWord(unit: number): boolean {
  return unit >= 128 || is(unit, LETTER | DIGIT)
}

function classTable(): Uint8Array {
  const table = new Uint8Array(128)
  mark(table, '0123456789', DIGIT | HEX | BASE64 | BASE64URL | LOCAL_PART | DOMAIN)
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  mark(table, letters + letters.toUpperCase(), LETTER | BASE64 | BASE64URL | LOCAL_PART | DOMAIN)
  mark(table, 'abcdefABCDEF', HEX)
  mark(table, '+/', BASE64)
  mark(table, '-_', BASE64URL)
  mark(table, ".!#$%&'*+-^_~?", LOCAL_PART)
  mark(table, '-.', DOMAIN)
  mark(table, ' \t\r\n\v\f', SPACE)
  return table
}

function mark(table: Uint8Array, characters: string, classes: number): void {
  for (let i = 0; i < characters.length; i++) {
    const unit = characters.charCodeAt(i)
    table[unit] = table[unit]! | classes
  }
}
