import type { HiddenCall } from '../catalog/facts.ts'
import type { Node } from '../parse/tree.ts'
import { texts } from '../parse/tree.ts'
import type { Analysis } from './analysis.ts'
import type { Sources } from './sources.ts'
import { merge, UNKNOWN } from './sources.ts'

/**
 * Operators and casts are calls in disguise. Which operator a symbol means depends on types that
 * only the target knows. Those of PostgreSQL and of extensions count as arithmetic; when the
 * database has an operator or cast made by a user that the statement could mean, the statement
 * counts as a call of its function.
 *
 * Implicit casts leave no trace in a statement. They can run a user's function only where someone
 * with the right to define types made one.
 */
export function usesOperator(a: Analysis, name: readonly string[], flow: Sources): Sources {
  const [schema, qualified] = name
  const symbol = qualified ?? schema
  if (symbol === undefined) return flow
  if (qualified !== undefined && schema === 'pg_catalog') return flow
  const operators = a.catalog.facts?.operators ?? []
  return (SPELLED[symbol] ?? [symbol]).reduce((f, one) => usesHidden(a, operators, one, f), flow)
}

/** Forms of the grammar, and the operators that they are made of. */
const SPELLED: Readonly<Record<string, readonly string[]>> = {
  BETWEEN: ['>=', '<='],
  'NOT BETWEEN': ['<', '>'],
  'BETWEEN SYMMETRIC': ['>=', '<='],
  'NOT BETWEEN SYMMETRIC': ['<', '>'],
}

export function castTo(a: Analysis, type: { readonly names?: Node[] }, flow: Sources): Sources {
  const name = texts(type.names).at(-1)
  return name === undefined ? flow : castNamed(a, name, flow)
}

/** A cast to the type of this name. */
export function castNamed(a: Analysis, name: string, flow: Sources): Sources {
  if (a.catalog.facts?.codeOfTypes.includes(name) === true) a.collector.changes('code')
  const casts = a.catalog.facts?.casts ?? []
  return casts.length === 0 ? flow : usesHidden(a, casts, name, flow)
}

function usesHidden(a: Analysis, calls: readonly HiddenCall[], by: string, flow: Sources): Sources {
  a.charge(calls.length)
  let result = flow
  for (const call of calls) {
    if (call.by !== by) continue
    a.collector.access('sql.execute', call.path, 'required')
    if (call.volatile) a.collector.changes('code')
    // It may make any number of rows.
    a.collector.predicate(UNKNOWN)
    result = merge(a, result, UNKNOWN)
  }
  return result
}
