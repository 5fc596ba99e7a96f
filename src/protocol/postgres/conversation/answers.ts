import type { Effect } from '../../../sql/classification.ts'
import { withFormats } from '../judging/mask-plan.ts'
import type { Run } from '../judging/run.ts'
import { BACKEND, HEADER_BYTES } from '../messages/frame.ts'
import type { TransactionStatus } from '../messages/message.ts'
import { Reader } from '../messages/reader.ts'
import { targetViolation } from '../messages/refusal.ts'
import type { Conversation } from './conversation.ts'
import { errorPassage, noticePassage } from './errors.ts'
import type { Expectation } from './expectation.ts'
import { createNotifications } from './notifications.ts'
import type { Passage } from './passage.ts'
import { readTextRow } from './question.ts'
import { createReports } from './reported-settings.ts'
import { Results } from './results.ts'
import { warnOfTriggers } from './trigger-warning.ts'

/**
 * Meets what the target says with what it owes (`expects`), settles names and runs, and decides
 * what of it the client sees. A message that nothing owes ends the session.
 */
export class Answers {
  readonly #c: Conversation
  readonly #results: Results
  /** The target has met an error since it was last ready. */
  #failed = false
  readonly #notification: ReturnType<typeof createNotifications>
  readonly #report: ReturnType<typeof createReports>

  constructor(conversation: Conversation) {
    this.#c = conversation
    this.#results = new Results(conversation)
    this.#notification = createNotifications(conversation)
    this.#report = createReports(conversation)
  }

  /** For data that need not be read: how the whole message goes on. Undefined: it must be read. */
  unreadData(type: number, bytes: number): 'pass' | 'drop' | undefined {
    const head = this.#c.expects.head
    if (head?.type !== 'query' && head?.type !== 'execute') return undefined
    const { fields } = head.type === 'query' ? head : head.portal
    return this.#results.unread(head.run, fields, type, bytes)
  }

  answer(type: number, buffer: Buffer, start: number, end: number): Passage {
    switch (type) {
      case BACKEND.DataRow:
        return this.#dataRow(buffer, start, end)
      case BACKEND.CopyData:
        return this.#results.copyData(this.#owed(this.#runAtHead(), type), buffer, start, end)
      case BACKEND.ReadyForQuery:
        return this.#readyForQuery(buffer, start, end)
      case BACKEND.CommandComplete:
      case BACKEND.EmptyQueryResponse:
        return this.#complete(type, buffer, start, end)
      case BACKEND.ErrorResponse:
        this.#failed = true
        return errorPassage(this.#c, buffer, start, end)
      case BACKEND.NoticeResponse:
        return noticePassage(this.#c, buffer, start, end)
      case BACKEND.NotificationResponse:
        return this.#notification(buffer, start, end)
      case BACKEND.ParameterStatus:
        return this.#report(buffer, start, end)
      case BACKEND.ParseComplete:
      case BACKEND.BindComplete:
      case BACKEND.CloseComplete:
        return this.#acknowledge(type)
      case BACKEND.RowDescription:
        return this.#rowDescription(buffer, start, end)
      case BACKEND.NoData:
      case BACKEND.ParameterDescription:
        return this.#describe(type)
      case BACKEND.PortalSuspended:
        return this.#suspended()
      case BACKEND.CopyInResponse:
        return this.#copyIn(this.#owed(this.#runAtHead(), type))
      case BACKEND.CopyOutResponse:
        return this.#results.copyOut(this.#owed(this.#runAtHead(), type), buffer, start, end)
      case BACKEND.CopyDone:
        return this.#results.copyDone(this.#owed(this.#runAtHead(), type))
      case BACKEND.FunctionCallResponse:
        return this.#head('call', type) && 'pass'
      default:
        throw targetViolation(type)
    }
  }

  #dataRow(buffer: Buffer, start: number, end: number): Passage {
    const head = this.#c.expects.head
    if (head?.type === 'execute') {
      return this.#results.row(head.run, head.portal.fields, buffer, start, end)
    }
    if (head?.type === 'query') return this.#results.row(head.run, head.fields, buffer, start, end)
    if (head?.type !== 'question') throw targetViolation(BACKEND.DataRow)
    head.question.rows.push(readTextRow(buffer, start + HEADER_BYTES, end))
    return 'drop'
  }

  #runAtHead(): Run | undefined {
    const head = this.#c.expects.head
    return head?.type === 'query' || head?.type === 'execute' ? head.run : undefined
  }

