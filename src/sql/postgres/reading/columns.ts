import { refuse } from '../../refuse.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, kindOf, textOf } from '../parse/tree.ts'
import type { Analysis, BaseColumn, RangeItem, Scope } from './analysis.ts'
import { callRoutine, routinesNamed } from './functions.ts'
import type { Found } from './scope.ts'
import { columnOf, findColumn, findItem, rowOf } from './scope.ts'
import type { Sources } from './sources.ts'
import { derived, merge, NOTHING, UNKNOWN } from './sources.ts'

/** Writes down that these columns are read. */
export function noteReads(a: Analysis, bases: readonly BaseColumn[]): void {
  for (const { relation, name } of bases) a.collector.touch('sql.select', relation, name)
}

function read(a: Analysis, found: Found): Sources {
  noteReads(a, found.bases)
  return found.sources
}

/** `column`, `item.column`, `schema.item.column`, or a whole row: `item`, `item.*`. */
export function columnReference(a: Analysis, body: BodyOf<'ColumnRef'>, scope: Scope): Sources {
  const fields = body.fields ?? []
  const star = kindOf(fields.at(-1) ?? ({} as Node)) === 'A_Star'
  const names = (star ? fields.slice(0, -1) : fields).map((field) => textOf(field) ?? '')
  if (star) return wholeRow(a, names, scope)
  const [first, second] = names
  if (second === undefined) return bareName(a, first ?? '', scope)
  const item = itemNamed(a, names.slice(0, -1), scope)
  return item === undefined ? looseOr(scope, names) : qualifiedColumn(a, item, names.at(-1)!)
}

/** The item that `[[database.]schema.]name` stands for. */
export function itemNamed(
  a: Analysis,
  names: readonly string[],
  scope: Scope,
): RangeItem | undefined {
  const [name, schema, database] = names.toReversed()
  if (name === undefined || names.length > 3) return undefined
  if (database !== undefined && database !== a.catalog.database) return undefined
  return findItem(a, scope, name, schema)
}

/** A column, or else the whole row of an item. */
function bareName(a: Analysis, name: string, scope: Scope): Sources {
  const column = findColumn(a, scope, name)
  if (column?.certain) return read(a, column)
  const item = findItem(a, scope, name)
  if (item !== undefined)
    return merge(a, derived(a, read(a, rowOf(a, item))), column?.sources ?? NOTHING)
  return column === undefined ? looseOr(scope, [name]) : column.sources
}

function wholeRow(a: Analysis, names: readonly string[], scope: Scope): Sources {
  const item = itemNamed(a, names, scope)
  if (item === undefined) return looseOr(scope, names)
  return derived(a, read(a, rowOf(a, item)))
}

/** A column of the item, or `item.function`, which is `function(item)`. */
function qualifiedColumn(a: Analysis, item: RangeItem, name: string): Sources {
  const found = columnOf(a, item, name)
  if (found !== undefined) return read(a, found)
  if (item.open !== undefined) return item.open
  return fieldOrCall(a, name, read(a, rowOf(a, item)), true)
}

function fieldOrCall(a: Analysis, name: string, row: Sources, mustExist: boolean): Sources {
  const known = routinesNamed(a, { name })
  if (known === undefined) return merge(a, UNKNOWN, row)
  if (known.length === 0) {
    if (!mustExist) return derived(a, row)
    return refuse('SQL_UNRESOLVED', `There is no column ${name}.`, 'Check the name of the column.')
  }
  const call = { name: { name }, arguments: [{} as Node], count: 1, flows: [row], aside: NOTHING }
  return merge(a, derived(a, row), callRoutine(a, call))
}

/** `(value).field`, `(value)[1]`, and chains of these. */
export function fieldSelection(a: Analysis, body: BodyOf<'A_Indirection'>, scope: Scope): Sources {
  const steps = body.indirection ?? []
  const plain = plainField(a, body, scope)
  if (plain !== undefined) return plain
  let flow: Sources = body.arg === undefined ? NOTHING : derived(a, a.expression(body.arg, scope))
  for (const step of steps) {
    const field = textOf(step)
    flow =
      field === undefined
        ? merge(a, flow, a.expression(step, scope))
        : fieldOrCall(a, field, flow, false)
  }
  return derived(a, flow)
}

/** `(item).column` is `item.column`. */
function plainField(a: Analysis, body: BodyOf<'A_Indirection'>, scope: Scope): Sources | undefined {
  const item = rowItem(a, body.arg, scope)
  const field = textOf(body.indirection?.[0])
  if (item === undefined || field === undefined || body.indirection?.length !== 1) return undefined
  const found = columnOf(a, item, field)
  return found === undefined ? undefined : read(a, found)
}

/** The item whose whole row an expression plainly is. */
export function rowItem(a: Analysis, node: Node | undefined, scope: Scope): RangeItem | undefined {
  const fields = bodyOf(node, 'ColumnRef')?.fields
  const name = fields?.length === 1 ? textOf(fields[0]) : undefined
  if (name === undefined || findColumn(a, scope, name) !== undefined) return undefined
  return findItem(a, scope, name)
}

function looseOr(scope: Scope, names: readonly string[]): Sources {
  if (scope.loose) return NOTHING
  return refuse(
    'SQL_UNRESOLVED',
    `Nothing in this query is named ${names.join('.')}.`,
    'Check the name, and give columns the name of their table.',
  )
}
