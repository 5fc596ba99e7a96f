import type { Denial } from '../../core/denial.ts'
import type { Operation } from '../../core/operation.ts'
import type { Lookup, QualifiedName } from '../lookup.ts'
import { CatalogScope } from './catalog/catalog.ts'
import { classify } from './classify.ts'
import { CAST_TYPES, DECLARED_BUILTINS } from './declared-functions.ts'

/** A catalog that people write down, so that statements can be judged without their target. */
export interface DeclaredCatalog {
  readonly database: string
  readonly searchPath: readonly string[]
  /** `schema.name` (or a name alone, in the first schema of the path), and its columns. */
  readonly tables: Readonly<Record<string, readonly string[]>>
  readonly views: Readonly<Record<string, DeclaredView>>
  readonly functions: Readonly<Record<string, 'immutable' | 'stable' | 'volatile'>>
}

export interface DeclaredView {
  readonly columns: readonly string[]
  /** Its query, with every name qualified, as `pg_get_viewdef` tells it. */
  readonly definition: string
}

/** A statement that needs more rounds of look-ups than its views are deep is not understood. */
const ROUNDS_MAX = 40

const NO_NAMES = { prepared: () => undefined, cursor: () => undefined }

/**
 * What the text would do on a target that has what the catalog declares and nothing else. The
 * declared columns have plain types, and there are no rules, operators or casts of users.
 */
export function classifyDeclared(
  text: string,
  catalog: DeclaredCatalog,
): { readonly operation: Operation } | { readonly denial: Denial } {
  const scope = new CatalogScope(catalog.database)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const result = classify(text, scope, NO_NAMES)
    if (result.type === 'classified') return { operation: result.operation }
    if (result.type === 'refused') return { denial: result.denial }
    const unknown = result.lookup.routines.find((name) => !isKnown(catalog, name))
    if (unknown !== undefined) return { denial: undeclared(unknown) }
    scope.learn(result.lookup, answer(catalog, result.lookup))
  }
  return {
    denial: {
      code: 'SQL_UNRESOLVED',
      message: 'The statement cannot be judged by this catalog.',
      hint: 'Declare what it names.',
    },
  }
}

/**
 * The target knows all of its functions: what it has not is an error there, and what it has must be allowed
 * by name. Of a function that is not declared nobody can tell which of the two it is.
 */
function undeclared({ schema, name }: QualifiedName): Denial {
  const called = schema === undefined ? name : `${schema}.${name}`
  return {
    code: 'SQL_UNRESOLVED',
    message: `The catalog declares no function ${called}, nor a column of that name.`,
    hint: 'Declare it with its volatility under functions; one of PostgreSQL itself as pg_catalog.NAME.',
  }
}

/** Declared, or written like a call and none: `type(value)` is a cast and `field(row)` a field. */
function isKnown(catalog: DeclaredCatalog, name: QualifiedName): boolean {
  if (routine(catalog, name) !== undefined) return true
  if ((name.schema ?? 'pg_catalog') === 'pg_catalog' && CAST_TYPES.has(name.name)) return true
  return name.schema === undefined && hasColumn(catalog, name.name)
}

function hasColumn({ tables, views }: DeclaredCatalog, name: string): boolean {
  const all = [...Object.values(tables), ...Object.values(views).map((view) => view.columns)]
  return all.some((columns) => columns.includes(name))
}

type Row = readonly [kind: string, position: string | null, json: string]

/** The rows that `lookupQuery` would give. */
function answer(catalog: DeclaredCatalog, lookup: Lookup): readonly Row[] {
  const { relations, routines, written = [] } = lookup
  const facts = {
    database: catalog.database,
    schemas: catalog.searchPath,
    operators: [],
    casts: [],
    hiddenCode: false,
    codeOfValues: false,
    codeOfTypes: [],
    eventCode: false,
  }
  return [
    ['f', null, JSON.stringify(facts)],
    ...relations.flatMap((name, index) => rowOf('r', index, relation(catalog, name))),
    ...routines.flatMap((name, index) => rowOf('p', index, routine(catalog, name))),
    ...written.flatMap((_, index) => rowOf('w', index, { code: false })),
  ]
}

function rowOf(kind: string, index: number, body: object | undefined): Row[] {
  return body === undefined ? [] : [[kind, String(index + 1), JSON.stringify(body)]]
}

function relation(catalog: DeclaredCatalog, name: QualifiedName): object | undefined {
  const found = find(catalog, { ...catalog.tables, ...catalog.views }, name)
  if (found === undefined) return undefined
  const { value, index, schema } = found
  const isView = !Array.isArray(value)
  const columns = isView ? (value as DeclaredView).columns : (value as readonly string[])
  return {
    oid: USER_OID + index,
    schema,
    name: name.name,
    temporary: false,
    builtin: false,
    kind: isView ? 'v' : 'r',
    columns: columns.map((column, at) => [column, at + 1, false, '']),
    rules: null,
    definition: isView ? (value as DeclaredView).definition : null,
  }
}

/** FirstNormalObjectId (access/transam.h). */
const USER_OID = 16_384

function routine(catalog: DeclaredCatalog, name: QualifiedName): object | undefined {
  const found = find(catalog, catalog.functions, name)
  if (found !== undefined) {
    const builtin = found.schema === 'pg_catalog'
    return routineRow(found.schema, name.name, 'f', found.value[0]!, builtin)
  }
  const declared = catalog.functions[`pg_catalog.${name.name}`]
  if (name.schema === undefined && declared !== undefined) {
    return routineRow('pg_catalog', name.name, 'f', declared[0]!, true)
  }
  const builtin = DECLARED_BUILTINS.get(name.name)
  if (builtin === undefined || (name.schema ?? 'pg_catalog') !== 'pg_catalog') return undefined
  return routineRow('pg_catalog', name.name, builtin.kind, builtin.volatility, true)
}

function routineRow(
  schema: string,
  name: string,
  kind: string,
  volatility: string,
  builtin: boolean,
): object {
  return {
    schema,
    name,
    builtin,
    extension: false,
    kind,
    volatility,
    // Any number of arguments.
    arguments: 1,
    defaults: 0,
    variadic: true,
    returns: 'b',
    argumentModes: null,
    argumentNames: null,
  }
}

interface Found<T> {
  readonly value: T
  readonly index: number
  readonly schema: string
}

/** The entry that the name means, along the search path where it has no schema. */
function find<T>(
  { searchPath }: DeclaredCatalog,
  entries: Readonly<Record<string, T>>,
  { schema, name }: QualifiedName,
): Found<T> | undefined {
  const keys = Object.keys(entries)
  for (const one of schema === undefined ? searchPath : [schema]) {
    const spelled = [`${one}.${name}`, ...(one === searchPath[0] ? [name] : [])]
    const index = keys.findIndex((key) => spelled.includes(key))
    const key = keys[index]
    if (key !== undefined) return { value: entries[key]!, index, schema: one }
  }
  return undefined
}
