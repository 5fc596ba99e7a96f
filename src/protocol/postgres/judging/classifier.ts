import type { SteadyClock } from '../../../core/clock.ts'
import type { PolicySet } from '../../../policy/ruleset.ts'
import type { Part } from '../../../session/shares.ts'
import type { Classification, Classified, NameScope } from '../../../sql/classification.ts'
import type { Lookup } from '../../../sql/lookup.ts'
import { tellsTemporary } from '../../../sql/postgres/catalog/catalog-rows.ts'
import { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'
import type { Relation } from '../../../sql/postgres/catalog/facts.ts'
import { classify, parse } from '../../../sql/postgres/classify.ts'
import type { StatementCache } from '../../../sql/postgres/parse/cache.ts'
import { createStatementCaches } from '../../../sql/postgres/parse/cache.ts'
import type { Trees } from '../../../sql/postgres/parse/trees.ts'
import { createTrees } from '../../../sql/postgres/parse/trees.ts'
import { weightOf } from '../../../sql/weight.ts'

/** One view of a catalog and what was classified under it. */
export interface CatalogView {
  readonly scope: CatalogScope
  readonly statements: StatementCache<Classified>
  /** Which one, as `databaseOf` says it. */
  readonly database: string
  /** How often governed sessions had changed the database when it was made. */
  readonly generation: number
  readonly freshUntil_ms: number
  /** The policies by which parts were told apart from their wholes. */
  readonly policyVersion: string
}

/** Whose names a view resolves. */
export interface ViewKey {
  /** Where the database is: others may lead to it, and other servers may have one of its name. */
  readonly server: string
  readonly resource: string
  readonly database: string
  readonly role: string
}

/**
 * Views that sessions share while they all see the catalog alike: same resource, database, role and
 * the search_path that they started with, which others may have changed for sessions to come. They
 * are dropped after a while, and when a governed session changes them.
 */
export interface CatalogViews {
  get(key: ViewKey, searchPath: string): CatalogView
  /** The view that was asked for last, whatever its search_path; an empty one if there is none. */
  latest(key: ViewKey): CatalogView
  /** A view of one session's own. */
  make(key: ViewKey): CatalogView
  /** A governed session changed the database: every view of it is out of date. */
  changed(key: ViewKey): void
  isFresh(view: CatalogView): boolean
  /** True the first time, of what is worth telling once. */
  isNews(what: string): boolean
}

export interface CatalogViewLimits {
  /** How long another client's DDL may go unnoticed by a shared view. */
  readonly fresh_ms: number
  readonly statements: number
  /** Of all texts together, and of what was read in them; about bytes. */
  readonly statementLength: number
}

/** Agents choose their search_path, and so could have any number of views made. */
const VIEWS_MAX = 256

/** Columns of all shared views together; each takes some 200 bytes. */
const VIEWS_COLUMNS_MAX = 1_000_000

const COLUMN_BYTES = 200

/** Agents make tables with triggers as well; more than this is told of no more. */
const TOLD_MAX = 4096

export function createCatalogViews(
  clock: SteadyClock,
  limits: CatalogViewLimits,
  policies: () => Pick<PolicySet, 'version' | 'tellsApart'>,
): CatalogViews {
  const views = new Map<string, CatalogView>()
  const caches = createStatementCaches<Classified>({
    entriesMax: limits.statements,
    keyLengthMax: limits.statementLength,
    weigh: weightOf,
  })
  const told = new Set<string>()
  const generations = new Map<string, number>()
  const generationOf = (database: string) => generations.get(database) ?? 0
  const make = (key: ViewKey): CatalogView => ({
    database: databaseOf(key),
    scope: new CatalogScope(key.database, (part, whole) => policies().tellsApart(part, whole)),
    policyVersion: policies().version,
    statements: caches(),
    generation: generationOf(databaseOf(key)),
    freshUntil_ms: clock.steady_ms() + limits.fresh_ms,
  })
  const isFresh = ({ database, generation, freshUntil_ms, policyVersion }: CatalogView) =>
    generation === generationOf(database) &&
    policyVersion === policies().version &&
    clock.steady_ms() < freshUntil_ms
  const prefixOf = ({ server, resource, database, role }: ViewKey) =>
    `${JSON.stringify([server, resource, database, role])}\0`
  return {
    get(key, searchPath) {
      const name = prefixOf(key) + searchPath
      const kept = views.get(name)
      const view = kept !== undefined && isFresh(kept) ? kept : make(key)
      // Put back as the last one, so that the first is the one that was longest not asked for.
      views.delete(name)
      views.set(name, view)
      dropOldest(views)
      return view
    },
    latest(key) {
      const prefix = prefixOf(key)
      const [, view] = [...views].findLast(([name]) => name.startsWith(prefix)) ?? []
      return view !== undefined && isFresh(view) ? view : make(key)
    },
    make,
    changed(key) {
      const database = databaseOf(key)
      generations.set(database, generationOf(database) + 1)
    },
    isFresh,
    isNews(what) {
      if (told.has(what) || told.size >= TOLD_MAX) return false
      told.add(what)
      return true
    },
  }
}

/** Sessions that have one of them go on with it. */
function dropOldest(views: Map<string, CatalogView>): void {
  let columns = 0
  for (const { scope } of views.values()) columns += scope.columns
  for (const [name, { scope }] of views) {
    if (views.size <= VIEWS_MAX && columns <= VIEWS_COLUMNS_MAX) return
    columns -= scope.columns
    views.delete(name)
  }
}

function databaseOf({ server, database }: ViewKey): string {
  return JSON.stringify([server, database])
}

/** A relation whose triggers may copy columns of it that are masked. */
export interface News {
  readonly relation: Relation
  readonly columns: readonly string[]
}

export interface ClassifierOptions {
  readonly views: CatalogViews
  readonly key: ViewKey
  readonly searchPath: string
  readonly trees: Trees
}

/** Trees that count as a part of the memory of who asks. */
export function treesIn(memory: Part): Trees {
  return createTrees(parse, (bytes) => memory.set(bytes))
}

/** Classifies one session's statements under its own view of the catalog. */
export class Classifier {
  readonly #options: ClassifierOptions
  #view: CatalogView
  #private = false
  #provisional: 'session' | 'database' | undefined
  #epoch = 0

  constructor(options: ClassifierOptions) {
    this.#options = options
    this.#view = options.views.get(options.key, options.searchPath)
  }

  /** Changes whenever names may resolve differently than before. */
  get epoch(): number {
    return this.#epoch
  }

  /** The epoch after others' changes were taken in. */
  refreshed(): number {
    this.#refresh()
    return this.#epoch
  }

  get scope(): CatalogScope {
    this.#refresh()
    return this.#view.scope
  }

  /** What the session's own view takes in memory; a shared one is nobody's. */
  get bytes(): number {
    return this.#private ? this.#view.scope.columns * COLUMN_BYTES : 0
  }

  /**
   * Takes in what the target has told this session. Temporary objects are its own (code may have made
   * them unnoticed), and so must be the view that knows of them.
   */
  learn(lookup: Lookup, rows: readonly (readonly (string | null)[])[]): void {
    if (!this.#private && tellsTemporary(rows)) this.catalogChanged(false)
    this.scope.learn(lookup, rows)
  }

  /** Of the relations that were looked up, each that is told of for the first time with these columns. */
  news(lookup: Lookup, columnsOf: (relation: Relation) => readonly string[]): readonly News[] {
    const { views, key } = this.#options
    return lookup.relations.flatMap((name) => {
      const relation = this.#view.scope.relation(name)
      if (relation === undefined || relation === 'absent') return []
      if (relation.triggers.length === 0) return []
      const columns = columnsOf(relation)
      if (columns.length === 0) return []
      const told = JSON.stringify([key.resource, relation.path, relation.triggers, columns])
      return views.isNews(told) ? [{ relation, columns }] : []
    })
  }

  classify(text: string, names: NameScope): Classification {
    this.#refresh()
    const kept = this.#view.statements.get(text)
    if (kept !== undefined) return kept
    let usesNames = false
    const watched: NameScope = {
      prepared: (name) => ((usesNames = true), names.prepared(name)),
      cursor: (name) => ((usesNames = true), names.cursor(name)),
    }
    const { trees } = this.#options
    const { scope, statements } = this.#view
    const result = classify(text, scope, watched, undefined, trees.treeOf(text))
    if (result.type === 'lookup') trees.keep(text)
    else trees.drop(text)
    if (result.type === 'classified' && !usesNames) {
      statements.set(text, result, result.statements.length === 1, statements.epoch)
    }
    return result
  }

  /** What was asked about is given up, or done with. */
  settled(): void {
    this.#options.trees.drop()
  }

  /**
   * The session's view may differ from others' from now on. `shared`: it changed the database
   * itself, so others must look again too.
   */
  catalogChanged(shared: boolean): void {
    const { views, key } = this.#options
    if (shared) views.changed(key)
    if (shared) this.#provisional = 'database'
    else this.#provisional ??= 'session'
    this.#private = true
    this.#epoch++
    this.#view = views.make(key)
  }

  /** True while the open transaction has changed the view. */
  get provisional(): boolean {
    return this.#provisional !== undefined
  }

  /**
   * What a transaction changed may end with it (SET LOCAL), be undone with it, or only now be seen by
   * others. What was learned in it is not held true after it.
   */
  transactionOver(): void {
    if (this.#provisional === undefined) return
    this.catalogChanged(this.#provisional === 'database')
    this.#provisional = undefined
  }

  /** A rollback undoes what only a session with a view of its own has done. */
  rolledBack(): void {
    if (this.#private) this.catalogChanged(false)
  }

  #refresh(): void {
    const { views, key, searchPath } = this.#options
    if (views.isFresh(this.#view)) return
    this.#epoch++
    this.#view = this.#private ? views.make(key) : views.get(key, searchPath)
  }
}
