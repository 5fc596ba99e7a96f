import { randomBytes } from 'node:crypto'
import type { Code } from '../../../core/codes.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import { endOfChange } from '../../../session/change.ts'
import type { GovernedSession, Judgement } from '../../../session/governed.ts'
import { Outbox } from '../../../session/outbox.ts'
import { Fifo } from '../../../wire/fifo.ts'
import { closeSoon, whenClosed } from '../../../wire/linger.ts'
import type { Piece } from '../../../wire/pieces.ts'
import { Pieces } from '../../../wire/pieces.ts'
import { coalesce } from '../../../wire/slices.ts'
import { Cancels } from '../judging/cancels.ts'
import type { Run } from '../judging/run.ts'
import { endRun } from '../judging/run.ts'
import { RowBuffer } from '../masking/row-buffer.ts'
import { Descriptions } from '../messages/descriptions.ts'
import type { FieldDescription, TransactionStatus } from '../messages/message.ts'
import { execute, SYNC, TERMINATE } from '../messages/message.ts'
import { denialResponse, fatalResponse } from '../messages/refusal.ts'
import type { ConversationParts } from './conversation-parts.ts'
import { Executing } from './executing.ts'
import type { Expectation, Outgoing } from './expectation.ts'
import { mayChangeNames, operationRead } from './expectation.ts'
import { SessionNames } from './session-names.ts'

interface Passing {
  readonly judgement: Judgement
  /** Of the statement in its text: another one may be described alike and mean something else. */
  readonly index: number
  readonly epoch: number
}

/**
 * What both directions of one governed connection share: the sockets, what the target owes, the
 * session's names, and the ways to forward, to refuse and to end.
 */
export class Conversation {
  readonly parts: ConversationParts
  readonly session: GovernedSession
  readonly expects = new Fifo<Expectation>()
  readonly names: SessionNames
  readonly outbox: Outbox<Outgoing>
  readonly cancels: Cancels
  readonly executing: Executing
  /** As the target last told it. */
  status: TransactionStatus = 'I'
  /** Counts batches: what ends with a Sync, or a Query. */
  batch = 0
  /** Something was forwarded since the last Sync. */
  batchOpen = false
  /** A refusal or an error makes the target skip to the next Sync, and so do we. */
  skipToSync = false
  copyIn = false
  ended = false
  /** The target has said goodbye in its own words. */
  fatal = false
  /** An error was met, and the Sync that ends its batch has not been sent: the target ignores the rest. */
  targetSkips = false
  /** Descriptions whose rows pass unread, under one judgement and one view of the catalog. */
  readonly passes = new WeakMap<readonly FieldDescription[], Passing>()
  readonly descriptions = new Descriptions()
  /** Rows that were masked, on their way to the client. */
  readonly rows = new RowBuffer()
  /** Called whenever something that a stalled client may wait for has changed. */
  resume: () => void = () => {}
  /** Called when the session ends, while its trail is still open. */
  leave: () => void = () => {}
  /** The client has had a part of a message: nothing else may be said to it before the rest. */
  midMessage = false
  #asides: Buffer[] = []
  readonly #pieces = new Pieces()
  /** What was forwarded, is not answered, and may change what names stand for. */
  #changing = 0
  #poison = poison()

  constructor(parts: ConversationParts) {
    this.parts = parts
    this.session = parts.session
    this.executing = new Executing(parts)
    this.names = new SessionNames(parts, {
      gone: (run) => this.finish(run, run.rows > 0 ? 'success' : 'skipped'),
      tell: (bytes) => this.toClient(bytes),
    })
    this.cancels = new Cancels(
      () => parts.cancelTarget(),
      () => this.resume(),
    )
    this.outbox = new Outbox(parts.recorder, {
      release: (batch) => this.#release(batch),
      refuse: (batch, error) => this.#recordFailed(batch, error),
    })
  }

  now_ms(): number {
    return this.parts.clock.now_ms()
  }

  /** True when nothing is under way: the target owes nothing and nothing waits to go. */
  get quiet(): boolean {
    return this.expects.size === 0 && this.outbox.clear
  }

