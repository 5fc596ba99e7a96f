import type { Denial } from '../../../core/denial.ts'
import type { ObjectPath } from '../../../core/object.ts'
import type { Operation } from '../../../core/operation.ts'
import type { Verdict } from '../../../core/verdict.ts'
import type { Judgement } from '../../../session/governed.ts'
import { unread, writeRefused } from '../../../session/operations.ts'
import type { Classified, NameScope } from '../../../sql/classification.ts'
import { isCommand } from '../../../sql/classification.ts'
import type { Lookup } from '../../../sql/lookup.ts'
import type { Namespace } from '../judging/names.ts'
import type { Named } from '../judging/shown.ts'
import { named } from '../judging/shown.ts'
import type { Unsettled } from '../judging/unsettled.ts'
import { denialResponse, inFailedTransaction, missing } from '../messages/refusal.ts'
import type { Conversation } from './conversation.ts'
import type { PreparedStatement, Question } from './expectation.ts'
import type { Openings } from './openings.ts'
import { askCatalog, askRestore } from './question.ts'

/** What is to be done with a statement now. */
export type Considered =
  ({ readonly type: 'go'; readonly judgement: Judgement } & Understood) | Unsettled

/** A statement, with the texts of what it runs that stand elsewhere. */
export interface Understood {
  readonly classified: Classified
  readonly runs: readonly Named[]
}

/** More rounds than any chain of views needs; a catalog that never ends is refused. */
const LOOKUPS_MAX = 12

/** Prepared statements that execute one another; more than two or three say nothing new. */
const NESTED_MAX = 8

/**
 * Classifies and judges the statement that is at the head of the client's stream. A statement that
 * has to wait (for the catalog, for a name to settle) comes back and starts over; only the number
 * of look-ups is remembered in between.
 */
export class Considerer {
  readonly #conversation: Conversation
  readonly #openings: Openings
  #lookups = 0
  #asked: Question | undefined

  constructor(conversation: Conversation, openings: Openings) {
    this.#conversation = conversation
    this.#openings = openings
  }

