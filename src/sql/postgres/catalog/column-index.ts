import type { Budget } from '../parse/budget.ts'

/** A list of columns by their names, of which several may be alike. */
export type ColumnIndex = ReadonlyMap<string, readonly Named[]>

interface Named {
  readonly name: string
}

interface Indexes extends Budget {
  readonly columnIndexes: WeakMap<readonly object[], ColumnIndex>
}

const NONE: readonly never[] = []

/** The columns of a list that have this name. A list that is long is indexed when first searched. */
export function columnsNamed<C extends Named>(
  a: Indexes,
  columns: readonly C[],
  name: string,
): readonly C[] {
  if (columns.length > SHORT) return (indexOf(a, columns).get(name) ?? NONE) as readonly C[]
  a.charge(columns.length / 4)
  return columns.filter((column) => column.name === name)
}

/** Up to here a list is searched faster than an index of it is made. */
const SHORT = 16

function indexOf(a: Indexes, columns: readonly Named[]): ColumnIndex {
  a.charge(1)
  const known = a.columnIndexes.get(columns)
  if (known !== undefined) return known
  a.charge(columns.length)
  const index = new Map<string, Named[]>()
  for (const column of columns) {
    const alike = index.get(column.name)
    if (alike === undefined) index.set(column.name, [column])
    else alike.push(column)
  }
  a.columnIndexes.set(columns, index)
  return index
}
