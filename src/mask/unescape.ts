const BACKSLASH = 0x5c
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** A text without its escapes, and where each of its units was written. */
export interface Unescaped {
  readonly text: string
  /** Unit `i` was written at `[offsets[i], offsets[i + 1])`; one more entry than `text` has units. */
  readonly offsets: Uint32Array
}

/**
 * Undoes JSON's escapes (RFC 8259 section 7), and any other backslash in front of a character.
 * Undefined where there are none.
 */
export function unescape(text: string): Unescaped | undefined {
  let at = text.indexOf('\\')
  if (at < 0) return undefined
  const parts = [text.slice(0, at)]
  const offsets = new Uint32Array(text.length + 1)
  let length = 0
  while (length < at) offsets[length] = length++
  while (at < text.length) {
    offsets[length++] = at
    if (text.charCodeAt(at) !== BACKSLASH || at + 1 === text.length) {
      parts.push(text[at]!)
      at++
      continue
    }
    const unit = unicodeEscape(text, at)
    parts.push(unit ?? CONTROLS[text[at + 1]!] ?? text[at + 1]!)
    at += unit === undefined ? 2 : 6
  }
  offsets[length] = text.length
  return { text: parts.join(''), offsets: offsets.subarray(0, length + 1) }
}

function unicodeEscape(text: string, at: number): string | undefined {
  if (text[at + 1] !== 'u') return undefined
  const hex = text.slice(at + 2, at + 6)
  return /^[0-9a-fA-F]{4}$/.test(hex) ? String.fromCharCode(Number.parseInt(hex, 16)) : undefined
}