  #owed(run: Run | undefined, type: number): Run {
    if (run === undefined) throw targetViolation(type)
    return run
  }

  #head<T extends Expectation['type']>(wanted: T, type: number): Extract<Expectation, { type: T }> {
    const head = this.#c.expects.head
    if (head?.type !== wanted) throw targetViolation(type)
    return head as Extract<Expectation, { type: T }>
  }

  /** Only a COPY that was judged may be fed. */
  #copyIn(run: Run): Passage {
    if (run.statements[run.index]?.copy?.direction !== 'in') {
      throw targetViolation(BACKEND.CopyInResponse)
    }
    this.#c.copyIn = true
    return 'pass'
  }

  // Names

  #acknowledge(type: number): Passage {
    const c = this.#c
    const head = c.expects.head
    if (head?.type === 'question') return this.#answered(head)
    switch (type) {
      case BACKEND.ParseComplete:
        c.names.prepared.acknowledge(this.#head('parse', type).change)
        break
      case BACKEND.BindComplete: {
        const { change } = this.#head('bind', type)
        c.names.portals.acknowledge(change)
        c.names.cursors.delete(change.name)
        break
      }
      default:
        this.#closed(this.#head('close', type))
    }
    c.answered()
    return 'pass'
  }

  #closed({ statement, portal }: Extract<Expectation, { type: 'close' }>): void {
    const c = this.#c
    if (statement !== undefined) c.names.prepared.acknowledge(statement)
    if (portal === undefined) return
    c.names.closePortal(portal.name)
    c.names.portals.acknowledge(portal)
    c.names.cursors.delete(portal.name)
  }

  #answered({ question, last }: Extract<Expectation, { type: 'question' }>): Passage {
    if (last) {
      const { lookup, rows } = question
      if (lookup !== undefined) {
        this.#c.parts.classifier.learn(lookup, rows)
        warnOfTriggers(this.#c, lookup)
      }
      question.state = 'answered'
    }
    this.#c.answered()
    return 'drop'
  }

  // Descriptions

  #rowDescription(buffer: Buffer, start: number, end: number): Passage {
    const fields = this.#c.descriptions.read(buffer, start + HEADER_BYTES, end)
    const head = this.#c.expects.head
    if (head?.type === 'query') {
      head.fields = fields
      this.#results.begin(head.run)
      return this.#results.hidesDescription(head.run) ? 'drop' : 'pass'
    }
    const { subject, hidden } = this.#head('describe', BACKEND.RowDescription)
    if (subject !== undefined && 'run' in subject) {
      subject.fields = withFormats(fields, subject.resultFormats)
    } else if (subject !== undefined) {
      subject.fields = fields
    }
    this.#c.answered()
    return hidden ? 'drop' : 'pass'
  }

  #describe(type: number): Passage {
    const { hidden } = this.#head('describe', type)
    if (type === BACKEND.NoData) this.#c.answered()
    return hidden ? 'drop' : 'pass'
  }

  // Ends

  #complete(type: number, buffer: Buffer, start: number, end: number): Passage {
    const c = this.#c
    const head = c.expects.head
    if (head?.type === 'question') {
      c.answered()
      return 'drop'
    }
    if (head?.type !== 'query' && head?.type !== 'execute') throw targetViolation(type)
    const { run } = head
    const passage = this.#results.complete(run, buffer, start, end)
    if (run.operation.results[run.index] === 'none') run.affected += taggedRows(buffer, start, end)
    const effects = run.statements[run.index]?.effects ?? []
    run.index++
    if (head.type === 'query') {
      head.fields = undefined
    } else {
      c.finish(run, 'success')
      c.answered()
    }
    for (const effect of effects) c.names.apply(effect)
    if (c.parts.classifier.provisional || c.names.cursors.size > 0) {
      this.#tagged(tagOf(type, buffer, start, end), effects)
    }
    return passage
  }

  /** A COMMIT or ROLLBACK that more of the same text may follow. */
  #tagged(tag: string, effects: readonly Effect[]): void {
    if (!TRANSACTION_TAG.test(tag)) return
    const { names, parts } = this.#c
    if (!effects.some(isPartial)) names.cursors.transactionOver(tag === COMMITTED)
    if (!effects.some(isPartial)) names.codePutOffRan()
    parts.classifier.transactionOver()
  }

  #suspended(): Passage {
    const { run, portal } = this.#head('execute', BACKEND.PortalSuspended)
    const passage = this.#results.suspended(run)
    portal.begun = true
    this.#c.answered()
    // What is not finished has changed what it has changed so far.
    for (const effect of run.statements[run.index]?.effects ?? []) {
      this.#c.names.apply(effect, portal)
    }
    return passage
  }

  #readyForQuery(buffer: Buffer, start: number, end: number): Passage {
    const passage = this.#ready(buffer, start, end)
    if (this.#c.status === 'I') {
      this.#c.executing.settled()
      this.#c.parts.traffic.settle()
    }
    return passage
  }

  #ready(buffer: Buffer, start: number, end: number): Passage {
    const c = this.#c
    const head = c.expects.head
    const status = readStatus(buffer, start + HEADER_BYTES, end)
    c.status = status
    c.copyIn = false
    this.#results.end()
    if (this.#failed || status === 'E') c.names.applicationName.rolledBack()
    if (status === 'I') {
      c.names.applicationName.transactionOver()
      c.names.transactionOver()
      c.names.cursors.transactionOver(!this.#failed)
      c.names.codePutOffRan()
      c.parts.classifier.transactionOver()
    }
    this.#failed = false
    if (head?.type === 'query' || head?.type === 'call') {
      if (head.type === 'call') c.names.apply({ type: 'code', later: true })
      if (head.type === 'query') {
        c.names.prepared.acknowledge(head.statement)
        c.names.portals.acknowledge(head.portal)
      }
      c.finish(head.run, 'success')
      c.answered()
      return this.#results.settleCut(head.run, status) ? 'drop' : 'pass'
    }
    const { hidden } = this.#head('sync', BACKEND.ReadyForQuery)
    c.answered()
    const cut = this.#results.takeCut()
    if (cut !== undefined && this.#results.settleCut(cut, status)) return 'drop'
    return hidden ? 'drop' : 'pass'
  }
}

const COMMITTED = 'COMMIT'
/** The tags of COMMIT, ROLLBACK and their like; ROLLBACK TO has the same. */
const TRANSACTION_TAG = /^(?:COMMIT|ROLLBACK|PREPARE TRANSACTION)/

function tagOf(type: number, buffer: Buffer, start: number, end: number): string {
  if (type !== BACKEND.CommandComplete) return ''
  return new Reader(buffer, start + HEADER_BYTES, end, 'TARGET_PROTOCOL').cstring()
}

function isPartial(effect: Effect): boolean {
  return effect.type === 'rollback' && effect.partial
}

function readStatus(buffer: Buffer, start: number, end: number): TransactionStatus {
  const reader = new Reader(buffer, start, end, 'TARGET_PROTOCOL')
  const status = String.fromCharCode(reader.byte())
  reader.finish()
  if (status !== 'I' && status !== 'T' && status !== 'E')
    throw targetViolation(BACKEND.ReadyForQuery)
  return status
}

/** The count that ends a command tag (`DELETE 4`), and 0 where there is none. It stands before a NUL. */
function taggedRows(buffer: Buffer, start: number, end: number): number {
  let rows = 0
  let scale = 1
  for (let at = end - 2; at >= start + HEADER_BYTES; at--) {
    const digit = buffer[at]! - 0x30
    if (digit < 0 || digit > 9) break
    rows += digit * scale
    scale *= 10
  }
  return rows
}
