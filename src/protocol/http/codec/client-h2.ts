import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { constants, performServerHandshake } from 'node:http2'
import type { Socket } from 'node:net'
import { asChaperoneError } from '../../../core/errors.ts'
import { Gathered } from '../../../wire/gathered.ts'
import { JoinedWrites } from '../../../wire/joined-writes.ts'
import type { Deadline } from '../deadlines.ts'
import { paced } from '../deadlines.ts'
import { memoryUsedUp, tooSlow } from '../failure.ts'
import type { AnswerHead, HeaderList } from '../head.ts'
import {
  BODY_IDLE_MS,
  CONNECTION_IDLE_MS,
  H2_RESET_BURST,
  H2_RESET_RATE,
  H2_STREAMS_MAX,
  HEAD_BYTES_MAX,
  HEAD_MS,
  HEADERS_MAX,
  STALL_MS,
} from '../limits.ts'
import { ClientMemory } from './client-memory.ts'
import type { ClientSide, ClientSink, ConnectionOptions } from './client-side.ts'
import { IN_BETWEEN } from './client-side.ts'
import { plainRefusal, sayLocally } from './local-answer.ts'
import { fieldsOf, wireRequestOfH2 } from './wire-request-h2.ts'
import type { WireRequest } from './wire-request.ts'

const END_STREAM = constants.NGHTTP2_FLAG_END_STREAM

/** One client's HTTP/2 connection: each stream is a request like any other. */
export class H2Connection {
  readonly #session: ServerHttp2Session
  readonly #options: ConnectionOptions
  readonly #deadline: Deadline
  #streams = 0
  #closed = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#options = options
    // Only a TLS server of Node's own says so of its sockets; without it the library waits for ever.
    Object.assign(socket, { secureConnecting: false })
    this.#session = performServerHandshake(socket, {
      settings: {
        maxConcurrentStreams: H2_STREAMS_MAX,
        maxHeaderListSize: HEAD_BYTES_MAX,
        enableConnectProtocol: false,
      },
      maxHeaderListPairs: HEADERS_MAX,
      streamResetBurst: H2_RESET_BURST,
      streamResetRate: H2_RESET_RATE,
    })
    this.#deadline = {
      due_ms: options.deadlines.now_ms() + HEAD_MS,
      overdue: () => this.retire(),
    }
    options.deadlines.add(this.#deadline)
    this.#session.on('stream', (stream, _headers, flags, raw) => this.#stream(stream, flags, raw))
    this.#session.on('error', () => this.#session.destroy())
    this.#session.once('close', () => this.#over())
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#over())
  }

  /** No new streams; closes when the last of them has ended. */
  retire(): void {
    if (!this.#session.closed) this.#session.close()
  }

  #stream(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    this.#streams += 1
    this.#deadline.due_ms = Infinity
    stream.once('close', () => {
      this.#streams -= 1
      if (this.#streams > 0) return
      this.#deadline.due_ms = this.#options.deadlines.now_ms() + CONNECTION_IDLE_MS
    })
    const client = new H2Stream(stream, (flags & END_STREAM) !== 0, this.#options)
    let wire: WireRequest
    try {
      wire = wireRequestOfH2(raw, client.bodyDone)
      if (!client.keepsHead(raw)) throw memoryUsedUp()
    } catch (caught) {
      const error = asChaperoneError(caught, 'INTERNAL', 'The request could not be read.')
      this.#options.unreadable(error)
      sayLocally(client, plainRefusal(error), 'GET', [])
      return
    }
    client.begin(wire)
  }

  #over(): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.deadlines.remove(this.#deadline)
    this.#options.closed()
  }
}

/** One stream. The library keeps order, windows and lengths. */
class H2Stream implements ClientSide {
  readonly address: string
  bodyDone: boolean
  readonly #stream: ServerHttp2Stream
  readonly #writes: JoinedWrites
  readonly #options: ConnectionOptions
  readonly #deadline: Deadline
  /** Of the body, what came while nobody wanted it: a window's bytes at most. */
  readonly #ahead = new Gathered()
  readonly memory: ClientMemory
  /** A block of a few bytes may stand for all of it (RFC 7541 section 2.3.2). */
  #headBytes = 0
  #sink: ClientSink | undefined
  #receiving = false
  #continueDue = false
  #answered = false
  #trailers: HeaderList = []

