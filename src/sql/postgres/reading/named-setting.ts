import type { Node } from '../parse/tree.ts'
import { bodyOf, constantText, textOf, texts } from '../parse/tree.ts'
import type { Analysis, RangeItem, Scope } from './analysis.ts'
import { findColumn } from './scope.ts'

/**
 * The name in `SELECT set_config(name, …) FROM pg_settings WHERE name = 'a_setting'`, as pg_dump asks: rows
 * meet the condition before the list of the query is computed, so that the column is this text. Only
 * there: equality of a user's column may be looser than being the same.
 */
export function namedSetting(
  where: Node | undefined,
  items: readonly RangeItem[],
): Node | undefined {
  const [item, ...others] = items
  if (item === undefined || others.length > 0 || !isSettings(item)) return undefined
  const comparison = bodyOf(where, 'A_Expr')
  const isEqual = comparison?.kind === 'AEXPR_OP' && texts(comparison.name).join('.') === '='
  if (!isEqual || !isName(comparison.lexpr)) return undefined
  return constantText(comparison.rexpr) === undefined ? undefined : comparison.rexpr
}

/** An argument of a call, or the text that it is known to be. */
export function asNamedSetting(a: Analysis, node: Node, scope: Scope): Node {
  if (scope.namedSetting === undefined || !isName(node)) return node
  return findColumn(a, scope, NAME)?.bases.some(({ name }) => name === NAME) === true
    ? scope.namedSetting
    : node
}

const NAME = 'name'

function isName(node: Node | undefined): boolean {
  const fields = bodyOf(node, 'ColumnRef')?.fields
  return fields?.length === 1 && textOf(fields[0]) === NAME
}

function isSettings({ columns }: RangeItem): boolean {
  const [base, ...others] = columns.find(({ name }) => name === NAME)?.bases ?? []
  if (base === undefined || others.length > 0) return false
  return base.relation.builtin && base.relation.name === 'pg_settings' && base.name === NAME
}
