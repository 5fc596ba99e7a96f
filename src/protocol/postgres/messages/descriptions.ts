import type { FieldDescription } from './message.ts'
import { readRowDescription } from './message.ts'

/** Descriptions longer than this are read anew each time. */
const BYTES_MAX = 4096

/**
 * The last RowDescription and what was read from it: a client that asks the same again and again gets
 * the same answer, and what hangs on the description need not be made again.
 */
export class Descriptions {
  #bytes: Buffer = Buffer.alloc(0)
  #fields: readonly FieldDescription[] = []

  read(buffer: Buffer, start: number, end: number): readonly FieldDescription[] {
    const bytes = this.#bytes
    if (bytes.length === end - start && buffer.compare(bytes, 0, bytes.length, start, end) === 0) {
      return this.#fields
    }
    const fields = readRowDescription(buffer, start, end)
    if (end - start <= BYTES_MAX) {
      this.#bytes = Buffer.from(buffer.subarray(start, end))
      this.#fields = fields
    }
    return fields
  }
}
