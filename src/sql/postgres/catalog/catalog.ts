import type { ObjectPath } from '../../../core/object.ts'
import type { Lookup, QualifiedName } from '../../lookup.ts'
import { CATALOG_COLUMNS_MAX, CATALOG_ENTRIES_MAX } from '../parse/limits.ts'
import { readRows } from './catalog-rows.ts'
import type { CatalogFacts, Relation, Routine } from './facts.ts'

export { lookupQuery } from './catalog-query.ts'

/** Whether a rule asks more of a part than of the whole that shows its rows; see `PolicySet`. */
export type TellsApart = (part: ObjectPath, whole: ObjectPath) => boolean

/** Names something that is worked out about relations, and its type. */
export interface Memo<V> {
  readonly name: string
  readonly of?: (value: V) => V
}

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
  readonly #writesRunCode = new Map<string, boolean>()
  readonly #memos = new Map<string, WeakMap<Relation, unknown>>()

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

  /**
   * Whether what is written to it runs code of users that may change the session: triggers, defaults,
   * checks, also of tables that foreign keys or triggers write to in turn. Undefined: not asked yet.
   */
  writesRunCode(name: QualifiedName): boolean | undefined {
    return this.#writesRunCode.get(keyOf(name))
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
    const { written = [] } = lookup
    const added = lookup.relations.length + lookup.routines.length + written.length
    const told = [...answer.relations.values()].reduce((sum, one) => sum + one.columns.length, 0)
    const known = this.#relations.size + this.#routines.size + this.#writesRunCode.size
    const full = known + added > CATALOG_ENTRIES_MAX || this.#columns + told > CATALOG_COLUMNS_MAX
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
    for (const [index, name] of written.entries()) {
      this.#writesRunCode.set(keyOf(name), answer.writes.get(index + 1) !== false)
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
    this.#writesRunCode.clear()
    this.#byOid.clear()
    this.#memos.clear()
  }

  /** What was worked out about relations, for as long as they are known. */
  memo<V>({ name }: Memo<V>): WeakMap<Relation, V> {
    const known = this.#memos.get(name) as WeakMap<Relation, V> | undefined
    if (known !== undefined) return known
    const fresh = new WeakMap<Relation, V>()
    this.#memos.set(name, fresh)
    return fresh
  }
}

function keyOf(name: QualifiedName): string {
  return name.schema === undefined ? name.name : `${name.schema}\0${name.name}`
}
