import { isUtf8 } from 'node:buffer'
import type { Code } from '../../../core/codes.ts'
import { ChaperoneError } from '../../../core/errors.ts'

/**
 * Reads the fields of one message body, strictly: `finish` throws unless every byte was read.
 * Errors carry `code`, since a client and a target break the protocol under different names.
 */
export class Reader {
  #at: number
  readonly #buffer: Buffer
  readonly #end: number
  readonly #code: Code

  constructor(buffer: Buffer, start: number, end: number, code: Code = 'PROTOCOL_VIOLATION') {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
    this.#code = code
  }

  get left(): number {
    return this.#end - this.#at
  }

  byte(): number {
    this.#need(1)
    return this.#buffer[this.#at++]!
  }

  int16(): number {
    this.#need(2)
    const value = this.#buffer.readInt16BE(this.#at)
    this.#at += 2
    return value
  }

  uint16(): number {
    return this.int16() & 0xffff
  }

  int32(): number {
    this.#need(4)
    const value = this.#buffer.readInt32BE(this.#at)
    this.#at += 4
    return value
  }

  uint32(): number {
    return this.int32() >>> 0
  }

  /** A NUL-terminated string; invalid UTF-8 is refused, since both sides may read it differently. */
  cstring(): string {
    const nul = this.#buffer.indexOf(0, this.#at)
    if (nul < 0 || nul >= this.#end) this.#fail('A string has no end.')
    const bytes = this.#buffer.subarray(this.#at, nul)
    if (!isUtf8(bytes)) {
      throw new ChaperoneError('SQL_ENCODING', 'A string is not valid UTF-8.', {
        hint: 'Set client_encoding to UTF8 and send UTF-8 text.',
      })
    }
    this.#at = nul + 1
    return bytes.toString('utf8')
  }

  /** A view, not a copy. */
  bytes(count: number): Buffer {
    if (count < 0) this.#fail('A length is negative.')
    this.#need(count)
    const view = this.#buffer.subarray(this.#at, this.#at + count)
    this.#at += count
    return view
  }

  finish(): void {
    if (this.#at !== this.#end) this.#fail('A message has bytes after its end.')
  }

  #need(count: number): void {
    if (this.#at + count > this.#end) this.#fail('A message ends too early.')
  }

  #fail(what: string): never {
    throw new ChaperoneError(this.#code, what)
  }
}
