import type { ObjectPath } from '../../../core/object.ts'
import type { Access, Operation } from '../../../core/operation.ts'
import type { Budget } from '../parse/budget.ts'
import type { BodyOf } from '../parse/tree.ts'
import type { Analysis } from '../reading/analysis.ts'
import type { Sources } from '../reading/sources.ts'
import { isUnknown, knownColumns, mergeAll, sourcesOf, UNKNOWN } from '../reading/sources.ts'
import type { Judged, StatementContext } from './judged.ts'
import { done } from './judged.ts'
import { judgeApart } from './session-statements.ts'

/** EXPLAIN is judged as what it explains. */
export function explain(a: Analysis, body: BodyOf<'ExplainStmt'>, c: StatementContext): Judged {
  const { operation, statements } = judgeApart(a, body.query!, c)
  const effects = statements
    .flatMap((statement) => statement.effects)
    .filter(({ type }) => type === 'catalog' || type === 'code')
  const flow = planFlow(a, operation)
  const sources = isUnknown(flow) ? 'unknown' : flow
  return done(`EXPLAIN ${operation.kind}`, effects, [{ name: 'QUERY PLAN', sources }])
}

/**
 * What flows into a plan: constants of the statement's own text, and estimates by statistics of the
 * columns that it reads (selectivities, widths). So a plan tells of these columns and of no others.
 * That holds for queries alone: what changes rows may carry whole ones, code may be anything, and
 * relations of the server's own hold samples of any column.
 */
function planFlow(budget: Budget, { accesses, predicates, results }: Operation): Sources {
  if (!accesses.every(isPlainRead)) return UNKNOWN
  const outputs = results[0] ?? 'unknown'
  if (outputs === 'unknown') return UNKNOWN
  const shown = outputs === 'none' ? [] : mergeAll(budget, outputs.map(sourcesOf))
  if (isUnknown(shown)) return UNKNOWN
  const columns = [...predicates, ...accesses.flatMap(columnsRead), ...knownColumns(shown)]
  const distinct = new Map(columns.map((column) => [column.join('\0'), column]))
  return [...distinct.values()].map((column) => ({ column, exact: false }))
}

function columnsRead({ object, parts }: Access): ObjectPath[] {
  return parts === undefined || parts === 'all' ? [] : parts.map((part) => [...object, part])
}

/** The planner runs IMMUTABLE functions and shows what they return, also those inside views. */
function isPlainRead({ action, object, grant, parts }: Access): boolean {
  if (parts === 'all') return false
  if (action === 'sql.select') return !OF_THE_SERVER.test(object[1] ?? '')
  if (action === 'sql.execute') return grant === 'implied' && object[1] === 'pg_catalog'
  return action === 'sql.none'
}

const OF_THE_SERVER = /^(?:pg_|information_schema$)/
