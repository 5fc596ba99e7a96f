import type { Operation } from '../../../core/operation.ts'
import type { Gated } from '../../../session/outbox.ts'
import type { Classified } from '../../../sql/classification.ts'
import { isCommand } from '../../../sql/classification.ts'
import type { Lookup } from '../../../sql/lookup.ts'
import type { Piece } from '../../../wire/pieces.ts'
import type { Change } from '../judging/names.ts'
import type { Opening } from '../judging/opening.ts'
import type { Run } from '../judging/run.ts'
import type { FieldDescription } from '../messages/message.ts'

/** A prepared statement as the gateway knows it. */
export interface PreparedStatement {
  readonly text: string
  readonly madeBy: MadeBy
  /** Code has run that may have put another statement under its name. */
  suspect: boolean
  /** The question that prepares it again. */
  restoring: Question | undefined
  /** Replaced when the session's view of the catalog has changed since. */
  classified: Classified
  /** The catalog view it was classified under. */
  epoch: number
  /** Its columns, once the target has described them; formats are not known yet. */
  fields: readonly FieldDescription[] | undefined
  /** About what it takes in memory, in bytes. */
  readonly weight: number
}

/** What prepares it: a Parse message with its parameter types, or the text of a PREPARE. */
export type MadeBy =
  | { readonly type: 'parse'; readonly text: string; readonly parameterTypes: readonly number[] }
  | { readonly type: 'prepare'; readonly text: string }

export interface Portal extends Opening {
  readonly run: Run
  /** What it was bound as. */
  readonly classified: Classified
  readonly text: string
  readonly resultFormats: readonly number[]
  fields: readonly FieldDescription[] | undefined
  /** The gateway has asked for its description. */
  asked: boolean
  /** It was run, and has more rows: what its names stand for is settled. */
  begun: boolean
}

/**
 * What the target owes: one entry for each forwarded message that it answers, in order. The head is
 * the message that is being answered now.
 */
export type Expectation = Owed & {
  /** Set when it is forwarded: names may stand for something else once it is answered. */
  changesNames?: boolean
  /** Set when it is forwarded and its names are to be read by the target: says that they were. */
  arrived?: () => void
}

type Owed =
  | { readonly type: 'parse'; readonly change: Change<PreparedStatement> }
  | { readonly type: 'bind'; readonly change: Change<Portal>; readonly run: Run }
  | {
      readonly type: 'describe'
      readonly subject: PreparedStatement | Portal | undefined
      /** The gateway asked, not the client: the answer stays here. */
      readonly hidden: boolean
    }
  | { readonly type: 'execute'; readonly run: Run; readonly portal: Portal }
  | {
      readonly type: 'close'
      readonly statement: Change<PreparedStatement> | undefined
      readonly portal: Change<Portal> | undefined
    }
  | {
      readonly type: 'query'
      readonly run: Run
      readonly statement: Change<PreparedStatement>
      readonly portal: Change<Portal>
      /** Of the result that is coming in now. */
      fields: readonly FieldDescription[] | undefined
    }
  | { readonly type: 'call'; readonly run: Run }
  /** A message of ours that must fail; the client gets `refusal` in place of the target's error. */
  | { readonly type: 'poison'; readonly refusal: Buffer }
  | { readonly type: 'sync'; readonly hidden: boolean }
  /** One of the messages of a question of ours; `last` ends it. */
  | { readonly type: 'question'; readonly question: Question; readonly last: boolean }

/**
 * `provisional`: the open transaction has changed the session's view of the catalog, and so its end
 * changes it again.
 */
export function mayChangeNames(expects: Expectation, provisional: boolean): boolean {
  switch (expects.type) {
    case 'query':
    case 'execute':
      return provisional || expects.run.statements.some(({ effects }) => effects.length > 0)
    case 'call':
      return true
    case 'sync':
      return provisional
    default:
      return false
  }
}

/** Whose names the target reads when it reads the message. */
export function operationRead(expects: Expectation): Operation | undefined {
  switch (expects.type) {
    case 'query':
    case 'bind':
      return expects.run.operation
    case 'execute':
      return isCommand(expects.portal.classified) ? expects.run.operation : undefined
    case 'parse':
      return expects.change.value?.classified.operation
    default:
      return undefined
  }
}

/** A query of the gateway's own, in flight on the agent's connection. */
export interface Question {
  /** What the catalog learns from the answer; the planner teaches it nothing. */
  readonly lookup: Lookup | undefined
  readonly rows: (string | null)[][]
  /** It is about a name of the client's: why it has no answer is for the client. */
  readonly ofClient?: true
  state: 'asked' | 'answered' | 'failed'
  /** Why it failed, where the target said so itself. */
  sqlstate?: string
}

/** A message for the target and what the target will owe for it. */
export interface Outgoing extends Gated {
  readonly expects: Expectation | undefined
  /** Set when it is a part of a message. */
  readonly piece?: Piece
}
