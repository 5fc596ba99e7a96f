import type { Socket } from 'node:net'
import type { ChaperoneError } from '../../../core/errors.ts'
import { asChaperoneError } from '../../../core/errors.ts'
import { Incoming } from '../../../wire/incoming.ts'
import { ChunkedReader } from '../codec/chunked.ts'
import type { WireAnswer } from '../codec/wire-answer.ts'
import { ANSWER_RULES, wireAnswer } from '../codec/wire-answer.ts'
import { HeadReader } from '../codec/wire-head.ts'
import type { Deadline, Deadlines } from '../deadlines.ts'
import { targetLost, targetViolation } from '../failure.ts'
import type { HeaderList } from '../head.ts'
import { ANSWER_IDLE_MS, FIRST_BYTE_MS } from '../limits.ts'

/** Who asked, and hears the answer. */
export interface AnswerSink {
  answer(answer: WireAnswer): void
  /** The slice's memory is read into again as soon as this returns. */
  body(slice: Buffer): void
  end(trailers: HeaderList): void
  /** Nothing follows. `unanswered`: it closed before one byte of the answer had come. */
  broken(error: ChaperoneError, unanswered: boolean): void
}

type State = 'idle' | 'head' | 'body' | 'tunnel' | 'closed'

/**
 * One connection to a target, for one request at a time (RFC 9112). Whatever a target says beyond
 * the one answer that it owes closes the connection: nobody could tell whose it is.
 */
export class TargetConnection {
  readonly socket: Socket
  /** It has served a request before. */
  used = false
  idleSince_ms = 0
  readonly #deadlines: Deadlines
  readonly #deadline: Deadline
  readonly #closed: (connection: TargetConnection) => void
  readonly #heads = new HeadReader(ANSWER_RULES)
  #state: State = 'idle'
  #sink: AnswerSink | undefined
  #method = ''
  readonly #pending = new Incoming()
  #answer: WireAnswer | undefined
  #left = 0
  #chunked: ChunkedReader | undefined
  #paused = false
  #unanswered = true
  #bytesOfTunnel: ((bytes: Buffer) => void) | undefined
  #tunnelClosed: (() => void) | undefined

