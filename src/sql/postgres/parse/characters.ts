/** What a character can begin, in PostgreSQL's scanner (scan.l). Numbers, for the hot loop. */
const BAD = 0
export const SPACE = 1
export const LETTER = 2
export const DIGIT = 3
export const OPERATOR = 4
export const PUNCTUATION = 5
export const SINGLE_QUOTE = 6
export const DOUBLE_QUOTE = 7
export const DOLLAR = 8

const CLASSES = Uint8Array.from({ length: 0x80 }, (_, code) => classify(code))

/** Of what words (names, keywords) go on with. */
const IN_WORD = CLASSES.map((kind) =>
  kind === LETTER || kind === DIGIT || kind === DOLLAR ? 1 : 0,
)

/** Everything outside ASCII is a letter, even U+00A0 and U+3000: so it is to the server. */
export function characterClass(code: number): number {
  return code < 0x80 ? CLASSES[code]! : LETTER
}

/** Characters that no honest quoted text holds; a key could not tell U+0001 from its own marks. */
function isControl(code: number): boolean {
  return code < 0x20 && CLASSES[code] === BAD
}

/** Is the text between two offsets one of these lower-case words? Case matters not, as for keywords. */
export function isWord(
  text: string,
  start: number,
  end: number,
  words: readonly string[],
): boolean {
  for (const word of words) {
    if (word.length === end - start && equalsWord(text, start, word)) return true
  }
  return false
}

function equalsWord(text: string, start: number, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    const code = text.charCodeAt(start + index)
    const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code
    if (lower !== word.charCodeAt(index)) return false
  }
  return true
}

function classify(code: number): number {
  const character = String.fromCharCode(code)
  if (/[A-Za-z_]/.test(character)) return LETTER
  if (/[0-9]/.test(character)) return DIGIT
  if (/[~!@#^&|`?+\-*/%<>=]/.test(character)) return OPERATOR
  if (/[(),.;:[\]]/.test(character)) return PUNCTUATION
  if (character === "'") return SINGLE_QUOTE
  if (character === '"') return DOUBLE_QUOTE
  if (character === '$') return DOLLAR
  // Vertical tab is white space only since PostgreSQL 16, so it is bad here.
  if (/[ \t\n\r\f]/.test(character)) return SPACE
  // Control characters, backslash, braces.
  return BAD
}

/** Where the word that goes on at `start` ends. */
export function wordEnd(text: string, start: number): number {
  const length = text.length
  let at = start
  while (at < length) {
    const code = text.charCodeAt(at)
    if (code < 0x80 && IN_WORD[code] === 0) break
    at++
  }
  return at
}

/** Does a comment begin here? PostgreSQL's operators end where one does. */
export function commentStarts(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code === 0x2d) return text.charCodeAt(at + 1) === 0x2d
  return code === 0x2f && text.charCodeAt(at + 1) === 0x2a
}

/** Where white space and comments end; -1 when a comment has no end. Block comments nest. */
export function skipBlank(text: string, start: number): number {
  const length = text.length
  let at = start
  while (at < length) {
    const code = text.charCodeAt(at)
    if (code < 0x80 && CLASSES[code] === SPACE) at++
    else if ((code !== 0x2d && code !== 0x2f) || !commentStarts(text, at)) return at
    else {
      at = code === 0x2d ? lineEnd(text, at) : blockCommentEnd(text, at)
      if (at < 0) return -1
    }
  }
  return at
}

/** A NUL ends the text for the server, whatever we make of it: it counts as a comment without end. */
function blockCommentEnd(text: string, start: number): number {
  let open = 0
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    const next = text.charCodeAt(at + 1)
    if (code === 0x2f && next === 0x2a) {
      open++
      at += 2
    } else if (code === 0x2a && next === 0x2f) {
      open--
      at += 2
      if (open === 0) return at
    } else if (code === 0) return -1
    else at++
  }
  return -1
}

function lineEnd(text: string, start: number): number {
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x0a || code === 0x0d) return at
    if (code === 0) return -1
    at++
  }
  return at
}

/**
 * Where a quoted string or name ends, doubled quotes included; -1 when it has no end or holds what
 * may mislead: a backslash (it may be an escape), or a control character.
 */
export function quotedEnd(text: string, start: number): number {
  const quote = text.charCodeAt(start)
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      if (text.charCodeAt(at + 1) !== quote) return at + 1
      at++
    } else if (code === 0x5c || isControl(code)) return -1
  }
  return -1
}
