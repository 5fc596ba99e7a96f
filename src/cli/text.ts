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

/** JSON for programs, which is safe to look at as well. */
export function json(value: unknown): string {
  return `${safeLines(JSON.stringify(value, null, 2))}\n`
}

export type Row = readonly (string | undefined)[]

/** Columns aligned with two spaces; the last is not padded. Nothing is cut. */
export function table(head: readonly string[], rows: readonly Row[], colour: boolean): string {
  const cells = rows.map((row) => row.map((cell) => safe(cell ?? '-')))
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd()
  const title = line(head)
  return [colour ? paint('bold', title) : title, ...cells.map(line), ''].join('\n')
}

/** `name   value` lines; what is undefined is left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const present = pairs.filter(([, value]) => value !== undefined)
  const width = Math.max(0, ...present.map(([name]) => name.length))
  return present.map(([name, value]) => `${name.padEnd(width)}  ${safe(value!)}\n`).join('')
}

const PAINTS = { bold: 1, red: 31, green: 32, yellow: 33 } as const

export function paint(as: keyof typeof PAINTS, text: string): string {
  return `\u001b[${PAINTS[as]}m${text}\u001b[0m`
}
