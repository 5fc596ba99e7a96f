import { DIGIT, is, type Text } from './text.ts'

/**
 * Groups of digits that separators join: `4111 1111-1111 1111` is one run of four groups. Group `i`
 * is `text[starts[i], ends[i])`.
 */
export interface DigitRun {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

export interface Separators {
  readonly accepts: (unit: number) => boolean
  /** Most separators between two groups. */
  readonly gapMax: number
}

/** Calls back with every maximal run, left to right. */
export function eachDigitRun(
  text: Text,
  separators: Separators,
  visit: (run: DigitRun) => void,
): void {
  let at = 0
  while (at < text.length) {
    if (!is(text.charCodeAt(at), DIGIT)) {
      at++
      continue
    }
    const starts: number[] = []
    const ends: number[] = []
    for (;;) {
      starts.push(at)
      at = digitsEnd(text, at)
      ends.push(at)
      const next = gapEnd(text, at, separators)
      if (next === undefined) break
      at = next
    }
    visit({ starts, ends })
  }
}

function digitsEnd(text: Text, from: number): number {
  let at = from
  while (is(text.charCodeAt(at), DIGIT)) at++
  return at
}

/** Where the next group starts, if only separators lie between. */
function gapEnd(text: Text, from: number, separators: Separators): number | undefined {
  let at = from
  while (at - from < separators.gapMax && separators.accepts(text.charCodeAt(at))) at++
  return at > from && is(text.charCodeAt(at), DIGIT) ? at : undefined
}

/** Blank or dash in any of the spellings that people paste, dot, slash, underscore: one of them. */
export const NUMBER_SEPARATORS: Separators = { accepts: isNumberSeparator, gapMax: 1 }

/** As people write telephone numbers: `) `, ` (`, ` - `. */
export const PHONE_SEPARATORS: Separators = {
  accepts: (unit) => isNumberSeparator(unit) || unit === 0x28 || unit === 0x29,
  gapMax: 3,
}

export const DOT: Separators = { accepts: (unit) => unit === 0x2e, gapMax: 1 }

function isNumberSeparator(unit: number): boolean {
  if (unit < 128) {
    return (
      unit === 0x20 ||
      unit === 0x2d ||
      unit === 0x2e ||
      unit === 0x2f ||
      unit === 0x5f ||
      unit === 0x09
    )
  }
  return (
    unit === 0xa0 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    (unit >= 0x2010 && unit <= 0x2015) ||
    unit === 0x202f ||
    unit === 0x2212
  )
}
