import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import { asChaperoneError, invariant } from '../../../core/errors.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { Share } from '../../../session/shares.ts'
import { JoinedWrites } from '../../../wire/joined-writes.ts'
import type { ApiRequest, BodyTransform, Forward, RequestContext } from '../api.ts'
import { isEncoded, withoutBodyFacts } from '../body-facts.ts'
import { chunkOf, lastChunk } from '../codec/chunked.ts'
import type { ClientSide } from '../codec/client-side.ts'
import { sendBody } from '../codec/client-side.ts'
import type { WireAnswer } from '../codec/wire-answer.ts'
import { passingTrailers } from '../codec/wire-answer.ts'
import { targetViolation } from '../failure.ts'
import type { HeaderList } from '../head.ts'
import { whenReady } from '../ready.ts'
import type { AnswerSink, TargetConnection } from '../target/connection.ts'
import type { HttpEndpoint } from '../target/endpoint.ts'
import type { OutgoingLength } from '../target/outgoing.ts'
import { headText, outgoingHead } from '../target/outgoing.ts'
import { counted, ENCODED } from './changed-body.ts'

export interface ForwardingParts {
  readonly client: ClientSide
  readonly endpoint: HttpEndpoint
  readonly request: ApiRequest<unknown>
  readonly judgement: Judgement
  readonly context: RequestContext
  /** Where it was collected; else it streams. */
  readonly body: Buffer | undefined
  /** What the request holds of its agent's memory. */
  readonly memory: () => Share
  /** What the gateway adds to the answer. */
  readonly answerHeaders: HeaderList
}

export interface ForwardingEvents {
  /** Over: the answer is complete. */
  done(result: Result): void
  /** The target changed to the protocol that was asked for; the connection is the tunnel's now. */
  upgraded(answer: WireAnswer, connection: TargetConnection): void
  /** Over before anything was answered: the client can still be told. */
  refused(refusal: Denial | ChaperoneError): void
  /** Over in the middle of the answer: the client was cut off. */
  cut(error: ChaperoneError, result: Result): void
}

export interface Result {
  readonly status: number
  readonly bytes: number
  readonly masked: readonly string[]
  readonly rows: number | undefined
}

const SWITCHING = 101
const NO_CONTENT = 204

/** What may be sent again when a connection was closed before it could matter (RFC 9110 section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/** One allowed and recorded request on its way to the target, and its answer on the way back. */
export class Forwarding implements AnswerSink {
  readonly #parts: ForwardingParts
  readonly #events: ForwardingEvents
  #connection: TargetConnection | undefined
  #pooled = false
  #retried = false
  #head = ''
  #body: Buffer | undefined
  #hasBody = false
  #writes: JoinedWrites | undefined
  #chunked = false
  #sent = false
  /** The target began to answer before it had the whole request. */
  #early = false
  #answered = false
  #over = false
  #status = 0
  #bytes = 0
  #transform: BodyTransform | undefined
  /** Bytes that the client was told to expect of a changed body. */
  #promised: number | undefined

  constructor(parts: ForwardingParts, events: ForwardingEvents) {
    this.#parts = parts
    this.#events = events
  }

