/** The token of a JSON text that a position lies in. */
export interface JsonToken {
  readonly start: number
  readonly end: number
  /** A string's token is what stands between its quotes. */
  readonly type: 'string' | 'other'
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Answers in which token a position lies. Positions must be asked in ascending order: the text is
 * walked once. Every token ends at the next string or structural character, so a run of digits,
 * dots and signs is one token.
 */
export function createTokenFinder(text: string): (position: number) => JsonToken {
  let at = 0
  let token: JsonToken = { start: 0, end: 0, type: 'other' }
  return (position) => {
    while (token.end <= position && at < text.length) {
      token = readToken(text, at)
      at = token.type === 'string' ? token.end + 1 : token.end
      // The closing quote belongs to nothing that can be found.
      if (token.type === 'string' && token.end === position) break
    }
    return token
  }
}

function readToken(text: string, from: number): JsonToken {
  if (text.charCodeAt(from) === QUOTE) {
    return { start: from + 1, end: stringEnd(text, from + 1), type: 'string' }
  }
  let end = from + 1
  if (!isStructure(text.charCodeAt(from))) {
    while (end < text.length && !isStructure(text.charCodeAt(end))) end++
  }
  return { start: from, end, type: 'other' }
}

function stringEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  }
  return Math.min(at, text.length)
}

/** Blank, `"`, comma, colon, brackets and braces. */
function isStructure(unit: number): boolean {
  return (
    unit <= 0x20 ||
    unit === QUOTE ||
    unit === 0x2c ||
    unit === 0x3a ||
    unit === 0x5b ||
    unit === 0x5d ||
    unit === 0x7b ||
    unit === 0x7d
  )
}
