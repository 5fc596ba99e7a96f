import { ChaperoneError } from '../../../core/errors.ts'

/** Address families as inet_send writes them: PGSQL_AF_INET and PGSQL_AF_INET6. */
const V4 = 2
const V6 = 3

/**
 * Binary `inet` and `cidr` (network.c): family, prefix bits, is-cidr, length, address. Throws
 * TARGET_PROTOCOL if the bytes are neither.
 */
export function decodeInet(bytes: Buffer): string {
  const family = bytes[0]
  const size = family === V4 ? 4 : 16
  const isKnown = family === V4 || family === V6
  if (!isKnown || bytes.length !== 4 + size || bytes[3] !== size || bytes[1]! > size * 8) {
    throw new ChaperoneError('TARGET_PROTOCOL', 'A binary inet value is malformed.')
  }
  const address = family === V4 ? bytes.subarray(4).join('.') : v6(bytes)
  return bytes[2] === 1 || bytes[1] !== size * 8 ? `${address}/${bytes[1]}` : address
}

/** RFC 5952: the longest run of zero groups is `::`. */
function v6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(4 + i * 2).toString(16))
  const text = groups.join(':')
  const zeros = text.match(/\b0(?::0)+\b/g)?.reduce((a, b) => (b.length > a.length ? b : a))
  if (zeros === undefined) return text
  const at = text.search(new RegExp(`(?:^|:)${zeros}(?:$|:)`))
  const before = text.slice(0, at)
  const after = text.slice(at).replace(/^:/, '').slice(zeros.length).replace(/^:/, '')
  return `${before}::${after}`
}