  /** True while what names stand for depends on how the target answers what it has been sent. */
  get namesUncertain(): boolean {
    return this.#changing > 0
  }

  forward(bytes: Buffer, expects: Expectation | undefined, gated = false): void {
    if (expects !== undefined) {
      expects.changesNames = mayChangeNames(expects, this.parts.classifier.provisional)
      if (expects.changesNames) this.#changing++
      const operation = operationRead(expects)
      if (operation !== undefined) expects.arrived = this.parts.traffic.enter(operation)
    }
    this.outbox.add({ bytes, expects, gated })
  }

  /** COPY data, which has no bound and is not looked into. */
  forwardPiece(bytes: Buffer, piece: Piece): void {
    this.outbox.add({ bytes, expects: undefined, gated: false, piece })
  }

  /**
   * Forwards, in place of a refused message, one that must fail: the target itself then fails the
   * transaction and skips the rest of the batch, so both sides agree whatever was pipelined. The
   * client gets `refusal` in place of the target's error. `alone`: nothing else will end the batch.
   */
  refuse(refusal: Buffer, alone: boolean): void {
    this.forward(this.#poison, { type: 'poison', refusal })
    if (alone) {
      this.forward(SYNC, { type: 'sync', hidden: false })
      this.nextBatch()
    } else {
      this.batchOpen = true
      this.skipToSync = true
    }
  }

  nextBatch(): void {
    this.batch++
    this.batchOpen = false
    this.skipToSync = false
  }

  /** Says something of the gateway's own, at once or behind the message that is on its way. */
  toClient(bytes: Buffer): void {
    if (this.ended) return
    if (this.midMessage) this.#asides.push(bytes)
    else this.parts.client.write(bytes)
  }

  takeAsides(): Buffer[] {
    const asides = this.#asides
    this.#asides = []
    return asides
  }

  #release(batch: readonly Outgoing[]): void {
    if (this.ended) return
    const idle = this.expects.size === 0
    const bytes: Buffer[] = []
    for (const item of batch) if (this.#expect(item)) bytes.push(item.bytes)
    if (idle && this.expects.size > 0) this.session.busy(1)
    this.#write(bytes)
    this.resume()
  }

  /** False for what the target would ignore. */
  #expect({ expects, piece }: Outgoing): boolean {
    if (piece !== undefined) return this.#pieces.goes(piece, this.targetSkips)
    if (this.targetSkips && expects?.type !== 'sync') {
      if (expects !== undefined) this.#discard(expects)
      return false
    }
    this.targetSkips = false
    if (expects !== undefined) this.expects.push(expects)
    return true
  }

