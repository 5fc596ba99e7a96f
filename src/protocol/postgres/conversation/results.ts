import { ChaperoneError } from '../../../core/errors.ts'
import type { Access } from '../../../core/operation.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { Run } from '../judging/run.ts'
import { rowLimit } from '../judging/run.ts'
import type { CopyMasker } from '../masking/copy-rows.ts'
import type { RowMasker } from '../masking/rows.ts'
import { BACKEND, HEADER_BYTES } from '../messages/frame.ts'
import type { FieldDescription, TransactionStatus } from '../messages/message.ts'
import { commandComplete } from '../messages/message.ts'
import { Reader } from '../messages/reader.ts'
import { denialResponse, notice } from '../messages/refusal.ts'
import { int16, int32, message } from '../messages/writer.ts'
import type { Conversation } from './conversation.ts'
import { copyMaskerFor, rowMaskerFor } from './maskers.ts'
import type { Passage } from './passage.ts'

/** Rows on their way to the client: counted, cut at the limit, masked. */
export class Results {
  readonly #c: Conversation
  #run: Run | undefined
  #index = -1
  #judgement: Judgement | undefined
  #limit = Infinity
  /** Rows of the run before this statement, or this piece of its portal. */
  #rowsBefore = 0
  /** Rows of this statement were dropped. */
  #dropped = false
  #masker: RowMasker | undefined
  #showsApplicationName = false
  /** Set while a COPY comes in; without a masker its data passes. */
  #copy: Copying | undefined
  /** A run whose rows were cut with an error, until its batch has ended. */
  #cut: Run | undefined

  constructor(conversation: Conversation) {
    this.#c = conversation
  }

