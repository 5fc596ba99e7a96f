import type { MaskerSpec } from '../core/verdict.ts'
import type { Kind } from './kind.ts'

/**
 * Masks the value `bytes[start, end)` into `out` from `at` on, and gives where it ended; -1 where
 * only its text can tell. `out` must have room for MORE_BYTES_MAX bytes more than the value has.
 */
export type ByteMasker = (
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
) => number

/** No byte masker makes a value longer than by so much: `a***@***.museum` of nothing. */
export const MORE_BYTES_MAX = 16

/**
 * What `createMasker` does for text, for those maskers that need no characters but ASCII ones: a
 * million rows then cost no million strings. Undefined for all others.
 */
export function createByteMasker(spec: MaskerSpec, kind: Kind): ByteMasker | undefined {
  if (kind !== 'text') return undefined
  if (spec.name === 'email') return maskEmail
  if (spec.name !== 'partial') return undefined
  const { keepStart = 0, keepEnd = 0 } = spec
  return (bytes, start, end, out, at) =>
    isAscii(bytes, start, end)
      ? keepEnds(bytes, start, end, out, at, keepStart, keepEnd)
      : OTHER_THAN_ASCII
}

const OTHER_THAN_ASCII = -1

const STAR = 0x2a
const SIGN = 0x40
const DOT = 0x2e

/** In UTF-8 and in all encodings like it, no byte of a longer character looks like ASCII. */
function maskEmail(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  const sign = lastIndex(bytes, start, end, SIGN)
  if (sign <= start) return stars(out, at, 3)
  const first = bytes[start]!
  let to = at
  out[to++] = isLetter(first) || isDigit(first) ? first : STAR
  to = stars(out, to, 3)
  out[to++] = SIGN
  to = stars(out, to, 3)
  const dot = lastIndex(bytes, sign, end, DOT)
  if (!isTopLevel(bytes, dot + 1, end)) return to
  for (let from = dot; from < end; from++) out[to++] = bytes[from]!
  return to
}

/** Two to six letters; `start` is 0 where there is no dot. */
function isTopLevel(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === 0 || end - start < 2 || end - start > 6) return false
  for (let at = start; at < end; at++) if (!isLetter(bytes[at]!)) return false
  return true
}

function keepEnds(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  keepStart: number,
  keepEnd: number,
): number {
  const kept = keepStart + keepEnd
  if (kept === 0 || end - start - kept < Math.min(kept, 4)) return stars(out, at, 4)
  let to = at
  for (let from = start; from < start + keepStart; from++) out[to++] = bytes[from]!
  to = stars(out, to, 4)
  for (let from = end - keepEnd; from < end; from++) out[to++] = bytes[from]!
  return to
}

function stars(out: Uint8Array, at: number, count: number): number {
  for (let index = 0; index < count; index++) out[at + index] = STAR
  return at + count
}

function lastIndex(bytes: Uint8Array, start: number, end: number, wanted: number): number {
  for (let at = end - 1; at >= start; at--) if (bytes[at] === wanted) return at
  return -1
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return false
  return true
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
