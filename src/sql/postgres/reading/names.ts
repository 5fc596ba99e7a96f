import type { ObjectPath } from '../../../core/object.ts'
import type { QualifiedName } from '../../lookup.ts'
import { refuse } from '../../refuse.ts'
import type { Relation } from '../catalog/facts.ts'
import type { BodyOf } from '../parse/tree.ts'
import type { Analysis } from './analysis.ts'

/** A name of one to three parts; the third, the database, may only be the session's own. */
export function qualifiedName(a: Analysis, parts: readonly string[], what: string): QualifiedName {
  const [first, second, third] = parts
  if (first !== undefined && second === undefined) return { name: first }
  if (first !== undefined && second !== undefined && third === undefined) {
    return { schema: first, name: second }
  }
  if (parts.length === 3 && first === a.catalog.database) {
    return { schema: second!, name: third! }
  }
  return refuse(
    'SQL_UNRESOLVED',
    `The name of a ${what} cannot be resolved: ${parts.join('.')}.`,
    "Name it as schema.name, in the session's own database.",
  )
}

export function rangeVarName(a: Analysis, range: BodyOf<'RangeVar'>): QualifiedName {
  const parts = [range.catalogname, range.schemaname, range.relname].filter((part) => part)
  return qualifiedName(a, parts as string[], 'relation')
}

/** Undefined: it will be known after the next look-up. */
export function relationNamed(a: Analysis, name: QualifiedName): Relation | 'absent' | undefined {
  a.collector.resolved(name.name)
  const relation = a.catalog.relation(name)
  if (relation === undefined) a.needRelation(name)
  return relation
}

/** A relation that must exist. Undefined: it will be known after the next look-up. */
export function existingRelation(a: Analysis, range: BodyOf<'RangeVar'>): Relation | undefined {
  const relation = relationNamed(a, rangeVarName(a, range))
  if (relation !== 'absent') return relation
  return refuse(
    'SQL_UNRESOLVED',
    `There is no relation ${range.relname} that the target role can see.`,
    'Check the spelling, the schema and the search_path.',
  )
}

/** What is written to the relation may run code. */
export function runCodeOf(a: Analysis, range: BodyOf<'RangeVar'>): void {
  const name = rangeVarName(a, range)
  const runs = a.catalog.writesRunCode(name)
  if (runs === undefined) a.needWritten(name)
  if (runs === true) a.collector.changes('code')
}

/** Where something new of this name would be made. */
export function newObjectPath(a: Analysis, name: QualifiedName, temporary = false): ObjectPath {
  const { database, facts } = a.catalog
  if (temporary) return [database, 'pg_temp', name.name]
  if (name.schema !== undefined) return [database, name.schema, name.name]
  a.collector.placed()
  // Facts are always asked for before an answer counts.
  const schema = facts?.schemas[0]
  return schema === undefined ? [database] : [database, schema, name.name]
}

/**
 * Something that is neither a relation nor a routine, whose schema is looked for along the search
 * path: certain only where the path has one schema, else the whole database is meant.
 */
export function looseObjectPath(a: Analysis, name: QualifiedName): ObjectPath {
  const { database, facts } = a.catalog
  a.collector.resolved(name.name)
  if (name.schema !== undefined) return [database, name.schema, name.name]
  const schemas = facts?.schemas ?? []
  return schemas.length === 1 ? [database, schemas[0]!, name.name] : [database]
}
