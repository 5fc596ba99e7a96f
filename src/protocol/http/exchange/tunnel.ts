import type { Socket } from 'node:net'
import type { Code } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import { asChaperoneError } from '../../../core/errors.ts'
import { sayFarewell } from '../../../listen/farewell.ts'
import type { Recorder } from '../../../record/lines/trail.ts'
import type { Part, Share } from '../../../session/shares.ts'
import { Gathered } from '../../../wire/gathered.ts'
import { JoinedWrites } from '../../../wire/joined-writes.ts'
import type { TunnelGuard } from '../api.ts'
import type { Frame } from '../codec/websocket.ts'
import { closeFrame, FrameReader, OPCODE } from '../codec/websocket.ts'
import type { Deadline, Deadlines } from '../deadlines.ts'
import { paced } from '../deadlines.ts'
import { memoryUsedUp, targetViolation, tooSlow, violation } from '../failure.ts'
import { TYPED_BYTES_MAX, TYPED_EVERY_MS } from '../limits.ts'
import type { TargetConnection } from '../target/connection.ts'
import type { Transcript } from './transcript.ts'

export interface TunnelParts {
  readonly client: Socket
  /** What the client sent behind its request. */
  readonly ahead: Buffer
  readonly target: TargetConnection
  readonly guard: TunnelGuard
  readonly transcript: Transcript
  readonly recorder: Pick<Recorder, 'fault' | 'afterCommit'>
  /** Why nothing more may be recorded of the agent, if so. */
  readonly unrecordable: () => Denial | undefined
  readonly deadlines: Deadlines
  /** Of the agent's memory. */
  readonly memory: Share
  /** Over, and all of it is recorded. */
  closed(end: TunnelEnd): void
}

/** Neither: one side just closed. */
export interface TunnelEnd {
  readonly refusal?: Denial | ChaperoneError
  /** Its session ended. */
  readonly lostBy?: Code
}

const WHOLE = 'Send each message as one frame (RFC 6455), without extensions.'
const POLICY_VIOLATION = 1008
const GOING_AWAY = 1001

/**
 * An upgraded connection: every frame is read, judged by the API's guard, and goes on as it came. What
 * the client typed goes on when its record is written, and what comes meanwhile goes on together.
 */