  constructor(stream: ServerHttp2Stream, bodyDone: boolean, options: ConnectionOptions) {
    this.address = options.address
    this.bodyDone = bodyDone
    this.#stream = stream
    this.#writes = new JoinedWrites(stream, () => this.#drained())
    this.#options = options
    this.memory = new ClientMemory(options.strangers, options.address)
    this.#deadline = { due_ms: Infinity, overdue: () => this.#overdue() }
    options.deadlines.add(this.#deadline)
    this.#gatherAhead()
    stream.on('error', () => {})
    stream.on('aborted', () => this.#lost())
    stream.once('close', () => this.#closed())
    stream.on('wantTrailers', () => this.#sendTrailers())
  }

  get gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  /** Whoever opens a hundred streams at once keeps a hundred heads. */
  keepsHead(raw: readonly string[]): boolean {
    for (const text of raw) this.#headBytes += text.length
    return this.#count()
  }

  #count(more = 0): boolean {
    return this.memory.set(this.#headBytes + this.#ahead.held + this.#writes.held + more)
  }

  begin(wire: WireRequest): void {
    this.#continueDue = wire.headers.expectsContinue && !this.bodyDone
    this.#sink = IN_BETWEEN
    const sink = this.#options.request(wire, this)
    if (this.#sink === IN_BETWEEN) this.#sink = sink
  }

  /**
   * The library would keep each frame as an object of its own until somebody reads: a hundred bytes
   * for one, and for a window's bytes seven million, which a stranger can have at a hundred streams.
   */
  #gatherAhead(): void {
    const stream = this.#stream
    const push = stream.push.bind(stream)
    stream.push = (chunk: Buffer | null) => {
      if (chunk === null) {
        this.#giveAhead(push)
        return push(null)
      }
      if (stream.readableFlowing === true) {
        this.#giveAhead(push)
        return push(chunk)
      }
      if (!this.#answered) this.#keepAhead(chunk)
      // The window stays as full as it is.
      return false
    }
    stream.on('resume', () => this.#giveAhead(push))
  }

  #keepAhead(chunk: Buffer): void {
    const growth = this.#ahead.growthFor(chunk.length)
    if (growth > 0 && !this.#count(growth)) this.#sink?.bodyBroken(memoryUsedUp())
    else this.#ahead.add(chunk)
  }

  #giveAhead(push: (chunk: Buffer) => boolean): void {
    if (this.#ahead.length > 0) push(this.#ahead.take())
  }

  receive(): void {
    if (this.#receiving || this.bodyDone || this.gone) return
    this.#receiving = true
    if (this.#continueDue) this.#stream.additionalHeaders({ ':status': 100 })
    this.#expectBody()
    this.#stream.on('data', (slice: Buffer) => {
      const { deadlines } = this.#options
      this.#deadline.due_ms = paced(this.#deadline.due_ms, slice.length, deadlines.now_ms())
      this.#sink?.body(slice)
    })
    // An empty body has ended already: whoever listens only now is not told.
    if (this.#stream.readableEnded) process.nextTick(() => this.#ended())
    else this.#stream.once('end', () => this.#ended())
  }

  #ended(): void {
    this.bodyDone = true
    this.#deadline.due_ms = Infinity
    this.#sink?.bodyEnd()
  }

  #expectBody(): void {
    this.#deadline.due_ms = this.#options.deadlines.now_ms() + BODY_IDLE_MS
  }

  pauseBody(): void {
    this.#deadline.due_ms = Infinity
    this.#stream.pause()
  }

  resumeBody(): void {
    if (this.bodyDone || this.gone || !this.#stream.isPaused()) return
    this.#expectBody()
    this.#stream.resume()
  }

  head({ status, headers }: AnswerHead, length: number | 'unknown' | 'none'): void {
    if (this.gone) return
    const fields = { ...fieldsOf(headers), ':status': status }
    if (length === 'none') this.#stream.respond(fields, { endStream: true })
    else if (length === 'unknown') this.#stream.respond(fields, { waitForTrailers: true })
    else this.#stream.respond({ ...fields, 'content-length': String(length) })
  }

  body(chunk: Buffer): boolean {
    if (this.gone || chunk.length === 0) return true
    const isOpen = this.#writes.write(Buffer.from(chunk))
    this.#count()
    if (isOpen) return true
    this.#deadline.due_ms = this.#options.deadlines.now_ms() + STALL_MS
    return false
  }

  end(trailers: HeaderList): void {
    this.#sink = undefined
    if (this.gone) return
    this.#answered = true
    this.#ahead.take()
    this.#trailers = trailers
    this.#deadline.due_ms = this.#options.deadlines.now_ms() + STALL_MS
    // Without a reader what still comes of the body would keep the stream, and the window, for ever.
    if (!this.bodyDone) this.#stream.once('finish', () => this.#stream.close())
    this.#writes.flush()
    this.#stream.end()
  }

  /** Without any, the library ends the stream with an empty frame. */
  #sendTrailers(): void {
    this.#stream.sendTrailers(fieldsOf(this.#trailers))
  }

  cut(): void {
    this.#sink = undefined
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }

  #drained(): void {
    this.#count()
    if (this.#receiving && !this.bodyDone && !this.#stream.isPaused()) this.#expectBody()
    else this.#deadline.due_ms = Infinity
    this.#sink?.drained()
  }

  #overdue(): void {
    if (this.#receiving && !this.bodyDone && this.#sink !== undefined) {
      this.#sink.bodyBroken(tooSlow("The request's body did not come in time."))
    } else {
      this.#lost()
      this.#stream.close(constants.NGHTTP2_CANCEL)
    }
  }

  #closed(): void {
    this.#lost()
    this.memory.close()
  }

  #lost(): void {
    this.#options.deadlines.remove(this.#deadline)
    const sink = this.#sink
    this.#sink = undefined
    sink?.gone()
  }
}
