/** Control characters, and marks that turn the direction of writing or break lines. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu

/**
 * Makes a text safe for a terminal: agents write much of what people read here, and must be able
 * neither to drive the terminal nor to make a statement look like another.
 */
export function safe(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
}

/** As `safe`, but line ends and tabs stay. */
export function safeLines(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : escapeCharacter(character),
  )
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
