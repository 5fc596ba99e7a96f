import { DIGIT, is, isWord, LETTER, type Found, type Text } from './text.ts'

/** Characters of an IBAN by country (ISO 13616 registry). */
const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  [
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18',
    'DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23',
    'IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27',
    'MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19',
    'SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30',
  ]
    .join(' ')
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

/**
 * International bank account numbers: a registered country, its length, and check digits modulo 97
 * (ISO 13616, ISO 7064). Single blanks or dashes may lie between characters.
 */
export function scanIbans(text: Text, found: Found): void {
  for (let at = 0; at < text.length; at++) {
    if (!startsLikeIban(text, at)) continue
    const end = ibanEnd(text, at)
    if (end === undefined) continue
    found(at, end)
    at = end - 1
  }
}

function startsLikeIban(text: Text, at: number): boolean {
  return (
    is(text.charCodeAt(at), LETTER) &&
    is(text.charCodeAt(at + 1), LETTER) &&
    is(text.charCodeAt(at + 2), DIGIT) &&
    is(text.charCodeAt(at + 3), DIGIT) &&
    !(at > 0 && isWord(text.charCodeAt(at - 1)))
  )
}

function ibanEnd(text: Text, start: number): number | undefined {
  const length = LENGTHS[text.slice(start, start + 2).toUpperCase()]
  if (length === undefined) return undefined
  let at = start
  let taken = 0
  let remainder = 0
  let head = 0
  while (taken < length) {
    const unit = text.charCodeAt(at)
    if (!is(unit, LETTER | DIGIT)) {
      if (taken < 4 || !isSeparator(unit) || isSeparator(text.charCodeAt(at - 1))) return undefined
      at++
      continue
    }
    const value = valueOf(unit)
    if (taken < 4) head = append(head, value)
    else remainder = append(remainder, value) % 97
    taken++
    at++
  }
  if (isWord(text.charCodeAt(at))) return undefined
  // The first four characters (two letters make four digits, then two digits) move to the end.
  return (remainder * 1_000_000 + head) % 97 === 1 ? at : undefined
}

function isSeparator(unit: number): boolean {
  return unit === 0x20 || unit === 0x2d || unit === 0xa0
}

function valueOf(unit: number): number {
  return unit < 0x3a ? unit - 0x30 : (unit & 0xdf) - 0x41 + 10
}

function append(number: number, value: number): number {
  return value > 9 ? number * 100 + value : number * 10 + value
}
