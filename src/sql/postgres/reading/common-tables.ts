import { refuse } from '../../refuse.ts'
import type { Budget } from '../parse/budget.ts'
import type { BodyOf } from '../parse/tree.ts'
import { bodyOf, texts } from '../parse/tree.ts'
import type { Analysis, CommonTable, RangeColumn, Rows, Scope } from './analysis.ts'
import { renameColumns } from './rename-columns.ts'
import { derived, mergeAll, NOTHING, sameFlow } from './sources.ts'

type CommonTableExpr = BodyOf<'CommonTableExpr'>

/**
 * The level with the tables of its WITH clause. Each is walked whether it is referred to or not: one
 * that modifies data runs anyway.
 */
export function withTables(
  a: Analysis,
  clause: BodyOf<'WithClause'> | undefined,
  level: Scope,
): Scope {
  if (clause === undefined) return level
  const tables = new Map<string, CommonTable>()
  const recursive = clause.recursive === true
  const scope: Scope = { ...level, ctes: tables }
  for (const node of clause.ctes ?? []) {
    const body = bodyOf(node, 'CommonTableExpr')
    if (body?.ctename === undefined || body.ctequery === undefined) {
      return refuse('SQL_UNSUPPORTED', 'A WITH query has no name.', 'Name it.')
    }
    if (recursive) tables.set(body.ctename, recursiveTable(a, body, scope))
    else {
      // It is walked now, and sees those before it, not itself.
      const rows = finish(a, body, a.query(body.ctequery, scope))
      tables.set(body.ctename, { rows: () => rows })
    }
  }
  for (const table of tables.values()) table.rows()
  return scope
}

/**
 * A table that may refer to itself: walked again until what flows into its columns grows no more.
 * On the first round nothing is known of it, so any column of its own that it names exists.
 */
function recursiveTable(a: Analysis, body: CommonTableExpr, scope: Scope): CommonTable {
  let rows: Rows = { columns: [], open: NOTHING }
  let state: 'new' | 'walking' | 'done' = 'new'
  let referred = false
  return {
    rows() {
      if (state === 'walking') referred = true
      // Inside itself, `*` does not mean the columns of SEARCH and CYCLE.
      if (state !== 'new') return state === 'done' ? rows : unlist(a, rows, body)
      state = 'walking'
      for (;;) {
        const next = finish(a, body, a.query(body.ctequery!, scope))
        const settled = !referred || sameRows(a, rows, next)
        rows = next
        if (settled) break
      }
      state = 'done'
      return rows
    },
  }
}

function unlist(budget: Budget, rows: Rows, body: CommonTableExpr): Rows {
  const added = new Set(addedNames(body))
  if (added.size === 0) return rows
  budget.charge(rows.columns.length)
  const columns = rows.columns.map((column) =>
    added.has(column.name) ? { ...column, unlisted: true } : column,
  )
  return { ...rows, columns }
}

function sameRows(budget: Budget, a: Rows, b: Rows): boolean {
  budget.charge(a.columns.length)
  if ((a.open === undefined) !== (b.open === undefined)) return false
  if (a.open !== undefined && !sameFlow(budget, a.open, b.open!)) return false
  return (
    a.columns.length === b.columns.length &&
    a.columns.every((column, index) => sameFlow(budget, column.sources, b.columns[index]!.sources))
  )
}

/** Names the columns, and adds those of SEARCH and CYCLE. */
function finish(budget: Budget, body: CommonTableExpr, rows: Rows): Rows {
  const named = renameColumns(budget, rows, texts(body.aliascolnames))
  const names = addedNames(body)
  if (names.length === 0) return named
  const flows = [named.open ?? NOTHING, ...named.columns.map((column) => column.sources)]
  const sources = derived(budget, mergeAll(budget, flows))
  const added = names.map((name): RangeColumn => ({ name, sources, bases: [] }))
  return { ...named, columns: [...named.columns, ...added] }
}

function addedNames(body: CommonTableExpr): string[] {
  const { search_clause: search, cycle_clause: cycle } = body
  return [search?.search_seq_column, cycle?.cycle_mark_column, cycle?.cycle_path_column].flatMap(
    (name) => name ?? [],
  )
}
