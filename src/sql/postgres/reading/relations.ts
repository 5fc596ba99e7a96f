import { ChaperoneError } from '../../../core/errors.ts'
import type { ObjectPath } from '../../../core/object.ts'
import type { Access } from '../../../core/operation.ts'
import type { Memo } from '../catalog/catalog.ts'
import type { Column, Relation } from '../catalog/facts.ts'
import { holdsData, isHarmless, isOpaque } from '../catalog/system-relations.ts'
import { VIEW_DEPTH_MAX, WORK_PER_STORED_CHARACTER } from '../parse/limits.ts'
import type { Parsed, Unparsed } from '../parse/parser.ts'
import type { Node } from '../parse/tree.ts'
import { bodyOf, rangeVars } from '../parse/tree.ts'
import type { Analysis, Expansion, RangeColumn, RangeItem } from './analysis.ts'
import { rangeVarName, relationNamed } from './names.ts'
import { createRecord } from './record.ts'
import { columnOf, scopeOf } from './scope.ts'
import type { Sources } from './sources.ts'
import { ANYTHING, derived, mergeAll, NOTHING, UNKNOWN } from './sources.ts'

/**
 * What flows into the columns of a relation: themselves, and for a view what it reads as well. Reads
 * inside a view are implied accesses: a grant on the view is a grant to read through it.
 */
export function relationColumns(a: Analysis, relation: Relation): readonly RangeColumn[] {
  const { columns, accesses, changes, compares } = expansionOf(a, relation)
  a.charge(accesses.length)
  for (const access of accesses) a.collector.imply(access)
  for (const change of changes) a.collector.changes(change)
  for (const column of compares) a.collector.compare(column)
  return columns
}

/** The relations whose rows a view shows, through other views as well; none for a table. */
export function shownBy(a: Analysis, relation: Relation): readonly Relation[] {
  return relation.kind === 'v' ? expansionOf(a, relation).shows : []
}

const EXPANSIONS: Memo<Expansion> = { name: 'expansion' }

function expansionOf(a: Analysis, relation: Relation): Expansion {
  return a.catalog.memo(EXPANSIONS).get(relation) ?? unfinished(a, relation) ?? expand(a, relation)
}

/** However often it is named: what reads it is as unfinished. */
function unfinished(a: Analysis, relation: Relation): Expansion | undefined {
  const before = a.unfinished.get(relation)
  if (before !== undefined) a.needAgain()
  return before
}

function expand(a: Analysis, relation: Relation): Expansion {
  const needed = a.needCount()
  const expansion = relation.definition === undefined ? table(a, relation) : view(a, relation)
  if (a.needCount() === needed) a.catalog.memo(EXPANSIONS).set(relation, expansion)
  else a.unfinished.set(relation, expansion)
  return expansion
}

const NOTHING_INSIDE = { accesses: [], changes: [], compares: [], shows: [] }

function table(a: Analysis, relation: Relation): Expansion {
  const harmless = isHarmless(relation)
  const opaque = isOpaque(relation)
  const columns = columnsFrom(relation, (own, index) => {
    const data = holdsData(relation, relation.columns[index]!.name) ? ANYTHING : NOTHING
    if (harmless) return data
    return opaque ? [...own, ...UNKNOWN, ...data] : own
  })
  const made = ({ generated, filledFrom }: Column) => generated || filledFrom.length > 0
  if (!relation.columns.some(made)) return { columns, ...NOTHING_INSIDE }
  return { columns: withMade(a, relation, columns), ...NOTHING_INSIDE }
}

/** A column that is generated, or that a trigger fills, is its own, and what it is made from. */
function withMade(
  a: Analysis,
  relation: Relation,
  columns: readonly RangeColumn[],
): readonly RangeColumn[] {
  const item = rowItemOf(relation, columns)
  return columns.map((column, index) => {
    const { generated, expression, filledFrom } = relation.columns[index]!
    const filled = filledFrom.map((name) => columnOf(a, item, name)?.sources ?? UNKNOWN)
    const inside = generated
      ? generatedFlow(a.within(createRecord(a).collector), expression, item)
      : derived(a, mergeAll(a, filled))
    return inside.length === 0 ? column : { ...column, sources: [...column.sources, ...inside] }
  })
}

/** A row of the relation, as the expressions see it that belong to the relation. */
export function rowItemOf(relation: Relation, columns: readonly RangeColumn[]): RangeItem {
  return {
    name: relation.name,
    columns,
    system: true,
    nameVisible: true,
    columnsVisible: true,
  }
}

