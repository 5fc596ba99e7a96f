import { eachDigitRun, NUMBER_SEPARATORS, type DigitRun } from './digit-groups.ts'
import type { Found, Text } from './text.ts'

/** Shortest and longest primary account number (ISO/IEC 7812). */
const DIGITS_MIN = 12
const DIGITS_MAX = 19
/** Groups are printed as 4-4-4-4, 4-6-5, 6-13 and the like; a list of small numbers is no card. */
const GROUP_MIN = 3

/**
 * Payment card numbers: a known issuer prefix, a length that the issuer uses, and the Luhn check
 * digit (ISO/IEC 7812-1 annex B). Single separators may lie between groups; leading zeros of the
 * first group are padding.
 */
export function scanPaymentCards(text: Text, found: Found): void {
  const digits: number[] = []
  eachDigitRun(text, NUMBER_SEPARATORS, (run) => {
    let group = 0
    while (group < run.starts.length) {
      const start = skipZeros(text, run.starts[group]!, run.ends[group]!)
      const last = lastGroupOfCard(text, run, group, start, digits)
      if (last === undefined) {
        group++
        continue
      }
      found(start, run.ends[last]!)
      group = last + 1
    }
  })
}

function skipZeros(text: Text, start: number, end: number): number {
  let at = start
  while (at < end && text.charCodeAt(at) === 0x30) at++
  return at
}

/** The longest card that starts in this group. At most DIGITS_MAX + 1 digits are read. */
function lastGroupOfCard(
  text: Text,
  run: DigitRun,
  first: number,
  firstStart: number,
  digits: number[],
): number | undefined {
  digits.length = 0
  let last: number | undefined
  for (let group = first; group < run.starts.length; group++) {
    const start = group === first ? firstStart : run.starts[group]!
    const end = run.ends[group]!
    if (digits.length + end - start > DIGITS_MAX) break
    for (let at = start; at < end; at++) digits.push(text.charCodeAt(at) - 0x30)
    if (digits.length >= DIGITS_MIN && isCard(digits)) last = group
    if (end - start < GROUP_MIN) break
  }
  return last
}

function isCard(digits: readonly number[]): boolean {
  return issuerAccepts(digits) && luhn(digits)
}

function luhn(digits: readonly number[]): boolean {
  let sum = 0
  let double = false
  for (let i = digits.length - 1; i >= 0; i--) {
    const digit = digits[i]!
    const value = double ? digit * 2 : digit
    sum += value > 9 ? value - 9 : value
    double = !double
  }
  return sum % 10 === 0
}

interface Issuer {
  /** Of the first six digits, inclusive. */
  readonly from: number
  readonly to: number
  readonly min: number
  readonly max: number
}

const ISSUERS: readonly Issuer[] = [
  { from: 400000, to: 499999, min: 13, max: 19 }, // Visa
  { from: 510000, to: 559999, min: 16, max: 16 }, // Mastercard
  { from: 222100, to: 272099, min: 16, max: 16 }, // Mastercard
  { from: 340000, to: 349999, min: 15, max: 15 }, // American Express
  { from: 370000, to: 379999, min: 15, max: 15 }, // American Express
  { from: 300000, to: 305999, min: 14, max: 19 }, // Diners Club
  { from: 309500, to: 309599, min: 14, max: 19 }, // Diners Club
  { from: 360000, to: 369999, min: 14, max: 19 }, // Diners Club
  { from: 380000, to: 399999, min: 14, max: 19 }, // Diners Club
  { from: 352800, to: 358999, min: 16, max: 19 }, // JCB
  { from: 601100, to: 601199, min: 16, max: 19 }, // Discover
  { from: 644000, to: 659999, min: 16, max: 19 }, // Discover, RuPay
  { from: 620000, to: 629999, min: 16, max: 19 }, // UnionPay
  { from: 810000, to: 829999, min: 16, max: 19 }, // UnionPay, RuPay
  { from: 500000, to: 509999, min: 12, max: 19 }, // Maestro, Elo, RuPay, Verve
  { from: 560000, to: 589999, min: 12, max: 19 }, // Maestro
  { from: 600000, to: 609999, min: 16, max: 19 }, // RuPay, Hipercard
  { from: 630400, to: 630499, min: 12, max: 19 }, // Maestro
  { from: 636200, to: 639099, min: 12, max: 19 }, // Elo, Maestro, InstaPayment
  { from: 670000, to: 679999, min: 12, max: 19 }, // Maestro
  { from: 220000, to: 220499, min: 16, max: 19 }, // Mir
  { from: 979200, to: 979299, min: 16, max: 16 }, // Troy
  { from: 100000, to: 199999, min: 15, max: 15 }, // UATP
]

function issuerAccepts(digits: readonly number[]): boolean {
  let prefix = 0
  for (let i = 0; i < 6; i++) prefix = prefix * 10 + digits[i]!
  return ISSUERS.some(
    (issuer) =>
      prefix >= issuer.from &&
      prefix <= issuer.to &&
      digits.length >= issuer.min &&
      digits.length <= issuer.max,
  )
}
