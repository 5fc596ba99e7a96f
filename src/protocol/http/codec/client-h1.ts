import type { Socket } from 'node:net'
import type { ChaperoneError } from '../../../core/errors.ts'
import { asChaperoneError } from '../../../core/errors.ts'
import { sayFarewell } from '../../../listen/farewell.ts'
import { Incoming } from '../../../wire/incoming.ts'
import type { Deadline } from '../deadlines.ts'
import { paced } from '../deadlines.ts'
import { tooSlow } from '../failure.ts'
import type { AnswerHead, HeaderList } from '../head.ts'
import {
  AHEAD_BYTES_MAX,
  BODY_IDLE_MS,
  CONNECTION_IDLE_MS,
  DRAIN_BYTES_MAX,
  HEAD_MS,
  STALL_MS,
} from '../limits.ts'
import { ClientMemory } from './client-memory.ts'
import type { ClientSide, ClientSink, ConnectionOptions } from './client-side.ts'
import { IN_BETWEEN } from './client-side.ts'
import { H1Writer } from './h1-writer.ts'
import { RequestBody } from './request-body.ts'
import { NO_BODY } from './request-headers.ts'
import { RequestReader } from './request-reader.ts'
import type { WireRequest } from './wire-request.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/**
 * One client's HTTP/1.1 connection. Requests are taken one at a time: what is pipelined waits until
 * the one before is answered, so answers are in order by themselves.
 */
