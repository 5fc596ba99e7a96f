/**
 * Writes what the Azure CLI sends for templates as strict JSON. Its bodies hold the file as it is:
 * comments, lines that break inside texts, and one name without quotation marks
 * (`… , template:{…`). Resource Manager reads that; so do we, in one way only, and the target gets
 * what was understood. Returns in words why it cannot be.
 */
export function strictJson(bytes: Uint8Array): { readonly text: string } | string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return 'the body is not UTF-8'
  }
  let out = ''
  let at = 0
  while (at < text.length) {
    const rest = text[at]!
    if (rest === '"') {
      const end = stringEnd(text, at)
      if (end === undefined) return 'the body has a text without an end'
      out += onOneLine(text.slice(at, end))
      at = end
    } else if (rest === '/') {
      const end = commentEnd(text, at)
      if (end === undefined) return 'the body is not valid JSON'
      at = end
      out += ' '
    } else {
      const word = LETTER.test(rest)
        ? WORD.exec(text.slice(at, at + WORD_CHARS_MAX))?.[0]
        : undefined
      if (word === undefined) {
        out += rest
        at++
      } else {
        out += isName(text, at + word.length) ? `"${word}"` : word
        at += word.length
      }
    }
  }
  return { text: out }
}

const LETTER = /[A-Za-z_]/
const WORD = /^[A-Za-z_][A-Za-z0-9_]*/
const WORD_CHARS_MAX = 128

/** A word is a name where a colon follows; otherwise it is `true`, `null` or nothing that is JSON. */
function isName(text: string, from: number): boolean {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++
  return text[at] === ':'
}

/** The offset after the closing quotation mark. */
function stringEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return undefined
}

function commentEnd(text: string, start: number): number | undefined {
  if (text[start + 1] === '/') {
    const end = /[\r\n\u2028\u2029\u0085]/.exec(text.slice(start))
    return end === null ? text.length : start + end.index
  }
  const end = text[start + 1] === '*' ? text.indexOf('*/', start + 2) : -1
  return end < 0 ? undefined : end + 2
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function onOneLine(text: string): string {
  return text.replaceAll(/[\n\r\t]/g, (character) => ESCAPES[character]!)
}
