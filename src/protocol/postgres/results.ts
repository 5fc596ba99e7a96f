import { ChaperoneError } from '../../core/errors.ts'
import type { Passage } from './backend.ts'
import type { Conversation } from './conversation.ts'
import { BACKEND, HEADER_BYTES } from './frame.ts'
import type { CopyMasker } from './copy-rows.ts'
import { copyMaskerFor, rowMaskerFor } from './maskers.ts'
import type { FieldDescription, TransactionStatus } from './message.ts'
import { commandComplete } from './message.ts'
import { Reader } from './reader.ts'
import { denialResponse, notice } from './refusal.ts'
import type { RowMasker } from './rows.ts'
import type { Run } from './run.ts'
import { rowLimit } from './run.ts'
import { message } from './writer.ts'

/** Rows on their way to the client: counted, cut at the limit, masked. */
export class Results {
  readonly #c: Conversation
  #run: Run | undefined
  #index = -1
  #limit = Infinity
  #masker: RowMasker | undefined
  /** Set while a COPY comes in; without a masker its data passes. */
  #copy: { readonly masker: CopyMasker | undefined } | undefined
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
    if (run !== this.#run || run.index !== this.#index) this.#prepare(run, fields)
    run.rows++
    run.bytes += end - start
    if (run.rows > this.#limit) return this.#overLimit(run)
    if (this.#masker === undefined) return 'pass'
    return this.#masker.maskDataRow(buffer.subarray(start + HEADER_BYTES, end))
  }

  /** A new description: the next row is looked at afresh. */
  begin(run: Run): void {
    if (this.#run === run) this.#index = -1
  }

  hidesDescription(run: Run): boolean {
    return this.#cut === run
  }

  /** Data too large to collect passes unread where no mask asks for it. */
  unread(run: Run, type: number, bytes: number): 'pass' | 'drop' | undefined {
    const known = run === this.#run && run.index === this.#index
    const copying = type === BACKEND.CopyData
    if (copying ? this.#copy?.masker !== undefined : !known || this.#masker !== undefined) {
      return undefined
    }
    run.rows++
    run.bytes += bytes
    return run.rows > this.#limit ? this.#overLimit(run) : 'pass'
  }

  #prepare(run: Run, fields: readonly FieldDescription[] | undefined): void {
    this.#run = run
    this.#index = run.index
    this.#limit = rowLimit(run) ?? Infinity
    this.#masker = rowMaskerFor(this.#c, run, fields)
  }

  // COPY to the client

  copyOut(run: Run, buffer: Buffer, start: number, end: number): Passage {
    this.#limit = rowLimit(run) ?? Infinity
    this.#run = run
    this.#index = run.index
    const columns = readCopyColumns(buffer, start + HEADER_BYTES, end)
    this.#copy = { masker: copyMaskerFor(this.#c, run, columns) }
    return 'pass'
  }

  copyData(run: Run, buffer: Buffer, start: number, end: number): Passage {
    const copy = this.#copy
    if (copy === undefined) throw new ChaperoneError('TARGET_PROTOCOL', 'COPY data without COPY.')
    run.rows++
    run.bytes += end - start
    if (run.rows > this.#limit) return this.#overLimit(run)
    if (copy.masker === undefined) return 'pass'
    return copyDataMessage(copy.masker.push(buffer.subarray(start + HEADER_BYTES, end)))
  }

  copyDone(run: Run): Passage {
    const masker = this.#copy?.masker
    const rest = masker?.end()
    if (masker !== undefined) run.masked = [...(run.masked ?? []), ...masker.masked()]
    this.#copy = undefined
    if (this.#cut === run) return 'drop'
    if (rest === undefined || rest.length === 0) return 'pass'
    return Buffer.concat([copyDataMessage(rest) as Buffer, message(BACKEND.CopyDone)])
  }

  // The row limit

  #overLimit(run: Run): 'drop' {
    if (!run.limitReached) {
      run.limitReached = true
      run.rows--
      if (cutsWithError(run)) this.#c.cancelTarget()
    } else {
      run.rows--
    }
    return 'drop'
  }

  complete(run: Run, buffer: Buffer, start: number, end: number): Passage {
    if (this.#masker !== undefined && run === this.#run) {
      run.masked = [...(run.masked ?? []), ...this.#masker.masked()]
    }
    if (this.#cut === run) return 'drop'
    if (!run.limitReached) return 'pass'
    const limit = this.#limit
    this.#limit = Infinity
    if (!cutsWithError(run)) {
      return Buffer.concat([cutNotice(limit), recount(buffer, start, end, limit)])
    }
    const c = this.#c
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
    this.#run = undefined
    this.#masker = undefined
    this.#copy = undefined
  }
}

/** Where the operation may have written, its rows are cut with a notice: an error would be untrue. */
export function cutsWithError(run: Run): boolean {
  const { verdict } = run.judgement
  const mode = verdict.effect === 'deny' ? 'error' : verdict.obligations.onMaxRows
  return mode === 'error' && run.operation.facts.readOnly
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

/** The command tag with the number of rows that the client really got. */
function recount(buffer: Buffer, start: number, end: number, rows: number): Buffer {
  const tag = new Reader(buffer, start + HEADER_BYTES, end, 'TARGET_PROTOCOL').cstring()
  return commandComplete(tag.replace(/\d+$/, String(rows)))
}

/** CopyOutResponse: overall format, then one format for each column. */
function readCopyColumns(buffer: Buffer, start: number, end: number): number {
  const reader = new Reader(buffer, start, end, 'TARGET_PROTOCOL')
  reader.byte()
  return reader.uint16()
}

function copyDataMessage(bytes: Buffer): Passage {
  return bytes.length === 0 ? 'drop' : message(BACKEND.CopyData, bytes)
}
