import type { Effect, Statement } from '../../../sql/classification.ts'
import type { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'
import { weightOf } from '../../../sql/weight.ts'
import type { ApplicationName } from '../judging/application-name.ts'
import { createApplicationName } from '../judging/application-name.ts'
import type { Classifier } from '../judging/classifier.ts'
import { Cursors } from '../judging/cursors.ts'
import { Namespace } from '../judging/names.ts'
import type { Opening } from '../judging/opening.ts'
import type { Run } from '../judging/run.ts'
import { runsCode } from '../judging/run.ts'
import type { ConversationParts } from './conversation-parts.ts'
import type { Expectation, Portal, PreparedStatement } from './expectation.ts'

/** Its run, and a description of its columns; the rest is its statement's. */
const PORTAL_BYTES = 4096

const NONE: readonly CatalogScope[] = []

interface NamesSink {
  /** Hears of each portal that ends before it was read to its end. */
  readonly gone: (run: Run) => void
  /** Takes what the client is told of its own name. */
  readonly tell: (bytes: Buffer) => void
}

/**
 * What the names of one session stand for. Protocol and SQL share them: a statement that SQL
 * prepared can be bound, and a portal that the protocol bound can be fetched from.
 */
export class SessionNames {
  readonly prepared = new Namespace<PreparedStatement>(({ weight }) => weight)
  readonly portals = new Namespace<Portal>(() => PORTAL_BYTES)
  /** Cursors that SQL declared. */
  readonly cursors = new Cursors()
  readonly applicationName: ApplicationName
  /**
   * Set where code runs when the open transaction ends: of cursors WITH HOLD, of deferred triggers. `only`:
   * that of one cursor alone.
   */
  #putOff: { readonly only: string | undefined } | undefined
  readonly #classifier: Classifier
  /** How often code has run that may have changed what names stand for. */
  codeRuns = 0
  readonly #gone: (run: Run) => void

  constructor(
    { classifier, applicationName }: Pick<ConversationParts, 'classifier' | 'applicationName'>,
    { gone, tell }: NamesSink,
  ) {
    this.#classifier = classifier
    this.applicationName = createApplicationName(applicationName, tell)
    this.#gone = gone
  }

  /** What is kept for all names. */
  get bytes(): number {
    return this.prepared.bytes + this.portals.bytes + this.cursors.bytes
  }

  /**
   * Applies what an acknowledged statement did to the session's names and view of the catalog.
   * `running`: the portal that did it and is not read to its end.
   */
  apply(effect: Effect, running?: Portal): void {
    switch (effect.type) {
      case 'prepare':
        return this.prepared.apply(effect.name, {
          text: effect.text,
          madeBy: { type: 'prepare', text: effect.madeBy },
          suspect: false,
          restoring: undefined,
          classified: effect.statement,
          epoch: this.#classifier.epoch,
          fields: undefined,
          weight: effect.text.length + effect.madeBy.length + weightOf(effect.statement),
        })
      case 'deallocate':
        if (effect.name === undefined) return this.prepared.clear(() => {})
        return this.prepared.apply(effect.name, undefined)
      case 'declare':
        this.closePortal(effect.cursor)
        this.portals.apply(effect.cursor, undefined)
        if (effect.hold && runsCode(effect.query)) {
          this.#putOff = { only: this.#putOff === undefined ? effect.cursor : undefined }
        }
        return this.cursors.declare(effect, this.#classifier.scope)
      case 'close':
        return this.#close(effect.cursor)
      case 'catalog':
        return this.#classifier.catalogChanged(effect.reach === 'database')
      case 'application-name':
        return this.applicationName.set(effect.name, effect.isLocal)
      case 'rollback':
        if (!effect.partial) this.applicationName.rolledBack()
        return this.#classifier.rolledBack()
      case 'code':
        if (effect.later === true) this.#putOff = { only: undefined }
        return this.#codeRan(effect.spares, running)
      case 'discard':
        this.prepared.clear(() => {})
        this.transactionOver()
        return this.cursors.clear()
    }
  }

  /**
   * Whatever has a name may be gone, or something else, but for the portal whose rows were made. What
   * was prepared is prepared again before it is used, and what was open is looked at again, if it was
   * known before.
   */
  #codeRan(spared: string | undefined, running: Portal | undefined): void {
    this.prepared.each((name, prepared) => {
      // No code reaches the one without a name.
      if (name === '') return
      prepared.suspect = true
      // What was asked before tells nothing of what has that name now.
      prepared.restoring = undefined
    })
    this.codeRuns++
    for (const [name, opening] of this.openings()) {
      if (name === spared || (running !== undefined && opening === running)) continue
      if (opening.at === undefined) this.closed(name)
      else opening.suspect = true
      const portal = this.portals.settled(name)
      if (portal !== undefined) portal.run.scopes = [opening.scope]
    }
    this.#classifier.catalogChanged(false)
  }

  /** True where the end of the transaction runs code. */
  get endsWithCode(): boolean {
    return this.#putOff !== undefined
  }

  /** The transaction is over, and what it had put off has run. */
  codePutOffRan(): void {
    if (this.#putOff === undefined) return
    const { only } = this.#putOff
    this.#putOff = undefined
    // While a cursor runs its own code cannot close it; that of another one can.
    this.apply({ type: 'code', ...(only === undefined ? {} : { spares: only }) })
  }

  #close(cursor: string | undefined): void {
    if (cursor === undefined) {
      this.transactionOver()
      this.cursors.clear()
      return
    }
    this.closed(cursor)
  }

  /** What is open, by name. */
  openings(): readonly [name: string, Opening][] {
    const open = this.cursors.openings()
    this.portals.each((name, portal) => open.push([name, portal]))
    return open
  }

  openingOf(name: string): Opening | undefined {
    return this.portals.settled(name) ?? this.cursors.openingOf(name)
  }

  /** The catalogs of the cursors that the statements fetch from, as they were when those were opened. */
  scopesOf(statements: readonly Statement[]): readonly CatalogScope[] {
    if (statements[0]?.cursor === undefined) return NONE
    return statements.flatMap(({ cursor }) =>
      cursor === undefined ? [] : (this.openingOf(cursor)?.scope ?? []),
    )
  }

  /** The name stands for nothing any more. */
  closed(name: string): void {
    this.closePortal(name)
    this.portals.apply(name, undefined)
    this.cursors.delete(name)
  }

  closePortal(name: string): void {
    const portal = this.portals.settled(name)
    if (portal !== undefined) this.#gone(portal.run)
  }

  /** What an expectation would have changed stays as it was. */
  abandon(expects: Expectation): void {
    switch (expects.type) {
      case 'parse':
        return this.prepared.abandon(expects.change)
      case 'bind':
        return this.portals.abandon(expects.change)
      case 'query':
      case 'close':
        if (expects.statement !== undefined) this.prepared.abandon(expects.statement)
        if (expects.portal !== undefined) this.portals.abandon(expects.portal)
        return
      default:
        return
    }
  }

  /** Portals end with their transaction. */
  transactionOver(): void {
    this.portals.clear((portal) => this.#gone(portal.run))
  }
}
