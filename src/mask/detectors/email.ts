import { DOMAIN, is, LETTER, LOCAL_PART, type Found, type Text } from './text.ts'

const AT = 0x40
const DOT = 0x2e
const APOSTROPHE = 0x27

/**
 * Email addresses (RFC 5321 section 4.1.2, RFC 6531 for letters beyond ASCII) with a domain of two
 * labels or more, also with the at sign percent-encoded. Local parts in quotes and characters that
 * delimit in data (`=`, `/`, `|`, braces) are not taken as part of an address.
 */
export function scanEmails(text: Text, found: Found): void {
  scanAround(text, '@', found)
  scanAround(text, '%40', found)
}

function scanAround(text: Text, sign: string, found: Found): void {
  let floor = 0
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + sign.length)) {
    const start = localPartStart(text, at, floor)
    const end = domainEnd(text, at + sign.length)
    floor = at + sign.length
    if (start < at && end !== undefined) found(start, end)
  }
}

/** `floor` is the end of the sign before, so that no character is read for two signs. */
function localPartStart(text: Text, sign: number, floor: number): number {
  let at = sign
  while (at > floor && isLocalPart(text.charCodeAt(at - 1))) at--
  while (at < sign && text.charCodeAt(at) === APOSTROPHE) at++
  return at
}

function isLocalPart(unit: number): boolean {
  return isBeyondAscii(unit) || is(unit, LOCAL_PART)
}

function domainEnd(text: Text, from: number): number | undefined {
  let at = from
  let lastDot = -1
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit === AT || !(is(unit, DOMAIN) || isBeyondAscii(unit))) break
    if (unit === DOT && isLabel(text.charCodeAt(at + 1))) lastDot = at
    at++
  }
  if (lastDot <= from) return undefined
  let end = lastDot + 1
  while (end < at && text.charCodeAt(end) !== DOT) end++
  return end - lastDot > 2 && isTopLevel(text.charCodeAt(lastDot + 1)) ? end : undefined
}

function isLabel(unit: number): boolean {
  return isBeyondAscii(unit) || (is(unit, DOMAIN) && unit !== DOT)
}

/** A top-level label starts with a letter, so `a@1.2` is none. */
function isTopLevel(unit: number): boolean {
  return isBeyondAscii(unit) || is(unit, LETTER)
}

/** Not the no-break space and typographic blanks, quotes and dashes, which end a word. */
function isBeyondAscii(unit: number): boolean {
  return unit > 0xbf && !(unit >= 0x2000 && unit <= 0x206f) && unit !== 0x3000
}
