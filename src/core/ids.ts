import { randomBytes } from 'node:crypto'

/**
 * A UUID version 7 (RFC 9562 section 5.7): sorts by time of creation, 74 random bits.
 */
export function newId(now_ms: number): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now_ms, 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
