import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, constantText, textOf, texts } from '../parse/tree.ts'
import type { RangeItem } from './analysis.ts'
import { holdsAnything } from './settings.ts'
import { NOTHING } from './sources.ts'

/**
 * Rows of pg_settings that a condition picks by name: drivers ask so for limits of the server. Unless one
 * of them is a setting that holds whatever code has put there, their values are the server's own.
 */
export function narrowSettings(
  items: readonly RangeItem[],
  condition: Node | undefined,
): readonly RangeItem[] {
  if (condition === undefined || !items.some(isSettings)) return items
  return items.map((item) => {
    const picked = isSettings(item) ? pickedNames(condition, item, items.length === 1) : undefined
    if (picked === undefined || picked.some(holdsAnything)) return item
    return { ...item, columns: item.columns.map((column) => ({ ...column, sources: NOTHING })) }
  })
}

function isSettings({ columns }: RangeItem): boolean {
  const relation = columns[0]?.bases[0]?.relation
  return relation?.builtin === true && relation.name === 'pg_settings'
}

/** The names that it may have at most; undefined: any. */
function pickedNames(node: Node, item: RangeItem, alone: boolean): readonly string[] | undefined {
  const both = bodyOf(node, 'BoolExpr')
  if (both?.boolop === 'AND_EXPR') {
    for (const part of both.args ?? []) {
      const picked = pickedNames(part, item, alone)
      if (picked !== undefined) return picked
    }
    return undefined
  }
  const test = bodyOf(node, 'A_Expr')
  if (test === undefined || !isName(test.lexpr, item, alone)) return undefined
  if (texts(test.name).join('.') !== '=') return undefined
  const constants =
    test.kind === 'AEXPR_IN'
      ? bodyOf(test.rexpr, 'List')?.items?.map(constantText)
      : test.kind === 'AEXPR_OP'
        ? [constantText(test.rexpr)]
        : undefined
  const known = constants?.filter((one) => one !== undefined)
  return known?.length === constants?.length ? known : undefined
}

function isName(node: Node | undefined, item: RangeItem, alone: boolean): boolean {
  const fields: BodyOf<'ColumnRef'>['fields'] = bodyOf(node, 'ColumnRef')?.fields ?? []
  const names = fields.map(textOf)
  if (names.length === 1) return alone && names[0] === 'name' && plainly(item)
  return names.length === 2 && names[0] === item.name && names[1] === 'name' && plainly(item)
}

/** No alias gives its columns other names. */
function plainly({ columns }: RangeItem): boolean {
  return columns.every(({ name, bases }) => bases[0]?.name === name)
}
