import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, constantText, texts } from '../parse/tree.ts'
import type { Analysis, RangeColumn, Scope } from './analysis.ts'
import { rowItem } from './columns.ts'
import { callName, routinesNamed } from './functions.ts'
import type { Sources } from './sources.ts'
import { derived, mergeAll } from './sources.ts'

const TO_JSON = new Set(['to_jsonb', 'to_json', 'row_to_json'])

/**
 * `to_jsonb(item) ->> 'name'` is one column of the row, and `to_jsonb(item) - 'name'` all others.
 * Undefined for everything else, and wherever it is not certain which columns are meant.
 */
export function rowMember(a: Analysis, body: BodyOf<'A_Expr'>, scope: Scope): Sources | undefined {
  const [operator, qualified] = texts(body.name)
  const key = constantText(body.rexpr)
  if (key === undefined || qualified !== undefined) return undefined
  const columns = jsonColumns(a, body.lexpr, scope)
  a.charge(columns?.length ?? 0)
  const named = columns?.filter((column) => keyOf(column) === key)
  if (columns === undefined || named?.length !== 1) return undefined
  if (operator === '->' || operator === '->>') return derived(a, named[0]!.sources)
  if (operator !== '-') return undefined
  const others = columns.filter((column) => column !== named[0])
  return derived(
    a,
    mergeAll(
      a,
      others.map((column) => column.sources),
    ),
  )
}

/** The columns of a relation whose whole row becomes JSON, by a function of PostgreSQL itself. */
function jsonColumns(
  a: Analysis,
  node: Node | undefined,
  scope: Scope,
): readonly RangeColumn[] | undefined {
  const call = bodyOf(node, 'FuncCall')
  if (call === undefined || call.args?.length !== 1) return undefined
  const name = callName(a, call)
  if (!TO_JSON.has(name.name)) return undefined
  if (routinesNamed(a, name)?.every((routine) => routine.builtin) !== true) return undefined
  const item = rowItem(a, call.args[0], scope)
  return item?.system === true && item.open === undefined ? item.columns : undefined
}

/** Other names that a statement gives to the columns of a relation are not those of its row's type. */
function keyOf({ bases }: RangeColumn): string | undefined {
  return bases.length === 1 ? bases[0]!.name : undefined
}
