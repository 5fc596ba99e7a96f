import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { AnswerHead, HeaderList } from '../head.ts'
import { JOINED_BYTES } from '../limits.ts'
import { lastChunk } from './chunked.ts'
import type { WriteBuffers } from './write-buffers.ts'

const SWITCHING = 101
const CRLF = Buffer.from('\r\n')

/**
 * Writes answers (RFC 9112) to a client's socket, one after another. What comes within one turn of the
 * event loop goes out together, and is copied: its memory is the caller's again at once.
 */
export class H1Writer {
  readonly #socket: Socket
  readonly #buffers: WriteBuffers
  /** Filled up to `#used`: what was not written yet. */
  #buffer: Buffer | undefined
  #used = 0
  #isDue = false
  /** Buffers that the socket has not written yet. */
  #underWay = 0
  #chunked = false

  constructor(socket: Socket, buffers: WriteBuffers) {
    this.#socket = socket
    this.#buffers = buffers
  }

  head({ status, headers }: AnswerHead, length: number | 'unknown' | 'none', close: boolean): void {
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
    for (const [name, value] of headers) text += `${name}: ${value}\r\n`
    this.#chunked = length === 'unknown'
    if (length === 'unknown') text += 'transfer-encoding: chunked\r\n'
    else if (length !== 'none') text += `content-length: ${length}\r\n`
    if (status === SWITCHING) text += 'connection: upgrade\r\n'
    else if (close) text += 'connection: close\r\n'
    const bytes = Buffer.from(`${text}\r\n`, 'latin1')
    if (length !== 'unknown') this.#expect(bytes.length + (length === 'none' ? 0 : length))
    this.#put(bytes)
    if (status === SWITCHING) this.flush()
  }

  body(chunk: Buffer): void {
    if (this.#chunked) this.#put(Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1'))
    this.#put(chunk)
    if (this.#chunked) this.#put(CRLF)
  }

  end(trailers: HeaderList): void {
    if (this.#chunked) this.#put(lastChunk(trailers))
    this.flush()
  }

  /** A short answer needs memory of its own length only, and is written when that is full. */
  #expect(bytes: number): void {
    if (this.#buffer === undefined && bytes < JOINED_BYTES) this.#buffer = Buffer.allocUnsafe(bytes)
  }

  #put(piece: Buffer): void {
    for (let at = 0; at < piece.length;) {
      this.#buffer ??= this.#buffers.take()
      const copied = piece.copy(this.#buffer, this.#used, at)
      at += copied
      this.#used += copied
      if (this.#used === this.#buffer.length) this.flush()
    }
    if (this.#used === 0 || this.#isDue) return
    this.#isDue = true
    setImmediate(this.#flushLate)
  }

  /**
   * A buffer that is not full waits while another is under way: to a client that reads nothing, each
   * byte of an answer that drips would else go out in a buffer of its own.
   */
  readonly #flushLate = (): void => {
    this.#isDue = false
    if (this.#underWay === 0) this.flush()
  }

  readonly #written = (): void => {
    this.#underWay -= 1
    if (this.#underWay === 0 && !this.#isDue) this.flush()
  }

  flush(): void {
    const buffer = this.#buffer
    const used = this.#used
    if (buffer === undefined || used === 0) return
    this.#buffer = undefined
    this.#used = 0
    if (this.#socket.destroyed) return
    this.#underWay += 1
    if (buffer.length < JOINED_BYTES) {
      this.#socket.write(buffer.subarray(0, used), this.#written)
      return
    }
    this.#socket.write(buffer.subarray(0, used), (error) => {
      if (error === null || error === undefined) this.#buffers.give(buffer)
      this.#written()
    })
  }
}
