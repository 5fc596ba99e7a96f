import { RowBuffer } from '../../../src/protocol/postgres/masking/row-buffer.ts'
import type { RowMasker } from '../../../src/protocol/postgres/masking/rows.ts'

/** The message that a row with this body becomes. */
export function maskRow(masker: RowMasker, body: Buffer): Buffer {
  const out = new RowBuffer()
  const header = Buffer.from([0x44, 0, 0, 0, 0])
  const bytes = Buffer.concat([Buffer.alloc(3), header, body, Buffer.alloc(2)])
  masker.maskDataRow(bytes, 3, bytes.length - 2, out)
  const made: Buffer[] = []
  out.takeInto(made)
  return Buffer.concat(made)
}