  start(): void {
    try {
      const { endpoint, request, judgement, context } = this.#parts
      const forward: Forward = endpoint.api.prepare(request, judgement, context)
      const body = forward.body?.((head) => endpoint.authority.headers(head)) ?? this.#parts.body
      whenReady(body, (ready) => this.#authorise(forward, ready), this.#failed)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** The client or the session is gone. */
  abandon(): void {
    this.#over = true
    this.#connection?.abandon()
  }

  get answered(): boolean {
    return this.#answered
  }

  get sent(): boolean {
    return this.#connection !== undefined
  }

  get result(): Result {
    return {
      status: this.#status,
      bytes: this.#bytes,
      masked: this.#transform?.masked ?? [],
      rows: this.#transform?.rows,
    }
  }

  #authorise(forward: Forward, body: Buffer | undefined): void {
    const { endpoint, context, client, judgement } = this.#parts
    this.#body = body
    const length = this.#length(body)
    this.#hasBody = length !== 'none'
    this.#chunked = length === 'chunked'
    this.#sent = body !== undefined || client.bodyDone
    const head = outgoingHead(context.head, forward, length, {
      host: endpoint.targetHost,
      masked: isMasked(judgement),
    })
    whenReady(
      endpoint.authority.headers(head),
      (authority) => this.#connect(headText(head, authority)),
      this.#failed,
    )
  }

  #length(body: Buffer | undefined): OutgoingLength {
    if (body !== undefined) return body.length === 0 ? 'none' : body.length
    const { bodyLength } = this.#parts.context.head
    if (bodyLength === 0) return 'none'
    return bodyLength === 'unknown' ? 'chunked' : bodyLength
  }

  #connect(head: string): void {
    if (this.#over) return
    this.#head = head
    const { pool } = this.#parts.endpoint
    const waiting = this.#retried ? undefined : pool.take(this.#repeatable())
    whenReady(waiting ?? pool.connect(), (connection) => this.#send(connection), this.#failed)
  }

  /** A body that streamed through is nowhere any more; what people agreed to is done once. */
  #repeatable(): boolean {
    const { context, judgement } = this.#parts
    const isHere = this.#sent && (this.#body !== undefined || !this.#hasBody)
    const isPlain = context.head.upgrade === undefined && judgement.verdict.effect !== 'hold'
    return isHere && isPlain && context.seen === undefined && IDEMPOTENT.has(context.head.method)
  }

  #send(connection: TargetConnection): void {
    if (this.#over) {
      this.#parts.endpoint.pool.release(connection)
      return
    }
    this.#connection = connection
    this.#pooled = connection.used
    connection.begin(this.#parts.context.head.method, this)
    if (this.#body === undefined || this.#body.length === 0) {
      connection.socket.write(this.#head, 'latin1')
    } else {
      connection.socket.cork()
      connection.socket.write(this.#head, 'latin1')
      connection.socket.write(this.#body)
      connection.socket.uncork()
    }
    if (!this.#sent) this.#parts.client.receive()
  }

  // The request's body, as it streams

  requestBody(slice: Buffer): void {
    const connection = this.#connection
    if (connection === undefined || this.#over) return
    this.#writes ??= new JoinedWrites(connection.socket, () => this.#drained())
    let isOpen = true
    for (const part of this.#chunked ? chunkOf(slice) : [slice]) isOpen = this.#writes.write(part)
    connection.sending()
    if (!isOpen) this.#parts.client.pauseBody()
  }

  /** Trailers of a request were judged by nobody, and stay here. */
  requestEnd(): void {
    this.#sent = true
    this.#connection?.sending()
    this.#writes?.flush()
    if (this.#chunked && !this.#over) this.#connection?.socket.write(lastChunk([]))
  }

  #drained(): void {
    if (this.#over) return
    this.#connection?.sending()
    this.#parts.client.resumeBody()
  }

  // The answer

  answer(answer: WireAnswer): void {
    if (this.#over) return
    const { endpoint, request, judgement, context, answerHeaders, client } = this.#parts
    if (answer.head.status === SWITCHING) return this.#upgraded(answer)
    // A TLS socket tells of what it wrote a turn later: a head alone must not seem unsent for that.
    this.#early = !this.#sent || (this.#hasBody && this.#connection!.socket.writableLength > 0)
    this.#status = answer.head.status
    const treatment = endpoint.api.answer(request, judgement, answer.head, context)
    if (treatment.type === 'refused') return this.#refuse(treatment.denial)
    if (treatment.type === 'transform') {
      if (isEncoded(answer.head.headers)) return this.#refuse(ENCODED)
      this.#transform = counted(treatment.body, this.#parts.memory().part())
      this.#promised = treatment.length
    }
    this.#answered = true
    const length = this.#answerLength(answer)
    // Of HEAD and 304 it says how long another answer would be; a 204 with one is nobody's idea of HTTP.
    const keep = length === 'none' && this.#status !== NO_CONTENT
    const headers =
      this.#transform === undefined
        ? treatment.headers.filter(([name]) => keep || name !== 'content-length')
        : [...withoutBodyFacts(treatment.headers)]
    headers.push(...answerHeaders)
    client.head({ status: this.#status, headers }, length)
  }

  #upgraded(answer: WireAnswer): void {
    const { upgrade } = this.#parts.context.head
    if (upgrade === undefined || answer.upgrade !== upgrade) {
      throw targetViolation('it changes the protocol unasked')
    }
    this.#status = answer.head.status
    this.#events.upgraded(answer, this.#connection!)
    this.#answered = true
    this.#over = true
  }

  #answerLength({ head, framing }: WireAnswer): number | 'unknown' | 'none' {
    const { status } = head
    const { method } = this.#parts.context.head
    if (method === 'HEAD' || status === 204 || status === 304) return 'none'
    if (this.#transform !== undefined) return this.#promised ?? 'unknown'
    if (framing.type === 'length') return framing.length
    return framing.type === 'none' ? 0 : 'unknown'
  }

  body(slice: Buffer): void {
    if (this.#over) return
    const out = this.#transform?.write(slice) ?? slice
    this.#bytes += out.length
    this.#checkPromise(false)
    if (!sendBody(this.#parts.client, out)) this.#connection?.pause()
  }

  /** A byte too many would be the beginning of another answer to the client. */
  #checkPromise(atEnd: boolean): void {
    if (this.#promised === undefined) return
    const kept = atEnd ? this.#bytes === this.#promised : this.#bytes <= this.#promised
    invariant(kept, 'a changed body has the length that was promised')
  }

  /** The client takes more. */
  clientDrained(): void {
    this.#connection?.resume()
  }

  end(trailers: HeaderList): void {
    if (this.#over) return
    const { client, endpoint, judgement } = this.#parts
    try {
      this.#endTransform()
    } catch (error) {
      // Whoever calls has ended already, and hears of no failure.
      this.#failed(error)
      return
    }
    this.#over = true
    const connection = this.#connection!
    // A target that answers before it has the whole request leaves nobody sure where the next begins.
    if (this.#sent && !this.#early) endpoint.pool.release(connection)
    else connection.abandon()
    const isChanged = this.#transform !== undefined || isMasked(judgement)
    client.end(isChanged ? [] : passingTrailers(trailers))
    this.#events.done(this.result)
  }

  /** The rest of a changed body. */
  #endTransform(): void {
    if (this.#transform === undefined) return
    const rest = this.#transform.end()
    this.#bytes += rest.length
    this.#checkPromise(true)
    if (this.#parts.context.head.method !== 'HEAD') sendBody(this.#parts.client, rest)
  }

  broken(error: ChaperoneError, unanswered: boolean): void {
    if (this.#over) return
    if (unanswered && this.#pooled && !this.#retried && this.#repeatable()) {
      this.#retried = true
      this.#connection = undefined
      this.#connect(this.#head)
      return
    }
    this.#failed(error)
  }

  #refuse(denial: Denial): void {
    this.#over = true
    this.#connection?.abandon()
    this.#events.refused(denial)
  }

  readonly #failed = (caught: unknown): void => {
    if (this.#over) return
    this.#over = true
    this.#connection?.abandon()
    const error = asChaperoneError(caught, 'INTERNAL', 'The request could not be forwarded.')
    if (!this.#answered) {
      this.#events.refused(error)
      return
    }
    this.#parts.client.cut()
    this.#events.cut(error, this.result)
  }
}

function isMasked({ verdict }: Judgement): boolean {
  return verdict.effect !== 'deny' && verdict.obligations.masks.length > 0
}