  /** The statement is done with, one way or the other. */
  next(): void {
    if (this.#asked !== undefined) this.#conversation.parts.classifier.settled()
    this.#lookups = 0
    this.#asked = undefined
  }

  consider(text: string): Considered {
    const spent = this.#usedUp(text)
    if (spent !== undefined) return spent
    const c = this.#conversation
    if (this.#asked?.state === 'failed') return this.#lookupFailed(text)
    let unsettled: (() => boolean) | undefined
    let unknown: Lookup | undefined
    let suspect: Unsettled | undefined
    const reading = new Set<PreparedStatement>()
    let runs: Map<string, Named> | undefined
    const note = (key: string, what: Named) => void (runs ??= new Map()).set(key, what)
    const names: NameScope = {
      prepared: (name) => {
        const found = c.names.prepared.look(name, c.batch)
        if (found === 'unsettled') unsettled = isUnsettled(c.names.prepared, name, c)
        if (found === undefined || found === 'unsettled') return undefined
        suspect ??= this.restore(name, found)
        if (suspect !== undefined) return undefined
        if (reading.has(found) || reading.size >= NESTED_MAX) return undefined
        reading.add(found)
        const fresh = this.#fresh(found, names, (lookup) => (unknown = lookup))
        reading.delete(found)
        if (fresh !== undefined) note(`p${name}`, named(name, found.text, fresh))
        return fresh
      },
      cursor: (name) => {
        suspect ??= this.#openings.verify(c.names.openingOf(name))
        if (suspect !== undefined) return undefined
        const portal = c.names.portals.look(name, c.batch)
        if (portal === 'unsettled') unsettled = isUnsettled(c.names.portals, name, c)
        if (portal === undefined) {
          const cursor = c.names.cursors.get(name)
          if (cursor !== undefined) note(`c${name}`, named(name, cursor.text, cursor.query))
          return cursor?.query
        }
        if (portal === 'unsettled' || isCommand(portal.classified)) return undefined
        note(`c${name}`, named(name, portal.text, portal.classified))
        return portal.classified
      },
    }
    const result = c.parts.classifier.classify(text, names)
    const waitsFor = unsettled
    if (waitsFor !== undefined) return { type: 'wait', ready: () => !waitsFor() }
    if (suspect !== undefined) return suspect
    const asks = unknown
    if (asks !== undefined) return this.#lookUp(asks, text)
    switch (result.type) {
      case 'refused':
        return this.deny(unread(result.denial), text, result.denial)
      case 'lookup':
        return this.#lookUp(result.lookup, text)
      case 'classified':
        return this.judge(result, text, runs === undefined ? NONE : [...runs.values()])
    }
  }

  judge(classified: Classified, text: string, runs: readonly Named[] = NONE): Considered {
    const spent = this.#usedUp(text)
    if (spent !== undefined) return spent
    const judgement = this.#conversation.session.judge(classified.operation, text)
    if (judgement.verdict.effect === 'deny') {
      return this.deny(classified.operation, text, judgement.verdict.denial, judgement.verdict)
    }
    const taken = this.#conversation.parts.traffic.conflict(classified.operation)
    if (taken !== undefined) return this.deny(classified.operation, text, inUse(taken))
    return { type: 'go', classified, judgement, runs }
  }

  /** As `deny`, for what was not even read. */
  denyUnread(denial: Denial): Considered {
    return this.#usedUp('') ?? this.deny(unread(denial), '', denial)
  }

  /** Nothing is recorded of the agent for now, not even that it was refused, but in sum. */
  #usedUp(text: string): Considered | undefined {
    const denial = this.#conversation.session.unrecordable(text.length)
    return denial && { type: 'refuse', response: denialResponse(denial) }
  }

  /** Records a refusal and makes its answer. */
  deny(
    operation: Operation,
    text: string,
    denial: Denial,
    verdict?: Verdict,
  ): Extract<Considered, { type: 'refuse' }> {
    const c = this.#conversation
    writeRefused(c.session, { operation, text, denial, verdict }, c.now_ms())
    return { type: 'refuse', response: denialResponse(denial) }
  }

  /**
   * Code that the target ran can have put another statement under the name, so it is prepared again.
   * Undefined: the name stands for what the session prepared.
   */
  restore(name: string, prepared: PreparedStatement): Unsettled | undefined {
    if (!prepared.suspect) return undefined
    const c = this.#conversation
    const question = (prepared.restoring ??= askRestore(c, name, prepared.madeBy))
    if (question.state === 'asked') {
      return { type: 'wait', ready: () => question.state !== 'asked' }
    }
    prepared.restoring = undefined
    if (question.state === 'answered') {
      prepared.suspect = false
      // Its columns may be others by now.
      prepared.fields = undefined
      return undefined
    }
    // In an open batch the client has heard it from the target.
    if (c.batchOpen) return { type: 'refuse', response: EMPTY, skip: true }
    const response = c.status === 'E' ? inFailedTransaction() : missing('statement', name)
    return { type: 'refuse', response }
  }

  /** A prepared statement whose names may mean something else by now is read again. */
  #fresh(
    prepared: PreparedStatement,
    names: NameScope,
    missing: (lookup: Lookup) => void,
  ): Classified | undefined {
    const { classifier } = this.#conversation.parts
    const { epoch } = classifier
    if (prepared.epoch === epoch && !isCommand(prepared.classified)) return prepared.classified
    const result = classifier.classify(prepared.text, names)
    if (result.type === 'lookup') missing(result.lookup)
    if (result.type !== 'classified') return undefined
    prepared.classified = result
    prepared.epoch = epoch
    return result
  }

  #lookUp(lookup: Lookup, text: string): Considered {
    const c = this.#conversation
    if (this.#lookups++ >= LOOKUPS_MAX) {
      return this.deny(unread(tooDeep), text, tooDeep)
    }
    if (c.status === 'E' && c.quiet && !c.batchOpen) {
      return { type: 'refuse', response: inFailedTransaction() }
    }
    const question = askCatalog(c, lookup)
    this.#asked = question
    return { type: 'wait', ready: () => question.state !== 'asked' }
  }

  /** In an open batch the target is skipping already; else its transaction has failed, or it said no. */
  #lookupFailed(text: string): Considered {
    const c = this.#conversation
    if (c.batchOpen) return { type: 'refuse', response: EMPTY, skip: true }
    if (c.status === 'E') return { type: 'refuse', response: inFailedTransaction() }
    return this.deny(unread(noCatalog), text, noCatalog)
  }
}

function isUnsettled<V>(names: Namespace<V>, name: string, c: Conversation): () => boolean {
  return () => names.look(name, c.batch) === 'unsettled'
}

const EMPTY = Buffer.alloc(0)
const NONE: readonly Named[] = []

const tooDeep: Denial = {
  code: 'SQL_UNRESOLVED',
  message: 'The names in the statement lead too deep into the catalog to be judged.',
  hint: 'Read from the tables, not through a chain of views.',
}

const noCatalog: Denial = {
  code: 'SQL_UNRESOLVED',
  message: 'The target did not tell what the names in the statement stand for.',
  hint: 'Try again; if it stays so, the target role may lack the right to read its own catalog.',
}

function inUse(path: ObjectPath): Denial {
  return {
    code: 'SQL_UNRESOLVED',
    message: `${path.join('.')} is in use or being removed, so names could change on the way.`,
    hint: 'Try again in a moment.',
  }
}
