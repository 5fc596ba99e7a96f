import type { ObjectPath } from '../../../core/object.ts'
import type { Expansion } from '../reading/analysis.ts'
import type { PolicyReads } from '../reading/row-policies.ts'
import { readRows } from './catalog-rows.ts'
import { CATALOG_COLUMNS_MAX, CATALOG_ENTRIES_MAX } from '../parse/limits.ts'
import type { Lookup, QualifiedName } from '../../lookup.ts'

export { lookupQuery } from './catalog-query.ts'

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
}

/** What a catalog row says; made by `readRows`. */
export interface Answer {
  readonly facts: CatalogFacts | undefined
  readonly relations: ReadonlyMap<number, Relation>
  readonly routines: ReadonlyMap<number, readonly Routine[]>
}

/** Whether a rule asks more of a part than of the whole that shows its rows; see `PolicySet`. */
export type TellsApart = (part: ObjectPath, whole: ObjectPath) => boolean

/**
 * What is known of one view of the catalog: one database as one role with one search_path sees it.
 * Names that the target does not have are remembered as absent.
 */
export class CatalogScope {
  readonly database: string
  readonly #tellsApart: TellsApart
  #columns = 0
  #facts: CatalogFacts | undefined
  readonly #relations = new Map<string, Relation | 'absent'>()
  readonly #byOid = new Map<number, Relation>()
  readonly #routines = new Map<string, readonly Routine[]>()
  #expansions = new WeakMap<Relation, Expansion>()
  #policies = new WeakMap<Relation, Map<string, PolicyReads>>()

  constructor(database: string, tellsApart: TellsApart = () => true) {
    this.database = database
    this.#tellsApart = tellsApart
  }

  get facts(): CatalogFacts | undefined {
    return this.#facts
  }

  /** Undefined: not asked yet. */
  relation(name: QualifiedName): Relation | 'absent' | undefined {
    return this.#relations.get(keyOf(name))
  }

  /** Every routine that the name may mean, none when absent; undefined: not asked yet. */
  routines(name: QualifiedName): readonly Routine[] | undefined {
    return this.#routines.get(keyOf(name))
  }

  /** The column path of RowDescription's table oid and attribute number. */
  columnAt(tableOid: number, attnum: number): ObjectPath | undefined {
    return this.#byOid.get(tableOid)?.columns.find((column) => column.attnum === attnum)?.path
  }

  /** All columns of a table, for a value that is a whole row of it; undefined: not known. */
  columnsOf(tableOid: number): readonly ObjectPath[] | undefined {
    return this.#byOid.get(tableOid)?.columns.map(({ path }) => path)
  }

  /** Takes in the rows that `lookupQuery(lookup)` gave. Throws TARGET_PROTOCOL if they make no sense. */
  learn(lookup: Lookup, rows: readonly (readonly (string | null)[])[]): void {
    const answer = readRows(this.database, rows)
    const added = lookup.relations.length + lookup.routines.length
    const told = [...answer.relations.values()].reduce((sum, one) => sum + one.columns.length, 0)
    const entries = this.#relations.size + this.#routines.size + added
    const full = entries > CATALOG_ENTRIES_MAX || this.#columns + told > CATALOG_COLUMNS_MAX
    if (full) this.forget()
    this.#columns += told
    if (answer.facts !== undefined) this.#facts = answer.facts
    for (const [index, name] of lookup.relations.entries()) {
      const relation = this.#toldApart(answer.relations.get(index + 1))
      this.#relations.set(keyOf(name), relation ?? 'absent')
      if (relation !== undefined) this.#byOid.set(relation.oid, relation)
    }
    for (const [index, name] of lookup.routines.entries()) {
      this.#routines.set(keyOf(name), answer.routines.get(index + 1) ?? [])
    }
  }

  /** Without the parts and references of which no rule says anything of their own. */
  #toldApart(relation: Relation | undefined): Relation | undefined {
    if (relation === undefined) return undefined
    const parts = relation.parts.filter((part) => this.#tellsApart(part, relation.path))
    const columns = relation.columns.map((column) => {
      if (column.references.length === 0) return column
      const { path } = column
      return { ...column, references: column.references.filter((r) => this.#tellsApart(r, path)) }
    })
    return { ...relation, parts, columns }
  }

  /** Of all relations that are known. */
  get columns(): number {
    return this.#columns
  }

  forget(): void {
    this.#columns = 0
    this.#facts = undefined
    this.#relations.clear()
    this.#routines.clear()
    this.#byOid.clear()
    this.#expansions = new WeakMap()
    this.#policies = new WeakMap()
  }

  /** What the classifier worked out about a relation, kept as long as the relation is. */
  recall(relation: Relation): Expansion | undefined {
    return this.#expansions.get(relation)
  }

  keep(relation: Relation, expansion: Expansion): void {
    this.#expansions.set(relation, expansion)
  }

  recallPolicies(relation: Relation, use: string): PolicyReads | undefined {
    return this.#policies.get(relation)?.get(use)
  }

  keepPolicies(relation: Relation, use: string, reads: PolicyReads): void {
    const kept = this.#policies.get(relation) ?? new Map<string, PolicyReads>()
    this.#policies.set(relation, kept.set(use, reads))
  }
}

function keyOf(name: QualifiedName): string {
  return name.schema === undefined ? name.name : `${name.schema}\0${name.name}`
}
