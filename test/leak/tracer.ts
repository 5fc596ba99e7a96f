import { createHash } from 'node:crypto'

/** Every stretch of so many letters and digits gives a secret away. */
const WINDOW = 6
const DECODED_CODES_MAX = 4000

/**
 * Finds stretches of secrets in what a client saw, in every spelling that a client could undo: any
 * case, backwards, anything between the letters, letters moved by one, hexadecimal, base64, percent,
 * JSON, XML and octal escapes, UTF-16, and numbers of characters. Also the MD5 of a whole secret,
 * which tells it to those who guess. Returns the stretch that was found.
 */
export function createTracer(secrets: readonly string[]): (bytes: string) => string | undefined {
  const needles = new Set(secrets.flatMap((secret) => spellings(secret).flatMap(stretches)))
  for (const secret of secrets) {
    for (const known of [secret, secret.toUpperCase()]) {
      needles.add(
        createHash('md5')
          .update(known)
          .digest('hex')
          .slice(0, WINDOW * 2),
      )
    }
  }
  return (bytes) => {
    for (const reading of readings(bytes)) {
      const found = search(lettersOf(reading), needles)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function search(letters: string, needles: ReadonlySet<string>): string | undefined {
  for (let at = 0; at + WINDOW <= letters.length; at++) {
    for (const length of [WINDOW, WINDOW * 2]) {
      const stretch = letters.slice(at, at + length)
      if (needles.has(stretch)) return stretch
    }
  }
  return undefined
}

function spellings(secret: string): string[] {
  const plain = lettersOf(secret)
  return [plain, moved(plain)].flatMap((one) => [one, reversed(one)])
}

function stretches(text: string): string[] {
  const count = Math.max(0, text.length - WINDOW + 1)
  return Array.from({ length: count }, (_, at) => text.slice(at, at + WINDOW))
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '')
}

function reversed(text: string): string {
  return Array.from(text).reverse().join('')
}

/** `translate(…, 'abcdefghij', 'bcdefghija')`. */
function moved(text: string): string {
  return text.replaceAll(/[a-j]/g, (c) =>
    c === 'j' ? 'a' : String.fromCharCode(c.charCodeAt(0) + 1),
  )
}

function* readings(bytes: string): Generator<string> {
  yield bytes
  yield unescaped(bytes)
  yield unframed(bytes)
  for (const [run] of bytes.matchAll(/[0-9a-f]{12,}/gi)) {
    yield Buffer.from(run, 'hex').toString('latin1')
    yield Buffer.from(run.slice(1), 'hex').toString('latin1')
  }
  yield* spacedHex(bytes)
  for (const [run] of bytes.matchAll(/[A-Za-z0-9+/_-]{8,}/g)) {
    for (const skip of [0, 1, 2, 3]) yield Buffer.from(run.slice(skip), 'base64').toString('latin1')
  }
  yield numbered(bytes, /\b\d{2,3}\b/g, 10)
  yield numbered(bytes, /\b[01]{7,8}\b/g, 2)
}

/** Bytes in pairs of digits with anything but a digit between: `71 7a 37`, `71_7a_`. */
function* spacedHex(bytes: string): Generator<string> {
  for (const [run] of bytes.matchAll(/(?:[0-9a-f]{2}[^0-9a-z\r\n]{1,2}){6,}/gi)) {
    yield Buffer.from(run.replaceAll(/[^0-9a-f]/gi, ''), 'hex').toString('latin1')
  }
}

/** Rows without what the protocol puts between them, so that letters of several rows or columns meet. */
function unframed(bytes: string): string {
  return bytes.replaceAll(ROW_START, '').replaceAll(LENGTH, '')
}

/** DataRow with its number of columns, CopyData, or PortalSuspended. */
// oxlint-disable-next-line no-control-regex -- the protocol's own bytes
const ROW_START = /D\0\0[^]{2}\0[^]|d\0\0[^]{2}|s\0\0\0\x04/g
/** Of a value that is shorter than 64 KiB. */
const LENGTH = /\0\0[^]{2}/g

function numbered(bytes: string, pattern: RegExp, base: number): string {
  let text = ''
  for (const [code] of bytes.matchAll(pattern)) {
    if (text.length >= DECODED_CODES_MAX) break
    text += String.fromCharCode(Number.parseInt(code, base))
  }
  return text
}

function unescaped(bytes: string): string {
  const character = (base: number) => (_: string, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, base))
  return bytes
    .replaceAll(/\\+u([0-9a-f]{4})/gi, character(16))
    .replaceAll(/\\+x([0-9a-f]{2})(?![0-9a-f]{2})/gi, character(16))
    .replaceAll(/%([0-9a-f]{2})/gi, character(16))
    .replaceAll(/&#x([0-9a-f]{2,4});/gi, character(16))
    .replaceAll(/&#(\d{2,4});/g, character(10))
    .replaceAll(/\\+([0-7]{3})/g, character(8))
}
