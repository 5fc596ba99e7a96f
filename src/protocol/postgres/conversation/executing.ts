import type { Access, Operation, Outputs } from '../../../core/operation.ts'
import type { ColumnMask, DetectMask } from '../../../core/verdict.ts'
import type { GovernedSession } from '../../../session/governed.ts'
import { READ_ONLY_ACTIONS } from '../../../sql/actions.ts'
import type { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'
import type { Words } from '../masking/scrub.ts'
import type { ConversationParts } from './conversation-parts.ts'
import type { Expectation, Portal, PreparedStatement } from './expectation.ts'

/**
 * What may be executing when the target speaks. Work moves: cursors WITH HOLD are read, and deferred
 * constraints are looked at, when the transaction ends, by whatever message ends it. So the target's
 * words may be about the message that is being answered, or about anything that ran since the last
 * moment at which nothing can be pending:
 *
 *     answered   what the message did may come back
 *     settled    ReadyForQuery says that no transaction is open
 *
 * The target answers in order, so what is pipelined behind has not begun.
 */
export class Executing {
  readonly #session: Pick<GovernedSession, 'masks' | 'policyVersion'>
  readonly #catalog: { readonly scope: Pick<CatalogScope, 'facts'> }
  /** What ran and was not looked at: most of it is settled without a word. */
  readonly #unread: Operation[] = []
  /** How many of these count: emptying the list each time would make it anew each time. */
  #unreadCount = 0
  /** What those that were looked at let the target say. */
  #words: Words = 'free'
  /** The policies by which the first of them ran. */
  #since: string | undefined

  constructor({ session, classifier }: Pick<ConversationParts, 'session' | 'classifier'>) {
    this.#session = session
    this.#catalog = classifier
  }

  answered(expects: Expectation): void {
    if (!('run' in expects)) return
    this.#since ??= this.#session.policyVersion
    const { operation } = expects.run
    // Bind and Execute are of one operation.
    if (this.#unreadCount > 0 && this.#unread[this.#unreadCount - 1] === operation) return
    this.#unread[this.#unreadCount++] = operation
    if (this.#unreadCount > UNREAD_MAX) this.#read()
  }

  settled(): void {
    this.#since = undefined
    this.#words = 'free'
    this.#unreadCount = 0
  }

  /** What the target may say of masked values now, where it answers `head`, if anything. */
  words(head: Expectation | undefined): Words {
    const columns = columnMasks(this.#session)
    if (columns.length === 0) return 'free'
    this.#read()
    const { facts } = this.#catalog.scope
    if (facts?.codeOfValues !== false) return 'any'
    // Code that nothing names may run with anything.
    if (facts.hiddenCode) return 'values'
    if (this.#words === 'values' || this.#judgedOtherwise()) return 'values'
    const operation = head === undefined ? undefined : operationOf(head)
    if (operation === 'anything') return 'values'
    return operation === undefined ? 'code' : wordsOf(operation, columns)
  }

  /** By which detectors all that the target says is searched. */
  detectMasks(): readonly DetectMask[] {
    return this.#session.masks.filter((mask) => mask.type === 'detect')
  }

  #read(): void {
    const columns = columnMasks(this.#session)
    for (const operation of this.#unread.slice(0, this.#unreadCount)) {
      if (wordsOf(operation, columns) === 'values') this.#words = 'values'
    }
    this.#unreadCount = 0
  }

  /** What was looked at then may be masked by now. */
  #judgedOtherwise(): boolean {
    return this.#since !== undefined && this.#since !== this.#session.policyVersion
  }
}

/**
 * What the target does while it answers the message, as far as the agent asked for it. `anything`: the
 * planner runs what is constant, also what no statement names.
 */
function operationOf(expects: Expectation): Operation | 'anything' | undefined {
  switch (expects.type) {
    case 'parse':
      return expects.change.value?.classified.operation
    case 'describe':
      return expects.subject === undefined ? undefined : operationDescribed(expects.subject)
    case 'question':
      return expects.question.lookup === undefined ? 'anything' : undefined
    default:
      return 'run' in expects ? expects.run.operation : undefined
  }
}

function operationDescribed(subject: PreparedStatement | Portal): Operation {
  return 'run' in subject ? subject.run.operation : subject.classified.operation
}

/** Long transactions are looked at as they go. */
const UNREAD_MAX = 32

function columnMasks({ masks }: Pick<GovernedSession, 'masks'>): readonly ColumnMask[] {
  return masks.filter((mask) => mask.type === 'columns')
}

/**
 * What the target may say of the columns while it does this, whichever rules mask them. What is written
 * meets constraints, triggers and computed columns of every kind, and code may do anything.
 */
function wordsOf(operation: Operation, columns: readonly ColumnMask[]): Words {
  if (columns.length === 0) return 'free'
  return readsMasked(operation, columns) || !operation.accesses.every(isSeen) ? 'values' : 'code'
}

/** Actions that compute nothing from rows, beside those that only read. */
const ROWLESS: ReadonlySet<string> = new Set([
  ...READ_ONLY_ACTIONS,
  'sql.ddl.comment',
  'sql.ddl.drop',
  'sql.ddl.label',
  'sql.grant',
  'sql.lock',
  'sql.notify',
  'sql.revoke',
  'sql.sequence',
  'sql.set.role',
  'sql.transaction.prepared',
])

/** True where nothing is computed but what the operation tells of. */
function isSeen({ action, object, grant }: Access): boolean {
  if (action !== 'sql.execute') return ROWLESS.has(action)
  return grant === 'implied' && object[1] === 'pg_catalog'
}

/** Database, schema, relation, column: what ends above that stands for any column in it. */
const COLUMN_DEPTH = 4

function readsMasked(operation: Operation, columns: readonly ColumnMask[]): boolean {
  return (
    operation.predicates.some((column) => covered(columns, column)) ||
    operation.compares?.some((path) => path.length < COLUMN_DEPTH || covered(columns, path)) ||
    operation.results.some((outputs) => flows(outputs, columns)) ||
    operation.accesses.some(
      ({ object, parts }) =>
        parts === 'all' || parts?.some((part) => covered(columns, [...object, part])),
    )
  )
}

function covered(columns: readonly ColumnMask[], column: readonly string[]): boolean {
  return columns.some((mask) => mask.covers(column))
}

function flows(outputs: Outputs, columns: readonly ColumnMask[]): boolean {
  if (outputs === 'none') return false
  if (outputs === 'unknown') return true
  return outputs.some(
    ({ sources }) =>
      sources === 'unknown' || sources.some(({ column }) => covered(columns, column)),
  )
}
