import type { Access } from '../../../core/operation.ts'
import type { Action } from '../../actions.ts'
import { columnsNamed } from '../catalog/column-index.ts'
import type { Relation } from '../catalog/facts.ts'
import type { Analysis } from './analysis.ts'
import { compareWritten } from './comparisons.ts'
import { relationColumns, shownBy } from './relations.ts'

/**
 * An access on a relation's rows, or one of their columns. Rows of a view are those of the relations
 * that it shows: nothing needs to allow what is done to these, but a rule may deny or hold it.
 */
export function touchRows(
  a: Analysis,
  action: Action,
  relation: Relation,
  column: string | undefined,
  grant: Access['grant'] = 'required',
): void {
  touchOne(a, action, relation, column, grant)
  for (const shown of shownBy(a, relation)) {
    const columns = column === undefined ? [undefined] : columnsIn(a, relation, column, shown)
    for (const one of columns) touchOne(a, action, shown, one, 'implied')
  }
}

function touchOne(
  a: Analysis,
  action: Action,
  relation: Relation,
  column: string | undefined,
  grant: Access['grant'],
): void {
  a.collector.touch(action, relation, column, grant)
  if (column !== undefined && (action === 'sql.insert' || action === 'sql.update')) {
    compareWritten(a, action, relation, column)
  }
}

/** The columns of a shown relation that a view's column plainly is. */
function columnsIn(a: Analysis, view: Relation, name: string, shown: Relation): string[] {
  const [found] = columnsNamed(a, relationColumns(a, view), name)
  const sources = found?.sources ?? []
  a.charge(sources.length)
  return sources.flatMap(({ column, exact }) => {
    const isOwn = exact && column.slice(0, -1).join('\0') === shown.path.join('\0')
    return isOwn ? [column.at(-1)!] : []
  })
}
