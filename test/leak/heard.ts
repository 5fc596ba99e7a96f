const HEADER_BYTES = 5
const FIELD_BYTES = 18

/**
 * What a client heard, without what differs from run to run whatever the tables hold: ids of
 * operations, and the numbers of relations that were made on the way.
 */
export function comparable(heard: Buffer): string {
  const bytes = Buffer.from(heard)
  for (let at = 0; at + HEADER_BYTES <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    if (bytes[at] === 0x54) withoutTableNumbers(bytes, at + HEADER_BYTES)
  }
  return bytes.toString('latin1').replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, 'ID')
}

/** RowDescription: a count, then fields that each start with a name and the number of a table. */
function withoutTableNumbers(bytes: Buffer, start: number): void {
  let at = start + 2
  for (let field = bytes.readUInt16BE(start); field > 0; field--) {
    const end = bytes.indexOf(0, at) + 1
    bytes.writeUInt32BE(0, end)
    at = end + FIELD_BYTES
  }
}