  #write(buffers: Buffer[]): void {
    const { target, client } = this.parts
    const slices = coalesce(buffers)
    if (slices.length > 1) target.cork()
    let open = true
    for (const slice of slices) open = target.write(slice)
    if (slices.length > 1) target.uncork()
    if (!open) client.pause()
  }

  /** None of the gated messages may go; each batch in it fails at its first one. */
  #recordFailed(batch: readonly Outgoing[], error: ChaperoneError): void {
    const refusal = denialResponse({
      code: error.code,
      message: 'The operation cannot be recorded, so it was not run.',
      hint: error.hint ?? 'Try again when the gateway can write its records.',
    })
    const allowed: Outgoing[] = []
    let skipping = false
    for (const item of batch) {
      const { expects } = item
      if (expects?.type === 'sync') skipping = false
      if (!skipping && !item.gated) {
        allowed.push(item)
        continue
      }
      if (expects !== undefined) this.#unrecorded(expects, error.code)
      if (skipping) continue
      allowed.push({ bytes: this.#poison, expects: { type: 'poison', refusal }, gated: false })
      if (expects?.type === 'query' || expects?.type === 'call') {
        allowed.push({ bytes: SYNC, expects: { type: 'sync', hidden: false }, gated: false })
      } else {
        skipping = true
      }
    }
    // Where more is on its way, the batch that is open now may be another one.
    if (skipping && this.batchOpen && this.outbox.clear) this.skipToSync = true
    this.#release(allowed)
  }

  /** Where its intent is in the records after all, the outcome says that it did not run. */
  #unrecorded(expects: Expectation, code: Code): void {
    if ('run' in expects && expects.run !== undefined) {
      endRun(expects.run, this.session, this.now_ms(), 'refused', code)
    }
    this.#discard(expects)
  }

  /** For what never came to be expected. */
  #discard(expects: Expectation): void {
    if (expects.changesNames === true) this.#changing--
    expects.arrived?.()
    this.drop(expects)
  }

  /** Makes the target's open transaction fail, in a batch that the client does not see begin. */
  failTransaction(): void {
    this.forward(this.#poison, { type: 'poison', refusal: Buffer.alloc(0) })
    this.forward(SYNC, { type: 'sync', hidden: false })
    this.outbox.flush()
  }

  /** Undoes what an expectation would have changed, since it will not be met. */
  drop(expects: Expectation): void {
    this.names.abandon(expects)
    if (expects.type === 'question') expects.question.state = 'failed'
    if ('run' in expects) this.finish(expects.run, 'skipped')
  }

  finish(run: Run, result: Parameters<typeof endRun>[3], error?: string): void {
    if (run.over) return
    this.session.meter.operationDone((this.now_ms() - run.startedAt_ms) / 1000)
    this.session.meter.bytes(0, run.bytes)
    endRun(run, this.session, this.now_ms(), result, error)
  }

  /** Takes the head off, once it is answered. */
  answered(): void {
    const expects = this.expects.shift()
    if (expects !== undefined) this.executing.answered(expects)
    if (expects?.changesNames === true) this.#changing--
    expects?.arrived?.()
    if (this.expects.size === 0) this.session.busy(-1)
  }

  /** Ends the session over an error of a peer, or of ours. */
  fail(error: ChaperoneError): void {
    this.parts.log.warn('session.failed', { session: this.session.id, code: error.code })
    this.end(error)
  }

  /**
   * Ends both sides. The client is told `why`, unless it is in the middle of a message, or has been
   * told by the target.
   */
  end(why: { code: Code; message: string; hint?: string | undefined } | undefined): void {
    if (this.ended) return
    const { client, target, session } = this.parts
    if (why !== undefined && !this.midMessage && !this.fatal) {
      client.write(fatalResponse({ code: why.code, message: why.message, hint: why.hint }))
    }
    this.ended = true
    this.#leaveTraffic()
    this.leave()
    this.#endRuns(why?.code)
    client.end()
    if (this.#pieces.unfinished) target.end()
    else target.end(TERMINATE)
    closeSoon(client, target)
    session.close(why ?? {})
    this.resume()
  }

  /** What is under way may be done all the same, until the target is gone. */
  #leaveTraffic(): void {
    const { target, classifier, traffic } = this.parts
    const unheard = this.namesUncertain || classifier.provisional
    whenClosed(target, () => {
      if (unheard) classifier.catalogChanged(true)
      traffic.leave()
    })
  }

  #endRuns(code: Code | undefined): void {
    const under = this.expects.drain()
    for (const expects of under) if ('run' in expects) this.finish(expects.run, 'lost', code)
    for (const { expects } of this.outbox.abandon()) {
      if (expects !== undefined && 'run' in expects) this.finish(expects.run, 'skipped', code)
    }
    this.names.transactionOver()
    if (under.some((expects) => 'run' in expects)) {
      this.parts.cancelTarget().catch(() => {})
    }
  }

  /** After a policy change, of each thing that is under way: would it now be allowed? */
  *judgeAgain(): Iterable<void> {
    const waiting = this.outbox.pending().map(({ expects }) => expects)
    for (const expects of [...this.expects.pending(), ...waiting]) {
      if (expects === undefined || !('run' in expects) || expects.run.over) continue
      const { operation, text, judgement } = expects.run
      const now = this.session.judge(operation, text)
      const why = endOfChange(operation, judgement.verdict, now.verdict)
      yield why === undefined ? undefined : this.end(why)
    }
  }
}

/**
 * Executes a portal that cannot exist: its name is unguessable, or a client could bind it.
 */
function poison(): Buffer {
  return execute(`refused by chaperone ${randomBytes(16).toString('hex')}`)
}