function generatedFlow(a: Analysis, expression: string | undefined, item: RangeItem): Sources {
  return derived(a, storedFlow(a, expression, item) ?? UNKNOWN)
}

/**
 * What flows into an expression that the catalog holds (`pg_get_expr`), over a row of its relation;
 * undefined where it cannot be judged.
 */
export function storedFlow(
  a: Analysis,
  expression: string | undefined,
  item: RangeItem,
): Sources | undefined {
  const parsed = parseStored(a, `SELECT ${expression ?? ''}`)
  const statement = parsed.type === 'parsed' ? parsed.statements[0] : undefined
  const target = bodyOf(bodyOf(statement?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val
  if (target === undefined) return undefined
  try {
    return a.expression(target, scopeOf([item], undefined))
  } catch (error) {
    if (error instanceof ChaperoneError && !isTooMuch(error)) return undefined
    throw error
  }
}

function view(a: Analysis, relation: Relation): Expansion {
  const record = createRecord(a)
  const within = a.within(record.collector)
  const unread = isOpaque(relation) || a.viewDepth >= VIEW_DEPTH_MAX
  const query = unread ? undefined : definitionOf(within, relation)
  const inside = query === undefined ? undefined : definitionFlows(within, relation, query)
  const columns = columnsFrom(relation, (own, index) => {
    return [...own, ...(inside?.[index] ?? UNKNOWN)]
  })
  // A materialised view is read itself, not what it was made from.
  if (relation.kind === 'm') return { columns, ...NOTHING_INSIDE }
  const changed = record.changes()
  const changes = (['session', 'database', 'code'] as const).filter((change) => changed[change])
  const shows = query === undefined ? [] : shownRelations(within, query)
  // What its conditions and values are made of may stand in no access: a generated column's sources.
  const accesses = [...record.accesses(), ...record.predicates().map(readInside)]
  return { columns, accesses, changes, compares: record.compares(), shows }
}

/** A column that is read where no access tells of it. */
export function readInside(column: ObjectPath): Access {
  const parts = column.slice(-1)
  return { action: 'sql.select', object: column.slice(0, -1), grant: 'implied', parts }
}

function parseStored(a: Analysis, text: string): Parsed | Unparsed {
  a.charge(WORK_PER_STORED_CHARACTER * text.length)
  return a.parser.parse(text)
}

/** Values of a view may be computed though nobody reads them, as those of a sub-query. */
const AROUND = scopeOf([], undefined)

function definitionOf(a: Analysis, view: Relation): Node | undefined {
  const parsed = parseStored(a, view.definition ?? '')
  return parsed.type === 'parsed' ? parsed.statements[0]?.node : undefined
}

/** What stands in the FROM clause: a view that can be written to shows rows of these. */
function shownRelations(a: Analysis, query: Node): readonly Relation[] {
  return rangeVars(bodyOf(query, 'SelectStmt')?.fromClause ?? []).flatMap((range) => {
    const relation = relationNamed(a, rangeVarName(a, range))
    if (relation === undefined || relation === 'absent') return []
    return [relation, ...shownBy(a, relation)]
  })
}

/** What flows into each column of a view, by its definition; undefined where it cannot be told. */
function definitionFlows(a: Analysis, view: Relation, query: Node): readonly Sources[] | undefined {
  try {
    const { columns, open } = a.query(query, AROUND)
    if (open !== undefined || columns.length !== view.columns.length) return undefined
    return columns.map((column) => column.sources)
  } catch (error) {
    // What cannot be judged inside a view makes its values unknown, not the view unusable.
    if (error instanceof ChaperoneError && !isTooMuch(error)) return undefined
    throw error
  }
}

function columnsFrom(
  relation: Relation,
  flow: (own: Sources, index: number) => Sources,
): readonly RangeColumn[] {
  return relation.columns.map((column, index) => ({
    name: column.name,
    sources: flow(ownSources(relation, column), index),
    bases: [{ relation, name: column.name }],
  }))
}

/** There is more of it than can be inspected, and so nothing can be said of what names it. */
function isTooMuch({ code }: ChaperoneError): boolean {
  return code === 'SQL_TOO_LARGE' || code === 'SQL_TOO_COMPLEX'
}

/**
 * The column, what its values are called in wholes and parts, and what it references: they are the
 * same values, and a mask there counts here.
 */
function ownSources({ ancestors, parts }: Relation, column: Column): Sources {
  const others = [...ancestors, ...parts].map((other) => [...other, column.name])
  return [column.path, ...others, ...column.references].map((path) => ({
    column: path,
    exact: true,
  }))
}
