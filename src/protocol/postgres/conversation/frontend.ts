import type { Denial } from '../../../core/denial.ts'
import { asChaperoneError } from '../../../core/errors.ts'
import type { Part } from '../../../session/shares.ts'
import { noMemory, outOfMemory } from '../../../session/shares.ts'
import type { Turn } from '../../../session/turns.ts'
import { Inbox } from '../../../wire/inbox.ts'
import type { Run } from '../judging/run.ts'
import { watchUnfinished } from '../judging/unfinished.ts'
import { FRONTEND, frontendMessageBytes, HEADER_BYTES } from '../messages/frame.ts'
import { FLUSH } from '../messages/message.ts'
import { protocolViolation } from '../messages/refusal.ts'
import type { Considered } from './consider.ts'
import { Considerer } from './consider.ts'
import type { Conversation } from './conversation.ts'
import { extendedMessage } from './extended.ts'
import { Gate } from './gate.ts'
import { Openings } from './openings.ts'
import { simpleMessage } from './simple.ts'
import type { Incoming, MessageContext, Step } from './step.ts'
import { DONE } from './step.ts'

/** Messages that the target may owe an answer to; each costs memory here, and few bytes there. */
const OWED_MAX = 4096

/** From the client to the target: every message is understood, judged and recorded, or refused. */
export class Frontend implements MessageContext {
  readonly c: Conversation
  readonly considerer: Considerer
  readonly gate: Gate
  readonly openings: Openings
  /** An operation with a row limit that its batch has not ended yet. */
  limited: Run | undefined
  readonly #inbox = new Inbox()
  #stall: (() => boolean) | undefined
  /** Bytes still to come of a CopyData that passes, or of a message that was too large. */
  #passLeft = 0
  #passBegins = false
  #skipLeft = 0
  #pumping = false
  /** Messages that were wholly there. */
  #messages = 0
  /** What has come and is not on its way to the target, or still on its way. */
  readonly #held: Part
  readonly #unfinished = watchUnfinished()
  readonly #turn: Turn

  constructor(conversation: Conversation) {
    this.c = conversation
    this.openings = new Openings(conversation)
    this.considerer = new Considerer(conversation, this.openings)
    this.gate = new Gate(conversation)
    this.#held = conversation.session.memory.part()
    this.#turn = conversation.parts.turns.open(conversation.session, () => this.pump())
    conversation.resume = () => this.pump()
    conversation.leave = () => this.gate.abandon('withdrawn')
  }

  push(chunk: Buffer): void {
    this.#inbox.push(chunk)
    this.pump()
  }

