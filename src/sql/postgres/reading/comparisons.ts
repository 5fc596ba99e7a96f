import type { ObjectPath } from '../../../core/object.ts'
import { columnsNamed } from '../catalog/column-index.ts'
import type { Relation } from '../catalog/facts.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, isTree, texts } from '../parse/tree.ts'
import type { Analysis, RangeItem } from './analysis.ts'
import { rangeVarName } from './names.ts'
import { relationPath } from './objects.ts'
import { columnOf } from './scope.ts'
import type { Sources } from './sources.ts'
import { isUnknown, knownColumns } from './sources.ts'

/** Writes down that the target looks at what flows here, and tells by what comes of the statement. */
export function compareFlow(a: Analysis, flow: Sources): void {
  for (const column of knownColumns(flow)) a.collector.compare(column)
  if (isUnknown(flow)) a.collector.compare([a.catalog.database])
}

/** Columns of a relation that a definition names: keys of indexes and constraints. */
export function compareNamed(
  a: Analysis,
  names: readonly string[],
  item: RangeItem | undefined,
  relation: ObjectPath,
): void {
  for (const name of names) {
    const found = item === undefined ? undefined : columnOf(a, item, name)
    if (found === undefined) a.collector.compare([...relation, name])
    else compareFlow(a, found.sources)
  }
}

/** The columns that a definition names outside of expressions, wherever it does. */
export function namedColumns(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namedColumns)
  if (!isTree(value)) return []
  const inner = Object.values(value).flatMap(namedColumns)
  const key = bodyOf(value as Node, 'IndexElem')?.name ?? bodyOf(value as Node, 'StatsElem')?.name
  const constraint = bodyOf(value as Node, 'Constraint')
  return [
    ...(key === undefined ? [] : [key]),
    ...texts(constraint?.keys),
    ...texts(constraint?.fk_attrs),
    ...inner,
  ]
}

/** Keys of other tables that a foreign key looks into; all of such a table where it names no column. */
export function compareReferenced(a: Analysis, constraint: BodyOf<'Constraint'>): void {
  if (constraint.pktable === undefined) return
  const path = relationPath(a, rangeVarName(a, constraint.pktable))
  const names = texts(constraint.pk_attrs)
  if (names.length === 0) a.collector.compare(path)
  else compareNamed(a, names, undefined, path)
}

/**
 * A row that is written is held against others by unique keys, exclusions and foreign keys; one that is
 * changed also against the rest of itself by checks. Whether that fails tells of all that is compared.
 */
export function compareWritten(
  a: Analysis,
  action: 'sql.insert' | 'sql.update',
  relation: Relation,
  name: string,
): void {
  const [written] = columnsNamed(a, relation.columns, name)
  if (written === undefined) return
  for (const reference of written.references) a.collector.compare(reference)
  for (const { columns, withOthers } of relation.constraints) {
    a.charge(columns.length)
    if (!columns.includes(written.attnum)) continue
    if (action === 'sql.insert') {
      // The rest of a new row is written as well, or is the same whatever stands in other rows.
      if (withOthers) a.collector.compare(written.path)
      continue
    }
    a.charge(relation.columns.length * columns.length)
    for (const { attnum, path } of relation.columns) {
      if (columns.includes(attnum)) a.collector.compare(path)
    }
  }
}
