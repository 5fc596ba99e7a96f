import type { RangeColumn, Rows } from './analysis.ts'
import { mergeAll } from './sources.ts'

/** Gives the first columns other names, as `AS item(a, b)` does. */
export function renameColumns(rows: Rows, names: readonly string[]): Rows {
  if (names.length === 0) return rows
  if (rows.open !== undefined) {
    // The positions are not known, so any of them may be any of these.
    const sources = mergeAll([rows.open, ...rows.columns.map((column) => column.sources)])
    const bases = rows.columns.flatMap((column) => column.bases)
    const named = names.map((name): RangeColumn => ({ name, sources, bases }))
    return { columns: named, open: sources }
  }
  const columns = rows.columns.map((column, index) => {
    const name = names[index]
    return name === undefined ? column : { ...column, name }
  })
  return { columns }
}