export class H1Connection implements ClientSide {
  readonly address: string
  readonly #socket: Socket
  readonly #writer: H1Writer
  readonly #options: ConnectionOptions
  readonly #deadline: Deadline
  readonly #requests: RequestReader
  /** Of answers, what it has not taken, where that is more than any socket keeps. */
  readonly memory: ClientMemory
  /** Bytes that came and were not looked at yet. */
  readonly #pending = new Incoming()
  #sink: ClientSink | undefined
  #wire: WireRequest | undefined
  #body = new RequestBody(NO_BODY)
  #receiving = false
  #bodyPaused = false
  #continueDue = false
  #close = false
  #closed = false
  #taken = false
  #pumping = false
  #draining = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#writer = new H1Writer(socket, options.buffers)
    this.#options = options
    this.address = options.address
    this.#requests = new RequestReader(options.strangers, options.address)
    this.memory = new ClientMemory(options.strangers, options.address)
    this.#deadline = {
      due_ms: options.deadlines.now_ms() + HEAD_MS,
      overdue: () => this.#overdue(),
    }
    options.deadlines.add(this.#deadline)
    socket.on('data', (chunk: Buffer) => this.#data(chunk))
    socket.on('drain', () => this.#drained())
    socket.on('error', () => socket.destroy())
    for (const end of ['end', 'close']) socket.once(end, () => this.#lost())
    socket.resume()
  }

  get gone(): boolean {
    return this.#closed || this.#socket.destroyed
  }

  get bodyDone(): boolean {
    return this.#body.done
  }

  /** Closes what is between two requests, and what is under way after its answer. */
  retire(): void {
    this.#close = true
    if (this.#sink === undefined) sayFarewell(this.#socket)
  }

  // What the client sends

  #data(chunk: Buffer): void {
    this.#pending.add(chunk)
    this.#pump()
  }

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      // Each step takes what it can.
      for (let more = true; more;) more = this.#step()
    } catch (error) {
      this.#unreadable(asChaperoneError(error, 'INTERNAL', 'The request could not be handled.'))
    } finally {
      this.#pumping = false
    }
    if (!this.#taken && this.#pending.length > AHEAD_BYTES_MAX) this.#socket.pause()
  }

  /** True: there may be more to do. */
  #step(): boolean {
    if (this.#closed || this.#taken || this.#pending.length === 0) return false
    if (this.#sink === undefined && !this.#draining) return this.#readHead()
    if (this.bodyDone || !this.#receiving || this.#bodyPaused) return false
    return this.#readBody()
  }

  #readHead(): boolean {
    // Whoever does not read answers gets no more of them: each would wait in memory.
    if (this.#socket.writableNeedDrain) {
      this.#socket.pause()
      return false
    }
    const wire = this.#requests.read(this.#pending)
    if (wire === undefined) {
      const { due_ms } = this.#deadline
      this.#deadline.due_ms = Math.min(due_ms, this.#options.deadlines.now_ms() + HEAD_MS)
      return false
    }
    this.#begin(wire)
    return true
  }

  #begin(wire: WireRequest): void {
    const { framing } = wire.headers
    this.#wire = wire
    this.#deadline.due_ms = Infinity
    this.#body = new RequestBody(framing)
    this.#receiving = false
    this.#bodyPaused = false
    this.#continueDue = wire.headers.expectsContinue && !this.bodyDone
    this.#close ||= wire.headers.close
    this.#sink = IN_BETWEEN
    const sink = this.#options.request(wire, this)
    // It may have been answered at once.
    if (this.#sink === IN_BETWEEN) this.#sink = sink
  }

  #readBody(): boolean {
    // What the sink does must not meet these bytes again.
    const bytes = this.#pending.take()
    const next = this.#body.read(
      bytes,
      (slice) => this.#bodySlice(slice),
      () => this.#bodyPaused,
    )
    if (next < bytes.length) this.#pending.add(bytes.subarray(next))
    // Whoever holds the body back waits for somebody else than the client.
    const { due_ms } = this.#deadline
    this.#deadline.due_ms =
      this.bodyDone || this.#bodyPaused
        ? Infinity
        : paced(due_ms, next, this.#options.deadlines.now_ms())
    if (this.bodyDone) this.#bodyEnd()
    return true
  }

  #bodySlice(slice: Buffer): void {
    if (!this.#draining) this.#sink?.body(slice)
  }

  #bodyEnd(): void {
    if (!this.#draining) return this.#sink?.bodyEnd()
    this.#draining = false
    this.#next()
  }

  receive(): void {
    if (this.#receiving || this.bodyDone || this.gone) return
    this.#receiving = true
    if (this.#continueDue) {
      this.#continueDue = false
      this.#socket.write(CONTINUE, 'latin1')
    }
    this.#awaitBody()
  }

  pauseBody(): void {
    this.#bodyPaused = true
    this.#deadline.due_ms = Infinity
    this.#socket.pause()
  }

  resumeBody(): void {
    if (!this.#bodyPaused) return
    this.#bodyPaused = false
    this.#awaitBody()
  }

  #awaitBody(): void {
    this.#deadline.due_ms = this.#options.deadlines.now_ms() + BODY_IDLE_MS
    this.#goOn()
  }

  #goOn(): void {
    if (this.#pumping) return
    this.#pump()
    if (!this.#bodyPaused && !this.gone && this.#pending.length <= AHEAD_BYTES_MAX) {
      this.#socket.resume()
    }
  }

  // What the client hears

  head(answer: AnswerHead, length: number | 'unknown' | 'none'): void {
    // A body that nobody will read cannot be told from the next request.
    if (!this.bodyDone && !this.#canDrain()) this.#close = true
    this.#writer.head(answer, length, this.#close)
  }

  body(chunk: Buffer): boolean {
    if (this.gone || chunk.length === 0) return true
    this.#writer.body(chunk)
    if (!this.#socket.writableNeedDrain) return true
    this.memory.set(this.#socket.writableLength)
    this.#deadline.due_ms = this.#options.deadlines.now_ms() + STALL_MS
    return false
  }

  end(trailers: HeaderList): void {
    if (this.gone || this.#sink === undefined) return
    this.#writer.end(trailers)
    this.#sink = undefined
    this.#deadline.due_ms = this.#options.deadlines.now_ms() + CONNECTION_IDLE_MS
    if (this.#close) this.#farewell()
    else if (this.bodyDone) this.#next()
    else this.#drain()
  }

  #drained(): void {
    if (this.#taken || this.gone) return
    this.memory.set(0)
    if (this.#sink === undefined) return this.#goOn()
    const awaitsBody = this.#receiving && !this.bodyDone && !this.#bodyPaused
    this.#deadline.due_ms = awaitsBody ? this.#options.deadlines.now_ms() + BODY_IDLE_MS : Infinity
    this.#sink.drained()
  }

  cut(): void {
    this.#writer.flush()
    this.#destroy()
  }

  takeOver(): { readonly socket: Socket; readonly ahead: Buffer } {
    this.#taken = true
    this.#deadline.due_ms = Infinity
    const ahead = this.#pending.take()
    this.#socket.removeAllListeners('data')
    this.#socket.removeAllListeners('drain')
    return { socket: this.#socket, ahead }
  }

  // Between requests, and at the end

  #next(): void {
    this.#wire = undefined
    this.#bodyPaused = false
    this.#goOn()
  }

  /** The rest of a refused body is short: reading it keeps the connection. */
  #canDrain(): boolean {
    const framing = this.#wire?.headers.framing
    return !this.#continueDue && framing?.type === 'length' && this.#body.left <= DRAIN_BYTES_MAX
  }

  #drain(): void {
    if (!this.#canDrain()) return this.#farewell()
    this.#draining = true
    this.#receiving = true
    this.#bodyPaused = false
    this.#awaitBody()
  }

  #unreadable(error: ChaperoneError): void {
    if (this.#sink !== undefined && !this.bodyDone) {
      this.#body.done = true
      this.#close = true
      this.#sink.bodyBroken(error)
      return
    }
    const sink = this.#sink
    const answer = this.#options.unreadable(error)
    this.#over()
    sayFarewell(this.#socket, answer)
    sink?.gone()
  }

  #farewell(): void {
    this.#over()
    sayFarewell(this.#socket)
  }

  #overdue(): void {
    if (this.#sink === undefined) {
      if (this.#pending.length === 0) this.#farewell()
      else this.#unreadable(tooSlow('The request did not come in time.'))
    } else if (this.#receiving && !this.bodyDone) {
      this.#unreadable(tooSlow("The request's body did not come in time."))
    } else {
      this.#lost()
    }
  }

  #lost(): void {
    if (this.#closed) return
    if (this.#taken) return this.#over()
    const sink = this.#sink
    this.#destroy()
    sink?.gone()
  }

  #destroy(): void {
    this.#over()
    this.#socket.destroy()
  }

  #over(): void {
    if (this.#closed) return
    this.#closed = true
    this.#sink = undefined
    this.#requests.close()
    this.memory.close()
    this.#options.deadlines.remove(this.#deadline)
    this.#options.closed()
  }
}
