import type { Budget } from '../parse/budget.ts'
import type { RangeColumn, Rows } from './analysis.ts'
import { basesOf } from './scope.ts'
import { mergeAll } from './sources.ts'

/** Gives the first columns other names, as `AS item(a, b)` does. */
export function renameColumns(budget: Budget, rows: Rows, names: readonly string[]): Rows {
  if (names.length === 0) return rows
  budget.charge(rows.columns.length + names.length)
  if (rows.open !== undefined) {
    // The positions are not known, so any of them may be any of these.
    const sources = mergeAll(budget, [rows.open, ...rows.columns.map((column) => column.sources)])
    const bases = basesOf(budget, rows.columns)
    const named = names.map((name): RangeColumn => ({ name, sources, bases }))
    return { columns: named, open: sources }
  }
  const columns = rows.columns.map((column, index) => {
    const name = names[index]
    return name === undefined ? column : { ...column, name }
  })
  return { columns }
}
