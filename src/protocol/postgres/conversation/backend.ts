import { asChaperoneError, ChaperoneError } from '../../../core/errors.ts'
import type { Part } from '../../../session/shares.ts'
import { outOfMemory } from '../../../session/shares.ts'
import type { Lease } from '../../../upstream/reads.ts'
import { Inbox } from '../../../wire/inbox.ts'
import { coalesce } from '../../../wire/slices.ts'
import { BACKEND, HEADER_BYTES, messageBytes } from '../messages/frame.ts'
import { Answers } from './answers.ts'
import type { Conversation } from './conversation.ts'

/** A message that came in part is copied up to here, so that its chunk's memory can be read into. */
const REST_BYTES_MAX = 4096

/**
 * From the target to the client. Runs of messages that pass unchanged go on as one slice; rows are
 * looked at one by one only where a mask or a limit asks for it.
 */
export class Backend {
  readonly #c: Conversation
  readonly #inbox = new Inbox()
  readonly #answers: Answers
  #out: Buffer[] = []
  /** Where the run of passing messages starts in the inbox's buffer; -1 when there is none. */
  #runStart = -1
  /** Bytes still to come of a large message that passes, or is dropped. */
  #passLeft = 0
  #dropLeft = 0
  /** What the target has sent and the client has not taken. */
  readonly #held: Part

  constructor(conversation: Conversation) {
    this.#c = conversation
    this.#held = conversation.session.memory.part()
    this.#answers = new Answers(conversation)
  }

  /** With a `lease`, the chunk's memory is given back as soon as nothing of it is in use. */
  push(chunk: Buffer, lease?: Lease): void {
    this.#inbox.push(chunk)
    try {
      while (!this.#c.ended && this.#step());
      this.#closeRun()
      const handsOn = this.#out.length > 0
      this.#write()
      if (lease !== undefined) lease.kept = this.#keeps(handsOn)
      this.#account()
    } catch (error) {
      this.#closeRun()
      this.#write()
      this.#c.fail(asChaperoneError(error, 'INTERNAL', 'The gateway failed on an answer.'))
      return
    }
    this.#c.resume()
  }

  #account(): void {
    if (this.#c.ended) return
    const { client } = this.#c.parts
    if (!this.#held.set(this.#inbox.bytes + client.writableLength)) {
      throw outOfMemory('The answer')
    }
  }

  /** The client has taken what was written to it. */
  drained(): void {
    this.#account()
  }

  #keeps(handsOn: boolean): boolean {
    if (handsOn && this.#c.parts.client.writableLength > 0) return true
    return !this.#inbox.own(REST_BYTES_MAX)
  }

  #step(): boolean {
    const inbox = this.#inbox
    if (inbox.bytes === 0) return false
    if (this.#passLeft > 0) return this.#passPiece()
    if (this.#dropLeft > 0) return this.#dropPiece()
    if (inbox.contiguous < HEADER_BYTES && inbox.bytes > inbox.contiguous)
      this.#gather(HEADER_BYTES)
    const end = inbox.at + inbox.contiguous
    const bytes = messageBytes(inbox.buffer, inbox.at, end, 'TARGET_PROTOCOL')
    if (bytes === 0) return false
    const type = inbox.buffer[inbox.at]!
    if (bytes > inbox.contiguous) {
      if (this.#isData(type)) {
        const passage = this.#answers.unreadData(type, bytes)
        if (passage !== undefined) return this.#stream(passage, bytes)
      }
      if (bytes > this.#c.parts.limits.maskedRowBytesMax) throw tooLarge()
      if (!this.#gather(bytes)) return false
    }
    const start = inbox.at
    const passage = this.#answers.answer(type, inbox.buffer, start, start + bytes)
    if (passage === 'written') {
      if (this.#runStart >= 0) this.#closeRun()
    } else {
      // Rows that were written came before it.
      this.#c.rows.takeInto(this.#out)
      if (passage === 'pass') {
        if (this.#runStart < 0) this.#runStart = start
      } else {
        this.#closeRun()
        if (passage !== 'drop') this.#out.push(passage)
      }
    }
    this.#consume(bytes)
    return true
  }

  #isData(type: number): boolean {
    return type === BACKEND.DataRow || type === BACKEND.CopyData
  }

  #stream(passage: 'pass' | 'drop', bytes: number): boolean {
    this.#c.rows.takeInto(this.#out)
    this.#closeRun()
    if (passage === 'pass') this.#passLeft = bytes
    else this.#dropLeft = bytes
    return true
  }

  #passPiece(): boolean {
    const inbox = this.#inbox
    const count = Math.min(this.#passLeft, inbox.contiguous)
    this.#out.push(inbox.buffer.subarray(inbox.at, inbox.at + count))
    this.#passLeft -= count
    inbox.consume(count)
    return true
  }

  #dropPiece(): boolean {
    const count = Math.min(this.#dropLeft, this.#inbox.contiguous)
    this.#dropLeft -= count
    this.#inbox.consume(count)
    return true
  }

  #gather(bytes: number): boolean {
    this.#closeRun()
    return this.#inbox.gather(bytes)
  }

  /** Consuming the last byte of a buffer moves the inbox to its next one, so a run ends there. */
  #consume(bytes: number): void {
    const inbox = this.#inbox
    if (inbox.contiguous === bytes && this.#runStart >= 0) {
      this.#out.push(inbox.buffer.subarray(this.#runStart, inbox.at + bytes))
      this.#runStart = -1
    }
    inbox.consume(bytes)
  }

  #closeRun(): void {
    if (this.#runStart < 0) return
    this.#out.push(this.#inbox.buffer.subarray(this.#runStart, this.#inbox.at))
    this.#runStart = -1
  }

  #write(): void {
    this.#c.rows.takeInto(this.#out)
    if (this.#out.length === 0) return
    const out = coalesce(this.#out)
    this.#out = []
    const { client, target } = this.#c.parts
    if (this.#c.ended) return
    this.#c.midMessage = this.#passLeft > 0
    if (!this.#c.midMessage) out.push(...this.#c.takeAsides())
    if (out.length > 1) client.cork()
    let open = true
    for (const slice of out) open = client.write(slice)
    if (out.length > 1) client.uncork()
    if (!open) target.pause()
  }
}

function tooLarge(): ChaperoneError {
  return new ChaperoneError(
    'MESSAGE_TOO_LARGE',
    'A row that must be masked is too large to hold.',
    {
      hint: 'Read the column in pieces, or leave it out.',
    },
  )
}
