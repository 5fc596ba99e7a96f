import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { chunkOf, lastChunk } from './chunked.ts'
import type { AnswerHead, HeaderList } from './head.ts'

/** A head and a piece of body up to this go out in one piece. */
const JOINED_BYTES_MAX = 16_384

const SWITCHING = 101

/** Writes answers (RFC 9112) to a client's socket, one after another. */
export class H1Writer {
  readonly #socket: Socket
  /** A head that was not written yet: mostly the first of the body is there in the same turn. */
  #headText = ''
  #chunked = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  head({ status, headers }: AnswerHead, length: number | 'unknown' | 'none', close: boolean): void {
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
    for (const [name, value] of headers) text += `${name}: ${value}\r\n`
    this.#chunked = length === 'unknown'
    if (length === 'unknown') text += 'transfer-encoding: chunked\r\n'
    else if (length !== 'none') text += `content-length: ${length}\r\n`
    if (status === SWITCHING) text += 'connection: upgrade\r\n'
    else if (close) text += 'connection: close\r\n'
    this.#headText = `${text}\r\n`
    if (status === SWITCHING) this.#flush()
    else process.nextTick(this.#flush)
  }

  body(chunk: Buffer): void {
    if (this.#chunked) this.#write(chunkOf(chunk))
    else this.#write([chunk])
  }

  end(trailers: HeaderList): void {
    if (this.#chunked) this.#write([lastChunk(trailers)])
    else this.#flush()
  }

  readonly #flush = (): void => {
    if (this.#headText === '' || this.#socket.destroyed) return
    const text = this.#headText
    this.#headText = ''
    this.#socket.write(text, 'latin1')
  }

  #write(parts: readonly Buffer[]): void {
    const [first] = parts
    if (this.#headText !== '' && first !== undefined && first.length <= JOINED_BYTES_MAX) {
      const joined = Buffer.allocUnsafe(this.#headText.length + first.length)
      joined.write(this.#headText, 0, 'latin1')
      first.copy(joined, this.#headText.length)
      this.#headText = ''
      this.#writeAll([joined, ...parts.slice(1)])
      return
    }
    this.#flush()
    this.#writeAll(parts)
  }

  #writeAll(parts: readonly Buffer[]): void {
    if (parts.length === 1) {
      this.#socket.write(parts[0]!)
      return
    }
    this.#socket.cork()
    for (const part of parts) this.#socket.write(part)
    this.#socket.uncork()
  }
}
