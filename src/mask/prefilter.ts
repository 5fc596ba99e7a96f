import type { DetectorName } from '../core/verdict.ts'

/**
 * Whether a value can hold anything that these detectors look for, told from its bytes in one cheap
 * pass without decoding them. True may be wrong; false never is, for UTF-8 and any encoding that
 * keeps ASCII bytes.
 */
export type Prefilter = (bytes: Uint8Array, start: number, end: number) => boolean

const DIGIT = 1
const AT = 2
const PERCENT = 4
const BACKSLASH = 8
const DOT = 16
const COLON = 32
const EQUALS = 64
const DASH = 128
/** Set from the start. */
const ANY = 256

/** The least that must be there: so many bytes, so many digits, and one of these characters. */
interface Need {
  readonly bytes: number
  readonly digits: number
  readonly anyOf: number
}

const NEEDS: Readonly<Record<DetectorName, readonly Need[]>> = {
  'payment-card': [{ bytes: 12, digits: 12, anyOf: DIGIT }],
  iban: [{ bytes: 15, digits: 2, anyOf: DIGIT }],
  'us-ssn': [{ bytes: 9, digits: 9, anyOf: DIGIT }],
  email: [{ bytes: 6, digits: 0, anyOf: AT | PERCENT }],
  phone: [{ bytes: 9, digits: 8, anyOf: DIGIT }],
  'ip-address': [
    { bytes: 7, digits: 4, anyOf: DOT },
    { bytes: 3, digits: 0, anyOf: COLON },
  ],
  jwt: [{ bytes: 14, digits: 0, anyOf: DOT }],
  'azure-key': [
    { bytes: 37, digits: 1, anyOf: DIGIT },
    { bytes: 44, digits: 0, anyOf: EQUALS },
    { bytes: 52, digits: 0, anyOf: ANY },
  ],
  'azure-connection-string': [
    { bytes: 5, digits: 0, anyOf: EQUALS },
    { bytes: 7, digits: 0, anyOf: AT },
  ],
  'private-key': [{ bytes: 22, digits: 0, anyOf: DASH }],
}

const BITS = bitTable()

export function createPrefilter(detectors: Iterable<DetectorName>): Prefilter {
  const needs = [...detectors].flatMap((detector) => NEEDS[detector])
  if (needs.length === 0) return () => false
  const bytesMin = Math.min(...needs.map((need) => need.bytes))
  return (bytes, start, end) => {
    const length = end - start
    if (length < bytesMin) return false
    let seen = ANY
    let digits = 0
    for (let at = start; at < end; at++) {
      const bits = BITS[bytes[at]!]!
      seen |= bits
      digits += bits & DIGIT
    }
    // Behind a backslash anything may be spelled.
    if ((seen & BACKSLASH) !== 0) return true
    for (const need of needs) {
      if (length >= need.bytes && digits >= need.digits && (seen & need.anyOf) !== 0) return true
    }
    return false
  }
}

function bitTable(): Uint8Array {
  const table = new Uint8Array(256)
  for (let digit = 0x30; digit <= 0x39; digit++) table[digit] = DIGIT
  table[0x40] = AT
  table[0x25] = PERCENT
  table[0x5c] = BACKSLASH
  table[0x2e] = DOT
  table[0x3a] = COLON
  table[0x3d] = EQUALS
  table[0x2d] = DASH
  return table
}