  /** Works through what has arrived until there is no more, or something must be waited for. */
  pump(): void {
    if (this.#pumping) return
    // An answer of the target mostly finds nothing to do.
    const idle = this.#inbox.bytes === 0 && this.c.outbox.messages === 0
    if (!idle && this.#turn.begin()) this.#takeTurn()
    this.#balance()
  }

  /** What happens between two turns is what may happen between two chunks, wherever they end. */
  #takeTurn(): void {
    let over = false
    this.#pumping = true
    try {
      while (!over && !this.c.ended && this.#mayGoOn() && this.#step()) over = this.#turn.isOver()
      if (!this.c.ended) this.c.outbox.flush()
    } catch (error) {
      this.c.fail(asChaperoneError(error, 'INTERNAL', 'The gateway failed on a message.'))
    } finally {
      this.#pumping = false
      this.#turn.end(over)
    }
  }

  #mayGoOn(): boolean {
    // Nothing may go into the middle of a message.
    if (this.#passLeft > 0) return true
    if (this.c.cancels.underWay) return false
    if (this.#stall === undefined && this.#isFull(OWED_MAX)) {
      if (this.c.batchOpen) this.c.forward(FLUSH, undefined)
      this.#stall = () => !this.#isFull(OWED_MAX / 2)
    }
    if (this.#stall === undefined) return true
    this.c.outbox.flush()
    if (!this.#stall()) return false
    this.#stall = undefined
    return true
  }

  /** A client that does not read its answers may not ask without end either. */
  #isFull(messagesMax: number): boolean {
    const { expects, outbox, parts } = this.c
    return expects.size + outbox.messages > messagesMax || outbox.bytes > parts.limits.aheadBytesMax
  }

  /**
   * A waiting client may send a little ahead, so that its going away is noticed, and no more. One that
   * stands in line is not heard, nor that it has said all it had to: what it said comes first.
   */
  #balance(): void {
    const { client, target, limits } = this.c.parts
    if (this.c.ended) return
    // In line there is no more than one chunk of it, which counts once it has been worked through.
    if (!this.#turn.inLine && !this.#account()) {
      this.c.fail(outOfMemory('What was sent and not taken yet'))
      return
    }
    const waits = this.#stall !== undefined || this.c.cancels.underWay
    const tooFar = waits && this.#inbox.bytes > limits.aheadBytesMax
    if (this.#turn.inLine || tooFar) client.pause()
    else if (!target.writableNeedDrain && client.isPaused()) client.resume()
  }

  /** False: more is held than there is room for. */
  #account(): boolean {
    return this.hasRoom(0)
  }

  hasRoom(more: number): boolean {
    const { outbox, names, parts } = this.c
    const sent = this.#inbox.bytes + outbox.bytes + parts.target.writableLength
    return this.#held.set(sent + names.bytes + parts.classifier.bytes + more)
  }

  /** After a policy change; see `Conversation.judgeAgain` of a governed session. */
  *judgeAgain(): Iterable<unknown> {
    this.gate.judgeHeld()
    yield true
    yield* this.c.judgeAgain()
  }

  /** True when a message has begun to come, and does not go on. */
  tooSlow(): boolean {
    const { clock, client } = this.c.parts
    const waits = this.#stall === undefined && this.#passLeft === 0 && !client.isPaused()
    const bytes = this.#inbox.bytes
    return this.#unfinished(
      clock.steady_ms(),
      waits && bytes > 0 ? { number: this.#messages, bytes } : undefined,
    )
  }

  /** One message, or the next piece of a large one; false when more bytes are needed. */
  #step(): boolean {
    const inbox = this.#inbox
    if (inbox.bytes === 0) return false
    if (this.#passLeft > 0) return this.#pass()
    if (this.#skipLeft > 0) return this.#skip()
    inbox.gather(Math.min(HEADER_BYTES, inbox.bytes))
    const bytes = frontendMessageBytes(inbox.buffer, inbox.at, inbox.at + inbox.contiguous)
    if (bytes === 0) return false
    const type = inbox.buffer[inbox.at]!
    if (type === FRONTEND.CopyData) return this.#copyData(bytes)
    if (bytes > this.#bytesMax(type)) return this.#unread(type, bytes, this.#tooLarge(type, bytes))
    if (!inbox.gather(bytes)) {
      return this.#account()
        ? false
        : this.#unread(type, bytes, noMemory(`A message of ${bytes} bytes`))
    }
    this.#messages++
    const start = inbox.at
    const end = start + bytes
    const buffer = inbox.buffer
    const step = this.#handle({
      type,
      buffer,
      body: start + HEADER_BYTES,
      end,
      bytes: buffer.subarray(start, end),
    })
    if (step.type === 'wait') {
      this.#stall = step.ready
      return true
    }
    this.#stall = step.ready
    inbox.consume(bytes)
    this.considerer.next()
    this.c.session.touch()
    return true
  }

  #handle(incoming: Incoming): Step {
    const { c } = this
    const { type } = incoming
    if (type === FRONTEND.Terminate) {
      c.end(undefined)
      return DONE
    }
    if (c.copyIn) return this.#duringCopy(incoming)
    if (type === FRONTEND.Sync) return this.#sync(incoming)
    // As the server does: what is left of a failed COPY, and of a failed batch, is ignored.
    if (type === FRONTEND.CopyDone || type === FRONTEND.CopyFail || c.skipToSync) return DONE
    if (type === FRONTEND.Flush) {
      c.forward(incoming.bytes, undefined)
      return DONE
    }
    if (this.limited !== undefined) return this.#settleLimited()
    if (c.namesUncertain) return this.#settle(() => !c.namesUncertain)
    if (c.batchOpen && isAlone(type)) {
      if (!c.quiet) return this.#settle(() => c.quiet)
      if (c.targetSkips) return DONE
    }
    return simpleMessage(this, incoming) ?? extendedMessage(this, incoming) ?? unknownMessage()
  }

  /** Forwards, in place of a refused message, what makes the target fail; see Conversation.refuse. */
  refuse(considered: Exclude<Considered, { type: 'go' }>, alone: boolean): Step {
    if (considered.type === 'wait') return considered
    this.gate.abandon('superseded')
    if (considered.skip === true) this.c.skipToSync = true
    else this.c.refuse(considered.response, alone)
    return DONE
  }

  #sync({ bytes }: Incoming): Step {
    const { c } = this
    c.forward(bytes, { type: 'sync', hidden: false })
    c.nextBatch()
    if (this.limited === undefined) return DONE
    this.limited = undefined
    return { type: 'done', ready: () => c.quiet && !c.cancels.underWay }
  }