  constructor(socket: Socket, deadlines: Deadlines, closed: (one: TargetConnection) => void) {
    this.socket = socket
    this.#deadlines = deadlines
    this.#closed = closed
    this.#deadline = { due_ms: Infinity, overdue: () => this.#break(targetLost(SILENT)) }
    deadlines.add(this.#deadline)
    socket.on('data', (bytes: Buffer) => this.#data(bytes))
    socket.on('error', () => socket.destroy())
    socket.once('end', () => this.#ended())
    socket.once('close', () => this.#ended())
    socket.resume()
  }

  get idle(): boolean {
    return this.#state === 'idle'
  }

  /** Takes the connection for a request; its bytes are written to the socket by the caller. */
  begin(method: string, sink: AnswerSink): void {
    this.#state = 'head'
    this.#method = method
    this.#sink = sink
    this.#unanswered = true
    this.#deadline.due_ms = this.#deadlines.now_ms() + FIRST_BYTE_MS
  }

  /** A piece of the request goes on: until the whole of it is there, no answer is due. */
  sending(): void {
    if (this.#state === 'head') this.#deadline.due_ms = this.#deadlines.now_ms() + FIRST_BYTE_MS
  }

  /** The request is given up: the connection with it. */
  abandon(): void {
    this.#sink = undefined
    this.#close()
  }

  /** What was read already still comes. */
  pause(): void {
    this.#paused = true
    this.#deadline.due_ms = Infinity
    this.socket.pause()
  }

  resume(): void {
    if (!this.#paused || this.#state === 'closed') return
    this.#paused = false
    this.#deadline.due_ms = this.#deadlines.now_ms() + ANSWER_IDLE_MS
    this.socket.resume()
  }

  /** After an answer of 101: raw bytes from now on, also those that came with it. */
  tunnel(bytes: (bytes: Buffer) => void, closed: () => void): void {
    this.#sink = undefined
    this.#bytesOfTunnel = bytes
    this.#tunnelClosed = closed
    if (this.#pending.length > 0) bytes(this.#pending.take())
  }

  #data(chunk: Buffer): void {
    if (this.#state === 'tunnel') return this.#tunnelled(chunk)
    if (this.#state === 'closed') return
    if (this.#state === 'idle') return this.#close()
    this.#unanswered = false
    if (this.#state === 'body' && !this.#paused) this.#expectMore()
    try {
      this.#read(chunk)
    } catch (error) {
      this.#break(asChaperoneError(error, 'INTERNAL', 'The answer could not be handled.'))
    }
  }

  #expectMore(): void {
    this.#deadline.due_ms = this.#deadlines.now_ms() + ANSWER_IDLE_MS
  }

  #tunnelled(chunk: Buffer): void {
    if (this.#bytesOfTunnel === undefined) this.#pending.addCopy(chunk)
    else this.#bytesOfTunnel(Buffer.from(chunk))
  }

  #read(chunk: Buffer): void {
    let bytes = chunk
    if (this.#pending.length > 0) {
      this.#pending.addCopy(chunk)
      bytes = this.#pending.bytes
    }
    let at = 0
    while (this.#state === 'head') {
      const result = this.#heads.read(bytes, at)
      if (result === 'incomplete') {
        if (this.#pending.length === 0) this.#pending.addCopy(bytes.subarray(at))
        return
      }
      this.#pending.clear()
      at = result.next
      this.#head(wireAnswer(result.head, this.#method))
    }
    this.#rest(bytes, at)
  }

  #rest(bytes: Buffer, at: number): void {
    const next = this.#state === 'body' ? this.#body(bytes, at) : at
    if (next >= bytes.length || this.#state === 'closed') return
    if (this.#state === 'tunnel') this.#tunnelled(bytes.subarray(next))
    else this.#close()
  }

  #head(answer: WireAnswer): void {
    const { status } = answer.head
    if (status === 101) {
      this.#state = 'tunnel'
      this.#deadline.due_ms = Infinity
      this.#sink?.answer(answer)
      return
    }
    // Interim answers are between the target and the gateway.
    if (status < 200) return
    this.#answer = answer
    this.#state = 'body'
    this.#expectMore()
    const { framing } = answer
    this.#left = framing.type === 'length' ? framing.length : 0
    this.#chunked = framing.type === 'chunked' ? new ChunkedReader(ANSWER_RULES) : undefined
    this.#sink?.answer(answer)
    if (framing.type === 'none') this.#end([])
  }

  /** Returns where it stopped. */
  #body(bytes: Buffer, at: number): number {
    if (this.#chunked !== undefined) {
      return this.#chunked.read(
        bytes,
        at,
        {
          data: (slice) => this.#sink?.body(slice),
          end: (trailers) => this.#end(trailers),
        },
        () => this.#state !== 'body',
      )
    }
    if (this.#answer?.framing.type === 'close') {
      if (at < bytes.length) this.#sink?.body(at === 0 ? bytes : bytes.subarray(at))
      return bytes.length
    }
    const end = Math.min(bytes.length, at + this.#left)
    if (end === at) return at
    this.#left -= end - at
    this.#sink?.body(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    if (this.#left === 0 && this.#isOpen()) this.#end([])
    return end
  }

  /** What the sink did may have closed it; the compiler must not believe it knows the state. */
  #isOpen(): boolean {
    return this.#state !== 'closed'
  }

  #end(trailers: HeaderList): void {
    const sink = this.#sink
    const reusable = this.#answer?.reusable === true
    this.#sink = undefined
    this.#answer = undefined
    this.#chunked = undefined
    this.#state = 'idle'
    this.used = true
    this.#deadline.due_ms = Infinity
    // The last slice may have paused it, and nobody resumes a connection that is idle.
    if (this.#paused) {
      this.#paused = false
      this.socket.resume()
    }
    if (!reusable) this.#close()
    sink?.end(trailers)
  }

  #ended(): void {
    if (this.#state === 'closed') return
    this.#tunnelClosed?.()
    if (this.#state === 'body' && this.#answer?.framing.type === 'close') {
      this.#end([])
      return
    }
    this.#break(targetLost(CUT_SHORT), this.#unanswered)
  }

  #break(error: ChaperoneError, unanswered = false): void {
    const sink = this.#sink
    this.#sink = undefined
    this.#close()
    sink?.broken(error, unanswered)
  }

  #close(): void {
    if (this.#state === 'closed') return
    const sink = this.#sink
    this.#sink = undefined
    this.#state = 'closed'
    this.#deadlines.remove(this.#deadline)
    this.socket.destroy()
    this.#closed(this)
    sink?.broken(targetViolation('it said more than it was asked'), false)
  }
}

const CUT_SHORT = 'The target closed the connection before its answer was complete.'
const SILENT = 'The target did not answer in time.'
