import type { Socket } from 'node:net'
import { asChaperoneError } from '../core/errors.ts'
import type { ChaperoneError } from '../core/errors.ts'
import type { Denial } from '../core/denial.ts'
import { sayFarewell } from '../listen/farewell.ts'
import type { TunnelGuard } from './api.ts'
import { targetViolation, violation } from './failure.ts'
import type { TargetConnection } from './target-connection.ts'
import type { Frame } from './websocket.ts'
import { closeFrame, FrameReader, OPCODE } from './websocket.ts'

export interface TunnelParts {
  readonly client: Socket
  /** What the client sent behind its request. */
  readonly ahead: Buffer
  readonly target: TargetConnection
  readonly guard: TunnelGuard
  /** Why nothing may pass now, if so: what passes must be recorded. */
  readonly fault: () => ChaperoneError | undefined
  /** Over. `refusal`: why, where neither side just closed. */
  closed(refusal: Denial | ChaperoneError | undefined): void
}

const WHOLE = 'Send each message as one frame (RFC 6455), without extensions.'
const POLICY_VIOLATION = 1008
const GOING_AWAY = 1001

/** An upgraded connection: every frame is read, judged by the API's guard, and goes on as it came. */
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
  #over = false
  bytesIn = 0
  bytesOut = 0

  constructor(parts: TunnelParts) {
    this.#parts = parts
  }

  start(): void {
    const { client, target, ahead } = this.#parts
    client.on('data', (chunk: Buffer) => this.#clientSays(chunk))
    client.on('drain', () => target.socket.resume())
    client.once('end', () => this.#end(undefined))
    client.once('close', () => this.#end(undefined))
    target.socket.on('drain', () => client.resume())
    target.tunnel(
      (chunk) => this.#targetSays(chunk),
      () => this.#end(undefined),
    )
    if (ahead.length > 0) this.#clientSays(ahead)
    client.resume()
  }

  /** The session has ended: both sides hear of it at once. */
  stop(reason: string): void {
    this.#close(GOING_AWAY, reason, undefined)
  }

  #clientSays(chunk: Buffer): void {
    if (this.#over) return
    this.bytesIn += chunk.length
    this.#guarded(() =>
      this.#fromClient.push(chunk, (frame) => {
        if (this.#over) return
        const fault = this.#parts.fault()
        const refusal = fault ?? this.#judge(frame, 'client')
        if (refusal !== undefined) this.#refuse(refusal)
        else if (!this.#parts.target.socket.write(frame.bytes)) this.#parts.client.pause()
      }),
    )
  }

  #targetSays(chunk: Buffer): void {
    if (this.#over) return
    this.bytesOut += chunk.length
    this.#guarded(() =>
      this.#fromTarget.push(chunk, (frame) => {
        if (this.#over) return
        const refusal = this.#judge(frame, 'target')
        if (refusal !== undefined) this.#refuse(refusal)
        else if (!this.#parts.client.write(frame.bytes)) this.#parts.target.socket.pause()
      }),
    )
  }

  /** Pings, pongs and closings carry nothing of an API. */
  #judge({ opcode, payload }: Frame, from: 'client' | 'target'): Denial | undefined {
    if (opcode >= OPCODE.close) return undefined
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
    this.#close(POLICY_VIOLATION, refusal.code, refusal)
  }

  #close(code: number, reason: string, refusal: Denial | ChaperoneError | undefined): void {
    if (this.#over) return
    this.#over = true
    const { client, target, guard } = this.#parts
    target.abandon()
    sayFarewell(client, closeFrame(code, reason))
    this.#told(() => guard.closed())
    this.#parts.closed(refusal)
  }

  /** One side has closed: the other is, too, once it has what was written. */
  #end(refusal: undefined): void {
    if (this.#over) return
    this.#over = true
    const { client, target, guard } = this.#parts
    target.abandon()
    if (!client.destroyed) sayFarewell(client)
    this.#told(() => guard.closed())
    this.#parts.closed(refusal)
  }

  #told(work: () => void): void {
    try {
      work()
    } catch {
      // A guard that fails at the end has nothing more to guard.
    }
  }
}
