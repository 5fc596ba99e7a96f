import type { Socket } from 'node:net'
import type { ChaperoneError } from '../../../core/errors.ts'
import type { Shares } from '../../../session/shares.ts'
import type { Deadlines } from '../deadlines.ts'
import { memoryUsedUp } from '../failure.ts'
import type { AnswerHead, HeaderList } from '../head.ts'
import type { ClientMemory } from './client-memory.ts'
import type { WireRequest } from './wire-request.ts'
import type { WriteBuffers } from './write-buffers.ts'

/** What a request's own connection or stream does for the exchange, whatever its HTTP version. */
export interface ClientSide {
  readonly address: string
  /** True once nothing can be said any more. */
  readonly gone: boolean
  /** True once the whole body has come. */
  readonly bodyDone: boolean
  /** What it makes the gateway keep. */
  readonly memory: ClientMemory
  /** Asks for the body, with `100 Continue` where the client waits for that. Until then none comes. */
  receive(): void
  pauseBody(): void
  resumeBody(): void
  /** The answer's head; `none`: no body follows, whatever the headers say. */
  head(answer: AnswerHead, length: number | 'unknown' | 'none'): void
  /** Has done with the chunk's memory when it returns. False: wait for `drained`, soon. */
  body(chunk: Buffer): boolean
  end(trailers: HeaderList): void
  /** Ends before the answer is complete, so that the client can tell. */
  cut(): void
  /**
   * After a head of 101: the socket itself, and what came on it already. Absent where the protocol
   * has no upgrades.
   */
  takeOver?(): { readonly socket: Socket; readonly ahead: Buffer }
}

/** What the exchange hears of its client. */
export interface ClientSink {
  body(slice: Buffer): void
  bodyEnd(): void
  /** The body broke the protocol, or was too slow. */
  bodyBroken(error: ChaperoneError): void
  drained(): void
  gone(): void
}

export interface ConnectionOptions {
  readonly deadlines: Deadlines
  readonly address: string
  readonly buffers: WriteBuffers
  /** Memory of those who have not signed in. */
  readonly strangers: Shares
  /** A request has come; what is returned hears the rest of it. */
  request(wire: WireRequest, client: ClientSide): ClientSink
  /** What cannot be read as a request; an answer, as bytes, or nothing where none is due. */
  unreadable(error: ChaperoneError): Buffer
  closed(): void
}

/** As `body`; throws MEMORY_LIMIT where more waits for the client than it may make the gateway keep. */
export function sendBody(client: ClientSide, chunk: Buffer): boolean {
  const isOpen = client.body(chunk)
  if (client.memory.full) throw memoryUsedUp()
  return isOpen
}

/** Holds the place while a request is begun. */
export const IN_BETWEEN: ClientSink = {
  body() {},
  bodyEnd() {},
  bodyBroken() {},
  drained() {},
  gone() {},
}
