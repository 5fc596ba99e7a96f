import { ChaperoneError } from '../core/errors.ts'
import type { Analysis, Expansion, RangeColumn } from './analysis.ts'
import type { Column, Relation } from './catalog.ts'
import { VIEW_DEPTH_MAX } from './limits.ts'
import { createRecord } from './record.ts'
import { scopeOf } from './scope.ts'
import type { RangeItem } from './scope.ts'
import { derived, NOTHING, UNKNOWN } from './sources.ts'
import type { Sources } from './sources.ts'
import { isHarmless, isOpaque } from './system-relations.ts'
import { bodyOf } from './tree.ts'

/**
 * What flows into the columns of a relation: themselves, and for a view what it reads as well. Reads
 * inside a view are implied accesses: a grant on the view is a grant to read through it.
 */
export function relationColumns(a: Analysis, relation: Relation): readonly RangeColumn[] {
  const { columns, accesses, changes } = a.catalog.recall(relation) ?? expand(a, relation)
  for (const access of accesses) a.collector.imply(access)
  for (const change of changes) a.collector.changes(change)
  return columns
}

function expand(a: Analysis, relation: Relation): Expansion {
  const needed = a.needCount()
  const expansion = relation.definition === undefined ? table(a, relation) : view(a, relation)
  if (a.needCount() === needed) a.catalog.keep(relation, expansion)
  return expansion
}

function table(a: Analysis, relation: Relation): Expansion {
  const harmless = isHarmless(relation)
  const opaque = isOpaque(relation)
  const columns = columnsFrom(relation, (own) =>
    harmless ? NOTHING : opaque ? [...own, ...UNKNOWN] : own,
  )
  if (relation.columns.every((column) => !column.generated)) {
    return { columns, accesses: [], changes: [] }
  }
  return { columns: withGenerated(a, relation, columns), accesses: [], changes: [] }
}

/** A generated column is its own, and what it is computed from. */
function withGenerated(
  a: Analysis,
  relation: Relation,
  columns: readonly RangeColumn[],
): readonly RangeColumn[] {
  const item: RangeItem = {
    name: relation.name,
    columns,
    system: true,
    nameVisible: true,
    columnsVisible: true,
  }
  return columns.map((column, index) => {
    const { generated, expression } = relation.columns[index]!
    if (!generated) return column
    const inside = generatedFlow(a.within(createRecord().collector), expression, item)
    return { ...column, sources: [...column.sources, ...inside] }
  })
}

function generatedFlow(a: Analysis, expression: string | undefined, item: RangeItem): Sources {
  const parsed = a.parser.parse(`SELECT ${expression ?? ''}`)
  const statement = parsed.type === 'parsed' ? parsed.statements[0] : undefined
  const target = bodyOf(bodyOf(statement?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val
  if (target === undefined) return UNKNOWN
  try {
    return derived(a.expression(target, scopeOf([item], undefined)))
  } catch (error) {
    if (error instanceof ChaperoneError && error.code !== 'SQL_TOO_LARGE') return UNKNOWN
    throw error
  }
}

function view(a: Analysis, relation: Relation): Expansion {
  const record = createRecord()
  const inside =
    isOpaque(relation) || a.viewDepth >= VIEW_DEPTH_MAX
      ? undefined
      : definitionFlows(a.within(record.collector), relation)
  const columns = columnsFrom(relation, (own, index) => {
    return [...own, ...(inside?.[index] ?? UNKNOWN)]
  })
  // A materialised view is read itself, not what it was made from.
  if (relation.kind === 'm') return { columns, accesses: [], changes: [] }
  const changed = record.changes()
  const changes = (['session', 'database', 'code'] as const).filter((change) => changed[change])
  return { columns, accesses: record.accesses(), changes }
}

/** What flows into each column of a view, by its definition; undefined where it cannot be told. */
function definitionFlows(a: Analysis, view: Relation): readonly Sources[] | undefined {
  const parsed = a.parser.parse(view.definition ?? '')
  const statement = parsed.type === 'parsed' ? parsed.statements[0] : undefined
  if (statement === undefined) return undefined
  try {
    const { columns, open } = a.query(statement.node, undefined)
    if (open !== undefined || columns.length !== view.columns.length) return undefined
    return columns.map((column) => column.sources)
  } catch (error) {
    // What cannot be judged inside a view makes its values unknown, not the view unusable.
    if (error instanceof ChaperoneError && error.code !== 'SQL_TOO_LARGE') return undefined
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

/** The column, and what its values are called where a parent shows them: a mask there counts here. */
function ownSources({ ancestors }: Relation, { name, path }: Column): Sources {
  return [path, ...ancestors.map((ancestor) => [...ancestor, name])].map((column) => ({
    column,
    exact: true,
  }))
}
