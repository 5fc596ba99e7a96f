import type { Denial } from '../../../core/denial.ts'
import type { Access } from '../../../core/operation.ts'
import type { Classified } from '../../../sql/classification.ts'
import { isCommand } from '../../../sql/classification.ts'
import { conditionName } from '../masking/condition-names.ts'
import type { Conversation } from './conversation.ts'
import type { Question } from './expectation.ts'
import { askPlanner } from './question.ts'

/** What is asked for beside the text, as records see it. */
interface Planned {
  readonly text: string
  readonly parameters?: readonly (string | null)[]
}

/** Reading and writing rows, or nothing at all. Whatever else there is may do something while it is only planned. */
const PLANNABLE: ReadonlySet<string> = new Set([
  'sql.select',
  'sql.insert',
  'sql.update',
  'sql.delete',
  'sql.none',
])

const NOT_ASKED: Question = { lookup: undefined, rows: [], state: 'answered' }

/**
 * Asks the target's planner how many rows a held statement would touch, where that is safe: the
 * planner runs nothing of a single statement that calls no function of a database's own. `EXPLAIN`
 * takes the locks that the statement itself will take.
 */
export function askPlan(c: Conversation, classified: Classified, planned: Planned): Question {
  const { text, parameters = [] } = planned
  const isBinary = parameters.some((value) => value?.startsWith('\\x') === true)
  if (c.status === 'E' || isBinary || !isPlannable(classified)) return NOT_ASKED
  return askPlanner(c, `EXPLAIN (FORMAT JSON) ${text}`, parameters)
}

function isPlannable(classified: Classified): boolean {
  const { accesses, textWithoutSecrets } = classified.operation
  return (
    classified.statements.length === 1 &&
    !isCommand(classified) &&
    textWithoutSecrets === undefined &&
    accesses.every((access) => PLANNABLE.has(access.action) || isArithmetic(access))
  )
}

/** A function of PostgreSQL's own that nothing needs to allow. */
function isArithmetic({ action, object, grant }: Access): boolean {
  return action === 'sql.execute' && grant === 'implied' && object[1] === 'pg_catalog'
}

interface PlanNode {
  readonly 'Node Type'?: unknown
  readonly 'Plan Rows'?: unknown
  readonly 'Parent Relationship'?: unknown
  readonly Plans?: readonly PlanNode[]
}

/** Rows that come back, or that a change touches: what feeds its `ModifyTable`. */
export function estimatedRows({ rows }: Question): number | undefined {
  const text = rows[0]?.[0]
  if (typeof text !== 'string') return undefined
  const [root] = JSON.parse(text) as readonly { readonly Plan?: PlanNode }[]
  return root?.Plan === undefined ? undefined : rowsOf(root.Plan)
}

function rowsOf(node: PlanNode): number | undefined {
  if (node['Node Type'] !== 'ModifyTable') return numberOf(node['Plan Rows'])
  const fed = (node.Plans ?? []).filter((plan) => plan['Parent Relationship'] !== 'InitPlan')
  return fed.reduce((sum, plan) => sum + (numberOf(plan['Plan Rows']) ?? 0), 0)
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A SQLSTATE that PostgreSQL does not know was made up by code, out of a value perhaps. */
export function unplannable(sqlstate: string | undefined): Denial {
  const known = sqlstate !== undefined && conditionName(sqlstate) !== undefined
  const why = sqlstate === undefined ? 'no answer' : known ? sqlstate : 'an error of its code'
  return {
    code: 'SQL_UNRESOLVED',
    message: `The target cannot plan the statement (${why}), so nobody was asked.`,
    hint: 'Correct it; EXPLAIN tells what is wrong with it.',
  }
}