  /**
   * Something follows an operation with a row limit in its batch. It must not reach the target
   * before it is known whether the limit was met, or the target would run what the client believes
   * skipped.
   */
  #settleLimited(): Step {
    const { c } = this
    c.forward(FLUSH, undefined)
    this.limited = undefined
    return { type: 'wait', ready: () => c.quiet && !c.cancels.underWay }
  }

  /** What follows depends on how the target answers what it has: it is asked to, and waited for. */
  #settle(ready: () => boolean): Step {
    if (this.c.batchOpen) this.c.forward(FLUSH, undefined)
    return { type: 'wait', ready }
  }

  // COPY from the client

  #duringCopy({ type, bytes }: Incoming): Step {
    const { c } = this
    if (type === FRONTEND.Flush || type === FRONTEND.Sync) return DONE
    if (type !== FRONTEND.CopyDone && type !== FRONTEND.CopyFail) {
      throw protocolViolation('The client sent something else than COPY data.')
    }
    c.forward(bytes, undefined)
    c.copyIn = false
    const head = c.expects.head
    // In the extended protocol the target would keep its answer back until Sync, which waits for it.
    if (head?.type === 'execute') c.forward(FLUSH, undefined)
    return { type: 'done', ready: () => c.copyIn || c.expects.head !== head }
  }

  #copyData(bytes: number): boolean {
    if (this.c.copyIn) {
      this.#passLeft = bytes
      this.#passBegins = true
    } else this.#skipLeft = bytes
    return true
  }

  #pass(): boolean {
    const inbox = this.#inbox
    const count = Math.min(this.#passLeft, inbox.contiguous)
    const bytes = inbox.buffer.subarray(inbox.at, inbox.at + count)
    this.c.forwardPiece(bytes, { first: this.#passBegins, last: count === this.#passLeft })
    inbox.consume(count)
    this.#passBegins = false
    this.#passLeft -= count
    this.c.session.touch()
    return true
  }

  // Messages over their bound

  #skip(): boolean {
    const inbox = this.#inbox
    const count = Math.min(this.#skipLeft, inbox.contiguous)
    inbox.consume(count)
    this.#skipLeft -= count
    return true
  }

  #bytesMax(type: number): number {
    const { limits } = this.c.parts
    return type === FRONTEND.Bind ? limits.bindBytesMax : limits.statementBytesMax
  }

  #tooLarge(type: number, bytes: number): Denial {
    return {
      code: 'SQL_TOO_LARGE',
      message: `A message of ${bytes} bytes is too large to inspect; the bound is ${this.#bytesMax(type)}.`,
      hint: 'Send large values as parameters, or with COPY.',
    }
  }

  /** Refused like any other message, and its bytes are thrown away as they come. */
  #unread(type: number, bytes: number, denial: Denial): boolean {
    const { c } = this
    if (c.copyIn) throw protocolViolation('The client sent something else than COPY data.')
    const alone = isAlone(type)
    if (alone && c.batchOpen && !c.skipToSync && !c.quiet) {
      c.forward(FLUSH, undefined)
      this.#stall = () => c.quiet
      return true
    }
    this.#skipLeft = bytes
    if (c.skipToSync || (alone && c.batchOpen && c.targetSkips)) return true
    const refused = this.considerer.denyUnread(denial)
    if (refused.type === 'refuse') c.refuse(refused.response, alone)
    return true
  }
}

/** Messages that are a batch of their own, unless the target is skipping to the next Sync. */
function isAlone(type: number): boolean {
  return type === FRONTEND.Query || type === FRONTEND.FunctionCall
}

function unknownMessage(): never {
  throw protocolViolation('The client sent a message that has no place here.')
}
