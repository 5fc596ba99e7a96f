import type { ObjectPath } from '../../../core/object.ts'

export interface Column {
  readonly name: string
  readonly attnum: number
  /** The relation's path and the column's name. */
  readonly path: ObjectPath
  /** True when its type, or its elements' type, is composite, a domain or a pseudo-type. */
  readonly composite: boolean
  readonly generated: boolean
  /** What a generated column is computed by. */
  readonly expression: string | undefined
  /**
   * Columns that it references by a foreign key, and so shows values of: those that a rule tells
   * apart from it.
   */
  readonly references: readonly ObjectPath[]
  /** Columns of its own row that a trigger of PostgreSQL fills it from. */
  readonly filledFrom: readonly string[]
}

/** What a constraint or an index looks at when a row is written. */
export interface Comparison {
  /** By `pg_attribute.attnum`. */
  readonly columns: readonly number[]
  /** Against other rows, and not only within the row. */
  readonly withOthers: boolean
}

/** One policy of row level security. */
export interface RowPolicy {
  /** `pg_policy.polcmd`: r select, a insert, w update, d delete, * all. */
  readonly command: string
  /** In force when the session's role names the table itself; a view's owner may be under others. */
  readonly mine: boolean
  readonly using: string | undefined
  readonly check: string | undefined
}

export interface Relation {
  readonly oid: number
  /** `pg_temp` for the session's own temporary schema. */
  readonly schema: string
  readonly name: string
  readonly path: ObjectPath
  /** `pg_class.relkind`: r table, p partitioned, v view, m materialised view, f foreign, S sequence… */
  readonly kind: string
  /** Made by initdb, so its meaning is known. */
  readonly builtin: boolean
  readonly columns: readonly Column[]
  /** `pg_rewrite.ev_type` of each rule beside a view's own: 1 select, 2 update, 3 insert, 4 delete. */
  readonly rules: string
  /** Relations that show this one's rows as theirs, by inheritance or partitioning. */
  readonly ancestors: readonly ObjectPath[]
  /** Relations whose rows it shows as its own, of those that a rule tells apart from it. */
  readonly parts: readonly ObjectPath[]
  /** Of views and materialised views that users made. */
  readonly definition: string | undefined
  readonly constraints: readonly Comparison[]
  /** Names of those that users wrote. */
  readonly triggers: readonly string[]
  /** None where row level security is off. */
  readonly policies: readonly RowPolicy[]
}

export interface Routine {
  readonly schema: string
  readonly name: string
  readonly path: ObjectPath
  readonly builtin: boolean
  readonly extension: boolean
  /** A function of PostgreSQL that comes with a type that a user made: it puts its arguments together. */
  readonly makesRange: boolean
  /** `pg_proc.prokind`: f function, p procedure, a aggregate, w window function. */
  readonly kind: string
  /** As declared; `volatile` for one that changes its session nevertheless. */
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  readonly argumentsMin: number
  readonly argumentsMax: number
  /** It makes any number of rows. */
  readonly returnsSet: boolean
  /** Names of the columns that it makes in FROM; undefined when they depend on the call. */
  readonly columns: readonly string[] | undefined
}

/** A function of a user that an operator or a cast calls. */
export interface HiddenCall {
  /** The operator's symbol, or the name of the cast's target type. */
  readonly by: string
  readonly path: ObjectPath
  readonly volatile: boolean
}

export interface CatalogFacts {
  /** Schemas of the search path that exist, without the implicit ones. */
  readonly schemas: readonly string[]
  readonly operators: readonly HiddenCall[]
  readonly casts: readonly HiddenCall[]
  /**
   * Users' functions are called where no statement names them: by domains, constraints, indexes,
   * statistics, policies, comparisons and implicit casts; or there are foreign tables.
   */
  readonly hiddenCode: boolean
  /** Domains' checks call users' functions, so that code may run when a constant is read. */
  readonly codeOfValues: boolean
  /** Names of types whose values, where they are made, call users' functions. */
  readonly codeOfTypes: readonly string[]
  /** Event triggers run code with whatever defines something. */
  readonly eventCode: boolean
}

/** What a catalog row says; made by `readRows`. */
export interface Answer {
  readonly facts: CatalogFacts | undefined
  readonly relations: ReadonlyMap<number, Relation>
  readonly routines: ReadonlyMap<number, readonly Routine[]>
  /** Whether what is written to the relation runs code. */
  readonly writes: ReadonlyMap<number, boolean>
}
