import { eachDigitRun, NUMBER_SEPARATORS } from './digit-groups.ts'
import type { Found, Text } from './text.ts'

/** Nine bare digits are a number like any other unless the words just before say what they are. */
const CONTEXT_CHARACTERS = 40
const CONTEXT = ['ssn', 'social', 'soc sec', 'soc. sec']

/**
 * US social security numbers in the ranges that the Social Security Administration assigns: area
 * not 000, 666 or 9xx, group not 00, serial not 0000. Written 3-2-4 with separators, or as nine
 * digits that follow a word naming them.
 */
export function scanSsns(text: Text, found: Found): void {
  eachDigitRun(text, NUMBER_SEPARATORS, ({ starts, ends }) => {
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i]!
      const length = ends[i]! - start
      if (length === 3 && i + 2 < starts.length) {
        const groupLength = ends[i + 1]! - starts[i + 1]!
        const serialLength = ends[i + 2]! - starts[i + 2]!
        const isSplit = groupLength === 2 && serialLength === 4
        if (isSplit && isAssigned(text, start, starts[i + 1]!, starts[i + 2]!)) {
          found(start, ends[i + 2]!)
        }
      } else if (length === 9 && isAssigned(text, start, start + 3, start + 5)) {
        if (hasContext(text, start)) found(start, ends[i]!)
      }
    }
  })
}

function isAssigned(text: Text, area: number, group: number, serial: number): boolean {
  const areaText = text.slice(area, area + 3)
  return (
    areaText !== '000' &&
    areaText !== '666' &&
    areaText[0] !== '9' &&
    text.slice(group, group + 2) !== '00' &&
    text.slice(serial, serial + 4) !== '0000'
  )
}

function hasContext(text: Text, start: number): boolean {
  const before = text.slice(Math.max(0, start - CONTEXT_CHARACTERS), start).toLowerCase()
  return CONTEXT.some((word) => before.includes(word))
}
