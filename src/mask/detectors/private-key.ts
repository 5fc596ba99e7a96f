import type { Found, Text } from './text.ts'

const BEGIN = '-----BEGIN '
const END = '-----END '
/** `ENCRYPTED PRIVATE KEY-----` is the longest label in use, with room. */
const LABEL_CHARACTERS_MAX = 64

/**
 * Private keys in PEM (RFC 7468 sections 10 and 11, and the older forms), over any number of lines.
 * A block without its end line reaches to the end of the text: it may have been cut.
 */
export function scanPrivateKeys(text: Text, found: Found): void {
  let start = text.indexOf(BEGIN)
  while (start >= 0) {
    const label = text.slice(start + BEGIN.length, start + BEGIN.length + LABEL_CHARACTERS_MAX)
    if (!isPrivate(label)) {
      start = text.indexOf(BEGIN, start + BEGIN.length)
      continue
    }
    const end = blockEnd(text, start + BEGIN.length)
    found(start, end)
    start = end < text.length ? text.indexOf(BEGIN, end) : -1
  }
}

function isPrivate(label: string): boolean {
  const end = label.indexOf('-----')
  return label.slice(0, end < 0 ? label.length : end).includes('PRIVATE KEY')
}

function blockEnd(text: Text, from: number): number {
  const end = text.indexOf(END, from)
  if (end < 0) return text.length
  const close = text
    .slice(end + END.length, end + END.length + LABEL_CHARACTERS_MAX)
    .indexOf('-----')
  return close < 0 ? text.length : end + END.length + close + 5
}
