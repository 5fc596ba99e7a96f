import { BASE64, BASE64URL, DIGIT, is, LETTER, type Found, type Text } from './text.ts'

const EQUALS = 0x3d

/**
 * Keys of Azure services: 64-byte storage, Cosmos DB and Batch account keys in base64; keys with
 * the fixed signatures that Azure puts into newer ones; Entra client secrets; SAS signatures.
 */
export function scanAzureKeys(text: Text, found: Found): void {
  scanBase64Keys(text, found)
  scanClientSecrets(text, found)
  scanSasSignatures(text, found)
}

function scanBase64Keys(text: Text, found: Found): void {
  let at = 0
  while (at < text.length) {
    if (!is(text.charCodeAt(at), BASE64)) {
      at++
      continue
    }
    const start = at
    while (is(text.charCodeAt(at), BASE64)) at++
    const bodyEnd = at
    while (text.charCodeAt(at) === EQUALS) at++
    if (isKey(text, start, bodyEnd, at - bodyEnd)) found(start, at)
  }
}

interface Signed {
  readonly length: number
  readonly padding: number
  readonly at: number
  readonly marks: readonly string[]
}

const SIGNED: readonly Signed[] = [
  {
    length: 43,
    padding: 1,
    at: 33,
    marks: ['AIoT', '+ASb', '+AEh', '+ARm', '+AzE', 'AzCa', 'AzEG'],
  },
  { length: 52, padding: 0, at: 42, marks: ['AzSe', '+ACR'] },
  { length: 54, padding: 2, at: 44, marks: ['AzFu'] },
  { length: 84, padding: 0, at: 52, marks: ['JQQJ'] },
]

function isKey(text: Text, start: number, end: number, padding: number): boolean {
  if (end - start === 86 && padding === 2) return true
  return SIGNED.some(
    (key) =>
      key.length === end - start &&
      key.padding === padding &&
      key.marks.includes(text.slice(start + key.at, start + key.at + 4)),
  )
}

const SECRET_BEFORE = 4
const SECRET_AFTER_MIN = 31
const SECRET_AFTER_MAX = 34

/** Entra client secrets: three characters, a digit, `Q~`, then 31 to 34 characters. */
function scanClientSecrets(text: Text, found: Found): void {
  for (let at = text.indexOf('Q~'); at >= 0; at = text.indexOf('Q~', at + 2)) {
    const start = at - SECRET_BEFORE
    if (start < 0 || !is(text.charCodeAt(at - 1), DIGIT)) continue
    if (!isSecretUnit(text, start) || !isSecretUnit(text, start + 1)) continue
    if (!isSecretUnit(text, start + 2)) continue
    let end = at + 2
    while (end - at - 2 < SECRET_AFTER_MAX && isSecretUnit(text, end)) end++
    if (end - at - 2 >= SECRET_AFTER_MIN) found(start, end)
  }
}

function isSecretUnit(text: Text, at: number): boolean {
  const unit = text.charCodeAt(at)
  return is(unit, BASE64URL) || unit === 0x7e || unit === 0x2e
}

/** A SHA-256 HMAC has 44 characters in base64; percent-encoding only adds to that. */
const SIGNATURE_MIN = 43

/** The `sig` parameter of a shared access signature. */
function scanSasSignatures(text: Text, found: Found): void {
  let at = text.indexOf('sig=')
  while (at >= 0) {
    const start = at + 4
    let end = start
    while (isSignatureUnit(text.charCodeAt(end))) end++
    const named = at === 0 || !is(text.charCodeAt(at - 1), LETTER | DIGIT)
    if (named && end - start >= SIGNATURE_MIN) found(start, end)
    at = text.indexOf('sig=', end)
  }
}

function isSignatureUnit(unit: number): boolean {
  return is(unit, BASE64 | BASE64URL) || unit === 0x25 || unit === EQUALS
}
