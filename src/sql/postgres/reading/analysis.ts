import type { ObjectPath } from '../../../core/object.ts'
import type { Access, Operation, Unseen } from '../../../core/operation.ts'
import type { Action } from '../../actions.ts'
import type { NameScope } from '../../classification.ts'
import type { QualifiedName } from '../../lookup.ts'
import type { CatalogScope } from '../catalog/catalog.ts'
import type { ColumnIndex } from '../catalog/column-index.ts'
import type { Relation } from '../catalog/facts.ts'
import type { Budget } from '../parse/budget.ts'
import type { QueryNames } from '../parse/output-names.ts'
import type { Parser } from '../parse/parser.ts'
import type { Node } from '../parse/tree.ts'
import type { Sources } from './sources.ts'

/** A column of a base relation, whose reading is an access. */
export interface BaseColumn {
  readonly relation: Relation
  readonly name: string
}

export interface RangeColumn {
  readonly name: string
  readonly sources: Sources
  /** Base columns that are read whenever this one is. */
  readonly bases: readonly BaseColumn[]
  /** `*` leaves it out. */
  readonly unlisted?: boolean
}

/**
 * The columns that a query makes. `open`: there may be more, anywhere among them, and this is what
 * flows into those.
 */
export interface Rows {
  readonly columns: readonly RangeColumn[]
  readonly open?: Sources
}

/** One name in a FROM clause. */
export interface RangeItem {
  readonly name: string | undefined
  /** Set on a relation without an alias: `schema.name.column` finds it. */
  readonly schema?: string
  readonly columns: readonly RangeColumn[]
  /** What flows into columns that are not known. */
  readonly open?: Sources
  /** Has ctid, xmin and so on. */
  readonly system: boolean
  /** `name.column` finds it. */
  readonly nameVisible: boolean
  /** `column` and `*` find it. */
  readonly columnsVisible: boolean
}

/** A query level. Names are looked for here, then in `outer`. */
export interface Scope {
  readonly outer: Scope | undefined
  readonly items: readonly RangeItem[]
  readonly ctes: ReadonlyMap<string, CommonTable> | undefined
  /** What flows into the named windows of this level. */
  readonly windows: Sources
  /** Names that nothing here has stand for something harmless (bodies of definitions). */
  readonly loose: boolean
  /** What the `name` of pg_settings is in the list of this level's query. */
  readonly namedSetting?: Node
}

/** A WITH query: worked out when first referred to, or at the latest with its WITH clause. */
export interface CommonTable {
  rows(): Rows
}

/** What is worked out about a relation, once for as long as the catalog remembers it. */
export interface Expansion {
  readonly columns: readonly RangeColumn[]
  /** What a view reads inside. */
  readonly accesses: readonly Access[]
  /** What the code in a view may change. */
  readonly changes: readonly ('session' | 'database' | 'code')[]
  /** What the target compares for a view, where no statement says so; see `Collector.compare`. */
  readonly compares: readonly ObjectPath[]
  /** Relations whose rows a view shows, and theirs: what is done to its rows is done to them. */
  readonly shows: readonly Relation[]
}

/** Where the walk writes down what it finds. */
export interface Collector {
  access(action: Action, object: ObjectPath, grant: Access['grant'], parts?: 'all'): void
  /** All that another operation does. */
  absorb(operation: Operation): void
  /** The same access, which nothing needs to allow. */
  imply(access: Access): void
  /**
   * An access on a column of a relation; `name` undefined: on the relation as such. It needs a rule
   * unless `grant` says otherwise.
   */
  touch(action: Action, relation: Relation, name: string | undefined, grant?: Access['grant']): void
  predicate(sources: Sources): void
  /** A value that is computed and perhaps never read: that it can be computed tells of its sources. */
  computed(sources: Sources): void
  /**
   * The target itself looks at this column, and what comes of the statement tells of it: a policy of
   * row level security, a constraint. A path above columns stands for any column in it.
   */
  compare(column: ObjectPath): void
  predicateMark(): number
  /** What conditions have read since the mark. */
  predicatesSince(mark: number): Sources
  copy(from: Sources, to: ObjectPath): void
  /** It no longer stands under its name, nor does what is in it. */
  take(object: ObjectPath): void
  /** As `copy`, for what a definition makes readable under another name. */
  define(from: Sources, to: ObjectPath): void
  /** It takes part, and is not there to be read. */
  unseen(what: Unseen): void
  /** An UPDATE or DELETE without WHERE. */
  unbounded(): void
  /** A name that was looked for in the catalog or along the search path. */
  resolved(name: string): void
  /** Something new goes where the search path says. */
  placed(): void
  /** Something may have changed what names mean, or have run code. */
  changes(what: 'session' | 'database' | 'code'): void
}

/** All that a walk needs; made once for a text. */
export interface Analysis extends Budget {
  readonly parser: Parser
  readonly catalog: CatalogScope
  readonly names: NameScope
  readonly collector: Collector
  readonly viewDepth: number
  readonly queryNames: QueryNames
  /** Relations whose policies are being walked: a policy that comes back to its own is an error. */
  readonly inPolicies: Set<Relation>
  /** Asks for these in the next look-up. */
  needRelation(name: QualifiedName): void
  needRoutine(name: QualifiedName): void
  /** Whether writing to it runs code. */
  needWritten(name: QualifiedName): void
  /** Grows with each name that is asked for. */
  needCount(): number
  /** What was worked out in this look at the text, and misses names that were asked for. */
  readonly unfinished: Map<Relation, Expansion>
  /** As if the names were asked for again that something unfinished misses. */
  needAgain(): void
  /** Long lists of columns by their names; made as they are searched. */
  readonly columnIndexes: WeakMap<readonly object[], ColumnIndex>
  /** What flows into a value. */
  expression(node: Node, scope: Scope): Sources
  /** SELECT, VALUES, TABLE, or a data-modifying statement: its rows. */
  query(node: Node, outer: Scope | undefined): Rows
  /** The same analysis with another collector, inside one more view. */
  within(collector: Collector): Analysis
}

export const NO_ROWS: Rows = { columns: [] }
