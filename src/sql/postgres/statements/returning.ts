import type { BodyOf } from '../parse/tree.ts'
import { bodyOf } from '../parse/tree.ts'
import type { Analysis, RangeItem, Rows, Scope } from '../reading/analysis.ts'
import { NO_ROWS } from '../reading/analysis.ts'
import { targetRows } from '../reading/targets.ts'

/**
 * RETURNING over the items of a statement. `target` is the changed relation's own item; from
 * PostgreSQL 18 on it also goes by `old` and `new`, or by the names that WITH gives.
 */
export function returningRows(
  a: Analysis,
  clause: BodyOf<'ReturningClause'> | undefined,
  items: readonly RangeItem[],
  target: RangeItem,
  level: Scope,
): Rows {
  if (clause === undefined) return NO_ROWS
  const names = { RETURNING_OPTION_OLD: 'old', RETURNING_OPTION_NEW: 'new' }
  for (const node of clause.options ?? []) {
    const option = bodyOf(node, 'ReturningOption')
    if (option?.option !== undefined && option.value !== undefined) {
      names[option.option] = option.value
    }
  }
  const taken = new Set(items.map((item) => item.name))
  const changed = items.find((item) => item.name === target.name) ?? target
  const added = Object.values(names)
    .filter((name) => !taken.has(name))
    .map((name): RangeItem => ({ ...changed, name, nameVisible: true, columnsVisible: false }))
  return targetRows(a, clause.exprs ?? [], { ...level, items: [...items, ...added] })
}
