import { safe, safeLines } from '../../core/safe-text.ts'

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

/** `1 policy`, `2 policies`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

const PAINTS = { bold: 1, red: 31, green: 32, yellow: 33 } as const

export function paint(as: keyof typeof PAINTS, text: string): string {
  return `\u001b[${PAINTS[as]}m${text}\u001b[0m`
}