export class Tunnel {
  readonly #parts: TunnelParts
  readonly #fromClient = new FrameReader({
    masked: true,
    fragments: false,
    violation: (what) => violation(what, WHOLE),
  })
  readonly #fromTarget = new FrameReader({
    masked: false,
    fragments: true,
    violation: targetViolation,
  })
  #binary = { client: false, target: false }
  readonly #toTarget: JoinedWrites
  readonly #toClient: JoinedWrites
  readonly #held: { readonly client: Part; readonly target: Part }
  readonly #deadline: Deadline
  /** Frames that were judged and have not gone on. */
  readonly #typed = new Gathered()
  /** The record of what goes on next is being written. */
  #committing = false
  #recorded_ms = -Infinity
  #soon: NodeJS.Timeout | undefined
  #ending = false
  #over = false
  bytesIn = 0
  bytesOut = 0

  constructor(parts: TunnelParts) {
    this.#parts = parts
    const { client, target, deadlines, memory } = parts
    this.#toTarget = new JoinedWrites(target.socket, () => this.#readOn())
    this.#toClient = new JoinedWrites(client, () => target.socket.resume())
    this.#held = { client: memory.part(), target: memory.part() }
    this.#deadline = { due_ms: Infinity, overdue: () => this.#refuse(tooSlow(SLOW_FRAME)) }
    deadlines.add(this.#deadline)
  }

  start(): void {
    const { client, target, ahead } = this.#parts
    client.on('data', (chunk: Buffer) => this.#clientSays(chunk))
    client.once('end', () => this.#clientEnds())
    client.once('close', () => this.#clientEnds())
    target.tunnel(
      (chunk) => this.#targetSays(chunk),
      () => this.#end(),
    )
    if (ahead.length > 0) this.#clientSays(ahead)
    client.resume()
  }

  /** The session has ended: both sides hear of it at once. */
  stop(lostBy: Code): void {
    this.#close(GOING_AWAY, lostBy, { lostBy })
  }

  #clientSays(chunk: Buffer): void {
    if (this.#over) return
    this.bytesIn += chunk.length
    this.#guarded(() => {
      this.#fromClient.push(chunk, (frame) => {
        if (this.#over) return
        const refusal = this.#parts.recorder.fault ?? this.#judge(frame, 'client')
        if (refusal === undefined) this.#typed.add(frame.bytes)
        else this.#refuse(refusal)
      })
      this.#count(chunk.length)
    })
    this.#passOn()
  }

  /** A frame that does not end may lag as a body may. */
  #count(bytes: number): void {
    const unfinished = this.#fromClient.held
    const now_ms = this.#parts.deadlines.now_ms()
    this.#deadline.due_ms =
      unfinished === 0 ? Infinity : paced(this.#deadline.due_ms, bytes, now_ms)
    if (!this.#held.client.set(unfinished + this.#typed.held)) throw memoryUsedUp()
  }

  // What was typed, on its way into the records and to the target

  #passOn(): void {
    if (this.#over || this.#typed.length === 0) return
    if (this.#typed.length >= TYPED_BYTES_MAX) this.#parts.client.pause()
    if (this.#committing || this.#soon !== undefined) return
    const waited_ms = this.#parts.deadlines.now_ms() - this.#recorded_ms
    const isDue = waited_ms >= TYPED_EVERY_MS || this.#typed.length >= TYPED_BYTES_MAX
    if (isDue || !this.#parts.transcript.begun) this.#release()
    else this.#soon = setTimeout(() => this.#release(), TYPED_EVERY_MS - waited_ms)
  }

  #release(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
    if (this.#over) return
    this.#guarded(() => {
      const refusal = this.#parts.guard.passes?.()
      if (refusal !== undefined) return this.#refuse(refusal)
      const bytes = this.#typed.take()
      if (!this.#parts.transcript.flush()) return this.#goesOn(bytes)
      this.#committing = true
      this.#recorded_ms = this.#parts.deadlines.now_ms()
      this.#parts.recorder.afterCommit({
        committed: () => {
          this.#committing = false
          this.#goesOn(bytes)
          this.#passOn()
        },
        failed: (error) => this.#refuse(error),
      })
    })
  }

  #goesOn(bytes: Buffer): void {
    if (this.#over) return
    const isOpen = this.#toTarget.write(bytes)
    if (!isOpen) this.#parts.client.pause()
    else this.#readOn()
    if (this.#ending && this.#typed.length === 0) this.#end()
  }

  #readOn(): void {
    if (!this.#over && this.#typed.length < TYPED_BYTES_MAX) this.#parts.client.resume()
  }

  /** What it said last still goes on. */
  #clientEnds(): void {
    if (this.#typed.length === 0 && !this.#committing) return this.#end()
    this.#ending = true
    if (!this.#committing) this.#release()
  }

  // What the target says

  #targetSays(chunk: Buffer): void {
    if (this.#over) return
    this.bytesOut += chunk.length
    this.#guarded(() => {
      const shown = new Gathered(chunk.length + this.#fromTarget.held)
      this.#fromTarget.push(chunk, (frame) => {
        if (this.#over) return
        const refusal = this.#judge(frame, 'target')
        if (refusal === undefined) shown.add(frame.bytes)
        else this.#refuse(refusal)
      })
      if (!this.#held.target.set(this.#fromTarget.held)) throw memoryUsedUp()
      if (this.#over || shown.length === 0) return
      if (!this.#toClient.write(shown.take())) this.#parts.target.socket.pause()
    })
  }

  /** Pings, pongs and closings carry nothing of an API. */
  #judge({ opcode, payload }: Frame, from: 'client' | 'target'): Denial | undefined {
    if (opcode >= OPCODE.close) return undefined
    const usedUp = this.#parts.unrecordable()
    if (usedUp !== undefined) return usedUp
    const first = opcode !== OPCODE.continuation
    if (first) this.#binary[from] = opcode === OPCODE.binary
    const message = { binary: this.#binary[from], payload, first }
    const { guard } = this.#parts
    return from === 'client' ? guard.fromClient(message) : guard.fromTarget(message)
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#refuse(asChaperoneError(error, 'INTERNAL', 'The message could not be judged.'))
    }
  }

  #refuse(refusal: Denial | ChaperoneError): void {
    this.#close(POLICY_VIOLATION, refusal.code, { refusal })
  }

  #close(code: number, reason: string, end: TunnelEnd): void {
    if (this.#over) return
    this.#toClient.flush()
    sayFarewell(this.#parts.client, closeFrame(code, reason))
    this.#ended(end)
  }

  /** One side has closed: the other is, too, once it has what was written. */
  #end(): void {
    if (this.#over) return
    this.#toClient.flush()
    if (!this.#parts.client.destroyed) sayFarewell(this.#parts.client)
    this.#ended({})
  }

  #ended(end: TunnelEnd): void {
    this.#over = true
    clearTimeout(this.#soon)
    const { target, deadlines } = this.#parts
    deadlines.remove(this.#deadline)
    target.abandon()
    this.#parts.transcript.flush()
    this.#parts.closed(end)
  }
}

const SLOW_FRAME = 'A frame did not come in time.'
