import type { Denial } from '../../../core/denial.ts'
import type { Opening } from '../judging/opening.ts'
import type { Unsettled } from '../judging/unsettled.ts'
import { denialResponse, inFailedTransaction } from '../messages/refusal.ts'
import type { Conversation } from './conversation.ts'
import type { Question } from './expectation.ts'
import { askOpenings } from './question.ts'

/** Asks about openings, at most one question at a time. */
export class Openings {
  readonly #c: Conversation
  #asked: Question | undefined
  /** How often code had run when it was asked; an answer from before is none. */
  #askedAfter = 0

  constructor(conversation: Conversation) {
    this.#c = conversation
  }

  /** Before code runs: of what is open now, each is to be known again. Undefined: it may run. */
  remember(): Unsettled | undefined {
    // The one without a name goes with the next message, and is not worth a question.
    const unknown = this.#c.names.openings().filter(([name, { at }]) => name !== '' && !at)
    if (unknown.length === 0 || this.#c.status === 'E') return undefined
    const moments = this.#moments()
    if ('type' in moments) return moments
    // What the target does not list is lost as soon as the code has run.
    for (const [name, opening] of unknown) opening.at = moments.get(name) ?? NOT_OPEN
    return undefined
  }

  /** Before a name is used. Undefined: it stands for what the session opened, or for nothing any more. */
  verify(opening: Opening | undefined): Unsettled | undefined {
    if (opening?.suspect !== true) return undefined
    const moments = this.#moments()
    if ('type' in moments) return moments
    for (const [name, one] of this.#c.names.openings()) {
      if (!one.suspect) continue
      one.suspect = false
      if (moments.get(name) !== one.at) this.#c.names.closed(name)
    }
    return undefined
  }

  #moments(): ReadonlyMap<string, string> | Unsettled {
    const c = this.#c
    if (this.#askedAfter !== c.names.codeRuns) this.#asked = undefined
    this.#askedAfter = c.names.codeRuns
    const question = (this.#asked ??= askOpenings(c))
    if (question.state === 'asked') {
      return { type: 'wait', ready: () => question.state !== 'asked' }
    }
    this.#asked = undefined
    if (question.state === 'answered') {
      return new Map(question.rows.map(([name, at]) => [name ?? '', at ?? NOT_OPEN]))
    }
    // In an open batch the client has heard it from the target.
    if (c.batchOpen) return { type: 'refuse', response: Buffer.alloc(0), skip: true }
    return {
      type: 'refuse',
      response: c.status === 'E' ? inFailedTransaction() : denialResponse(NO_ANSWER),
    }
  }
}

const NO_ANSWER: Denial = {
  code: 'SQL_UNRESOLVED',
  message: 'The target did not tell which cursors are open.',
  hint: 'Try again; a statement_timeout may be too short for it.',
}

/** No moment reads like this. */
const NOT_OPEN = 'not open'