  row(
    run: Run,
    fields: readonly FieldDescription[] | undefined,
    buffer: Buffer,
    start: number,
    end: number,
  ): Passage {
    if (!this.#isPreparedFor(run)) this.#prepare(run, fields)
    run.rows++
    run.bytes += end - start
    if (run.rows > this.#limit) return this.#overLimit(run)
    if (this.#showsApplicationName) return rowOf(this.#c.names.applicationName.current)
    if (this.#masker === undefined) return 'pass'
    this.#masker.maskDataRow(buffer, start, end, this.#c.rows)
    return 'written'
  }

  /** A new description: the next row is looked at afresh. */
  begin(run: Run): void {
    if (this.#run === run) this.#index = -1
  }

  hidesDescription(run: Run): boolean {
    return run.cut
  }

  /** Data too large to collect passes unread where no mask asks for it. */
  unread(
    run: Run,
    fields: readonly FieldDescription[] | undefined,
    type: number,
    bytes: number,
  ): 'pass' | 'drop' | undefined {
    if (type === BACKEND.CopyData) {
      const copy = this.#copy
      if (copy === undefined || copy.masker !== undefined) return undefined
      // What may be no row is looked at.
      if (copy.header && !copy.begun) return undefined
      if (bytes <= HEADER_BYTES + BINARY_TRAILER_BYTES) return undefined
      copy.begun = true
    } else {
      if (!this.#isPreparedFor(run)) this.#prepare(run, fields)
      if (this.#masker !== undefined || this.#showsApplicationName) return undefined
    }
    run.rows++
    run.bytes += bytes
    return run.rows > this.#limit ? this.#overLimit(run) : 'pass'
  }

  #prepare(run: Run, fields: readonly FieldDescription[] | undefined): void {
    this.#start(run)
    this.#showsApplicationName = run.statements[run.index]?.showsApplicationName === true
    this.#masker = rowMaskerFor(this.#c, run, fields)
  }

  #isPreparedFor(run: Run): boolean {
    return run === this.#run && run.index === this.#index && run.judgement === this.#judgement
  }

  #start(run: Run): void {
    this.#run = run
    this.#judgement = run.judgement
    this.#index = run.index
    this.#limit = rowLimit(run) ?? Infinity
    this.#rowsBefore = run.rows
    this.#dropped = false
  }

  // COPY to the client

  copyOut(run: Run, buffer: Buffer, start: number, end: number): Passage {
    this.#start(run)
    const columns = readCopyColumns(buffer, start + HEADER_BYTES, end)
    const header = run.statements[run.index]?.copy?.header === true
    this.#copy = { masker: copyMaskerFor(this.#c, run, columns), header, begun: false }
    return run.cut ? 'drop' : 'pass'
  }

  copyData(run: Run, buffer: Buffer, start: number, end: number): Passage {
    const copy = this.#copy
    if (copy === undefined) throw new ChaperoneError('TARGET_PROTOCOL', 'COPY data without COPY.')
    if (isCopiedRow(copy, run, buffer, start, end)) run.rows++
    copy.begun = true
    run.bytes += end - start
    if (run.rows > this.#limit) return this.#overLimit(run)
    if (run.cut) return 'drop'
    if (copy.masker === undefined) return 'pass'
    return copyDataMessage(copy.masker.push(buffer.subarray(start + HEADER_BYTES, end)))
  }

  copyDone(run: Run): Passage {
    const masker = this.#copy?.masker
    const rest = masker?.end()
    if (masker !== undefined) run.masked = [...(run.masked ?? []), ...masker.masked()]
    this.#copy = undefined
    if (run.cut) return 'drop'
    if (rest === undefined || rest.length === 0) return 'pass'
    return Buffer.concat([copyDataMessage(rest) as Buffer, message(BACKEND.CopyDone)])
  }

  // The row limit

  #overLimit(run: Run): 'drop' {
    this.#dropped = true
    if (!run.limitReached) {
      run.limitReached = true
      run.rows--
      if (cutsWithError(run)) void this.#c.cancels.send()
    } else {
      run.rows--
    }
    return 'drop'
  }

  complete(run: Run, buffer: Buffer, start: number, end: number): Passage {
    if (this.#masker !== undefined && run === this.#run) {
      run.masked = [...(run.masked ?? []), ...this.#masker.masked()]
    }
    if (run.cut) return 'drop'
    if (!run.limitReached) return 'pass'
    if (cutsWithError(run)) return this.#cutShort(run)
    if (!this.#dropped || run !== this.#run || run.index !== this.#index) return 'pass'
    const limit = this.#limit
    return Buffer.concat([
      cutNotice(limit),
      recount(buffer, start, end, run.rows - this.#rowsBefore),
    ])
  }

  /** A portal stops after as many rows as its Execute asked for. */
  suspended(run: Run): Passage {
    this.#rowsBefore = run.rows
    if (run.cut) return 'drop'
    return run.limitReached && cutsWithError(run) ? this.#cutShort(run) : 'pass'
  }

  /** The client hears of an error, so the target's transaction has to fail as well. */
  #cutShort(run: Run): Passage {
    const c = this.#c
    run.cut = true
    if (c.batchOpen && c.expects.size === 1) {
      c.refuse(cutResponse(run), false)
      return 'drop'
    }
    this.#cut = run
    return cutResponse(run)
  }

  /** The cut run whose Sync is being answered. */
  takeCut(): Run | undefined {
    const cut = this.#cut
    this.#cut = undefined
    return cut
  }

  /**
   * The client was told of an error; if the target's transaction is still fine, it is made to fail
   * too. True when this ReadyForQuery is to be replaced by the one that follows.
   */
  settleCut(run: Run, status: TransactionStatus): boolean {
    const cut = run.limitReached && cutsWithError(run) && status === 'T'
    this.#cut = undefined
    if (!cut) return false
    this.#c.failTransaction()
    return true
  }

  end(): void {
    this.#c.rows.release()
    this.#run = undefined
    this.#masker = undefined
    this.#copy = undefined
  }
}

interface Copying {
  readonly masker: CopyMasker | undefined
  /** Its first message names the columns. */
  readonly header: boolean
  begun: boolean
}

/** A binary COPY ends with a message of its own: Int16 -1. */
const BINARY_TRAILER_BYTES = 2

function isCopiedRow(copy: Copying, run: Run, buffer: Buffer, start: number, end: number): boolean {
  if (copy.header && !copy.begun) return false
  if (run.statements[run.index]?.copy?.format !== 'binary') return true
  const body = start + HEADER_BYTES
  return end - body !== BINARY_TRAILER_BYTES || buffer.readInt16BE(body) !== -1
}

/**
 * Where the operation may have written, its rows are cut with a notice: an error would be untrue. So
 * it would be where a later statement of the text may commit what came before it.
 */
export function cutsWithError(run: Run): boolean {
  if (run.statements.length > 1 && run.operation.accesses.some(isOfTransaction)) return false
  const { verdict } = run.judgement
  const mode = verdict.effect === 'deny' ? 'error' : verdict.obligations.onMaxRows
  return mode === 'error' && run.operation.facts.readOnly
}

function isOfTransaction({ action }: Access): boolean {
  return action.startsWith('sql.transaction')
}

export function cutResponse(run: Run): Buffer {
  const { verdict } = run.judgement
  const limit = rowLimit(run) ?? 0
  return denialResponse({
    code: 'ROW_LIMIT',
    message: `The answer has more than ${limit} rows; it was cut there.`,
    ...(verdict.effect === 'deny' ? {} : verdict.obligations.limitedBy),
    hint: `Ask for at most ${limit} rows, with LIMIT or a narrower WHERE.`,
  })
}

function cutNotice(limit: number): Buffer {
  return notice(`The answer has more than ${limit} rows; it was cut there.`, 'ROW_LIMIT')
}

/** Tags that count what was sent; those of INSERT and its like count what was written. */
const SENT = /^(SELECT|FETCH|COPY) \d+$/

/** The command tag with the number of rows that the client really got. */
function recount(buffer: Buffer, start: number, end: number, rows: number): Buffer {
  const tag = new Reader(buffer, start + HEADER_BYTES, end, 'TARGET_PROTOCOL').cstring()
  return commandComplete(tag.replace(SENT, `$1 ${rows}`))
}

/** CopyOutResponse: overall format, then one format for each column. */
function readCopyColumns(buffer: Buffer, start: number, end: number): number {
  const reader = new Reader(buffer, start, end, 'TARGET_PROTOCOL')
  reader.byte()
  return reader.uint16()
}

/** A DataRow of one text. */
function rowOf(text: string): Buffer {
  const bytes = Buffer.from(text)
  return message(BACKEND.DataRow, int16(1), int32(bytes.length), bytes)
}

function copyDataMessage(bytes: Buffer): Passage {
  return bytes.length === 0 ? 'drop' : message(BACKEND.CopyData, bytes)
}
