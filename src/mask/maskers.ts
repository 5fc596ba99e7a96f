import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { MaskerSpec } from '../core/verdict.ts'
import { isNumeric, type Kind } from './kind.ts'
import { HASH_HEX_DIGITS } from './limits.ts'

export interface MaskKeys {
  /** Key of the `hash` masker, at least 32 random bytes; who has it can try out guesses. */
  readonly hashKey: Uint8Array
}

/** From a value's text form to its masked text form of the same kind; null is "no value". */
export type Masker = (text: string) => string | null

export const REDACTED = '[redacted]'
const HIDDEN = '****'

/**
 * The masker for values of one kind. Where the named masker cannot give a value of that kind, it
 * masks as `redact` does: `[redacted]` where the kind can hold it (text, a JSON string), else null.
 */
export function createMasker(spec: MaskerSpec, kind: Kind, keys: MaskKeys): Masker {
  const redacted = redact(kind)
  const fallback = () => redacted
  switch (spec.name) {
    case 'null':
      return () => null
    case 'redact':
      return fallback
    case 'number':
      return isNumeric(kind) || kind === 'text' || kind === 'json' ? () => '0' : fallback
    case 'hash':
      return createHasher(kind, keys) ?? fallback
    case 'date':
      return createYearMasker(kind, redacted) ?? fallback
    case 'email':
      return kind === 'text' ? maskEmail : fallback
    case 'partial':
      break
  }
  if (kind !== 'text') return fallback
  const { keepStart = 0, keepEnd = 0 } = spec
  return (text) => keepEnds(text, keepStart, keepEnd)
}

function redact(kind: Kind): string | null {
  if (kind === 'text') return REDACTED
  return kind === 'json' ? `"${REDACTED}"` : null
}

// hash

function createHasher(kind: Kind, keys: MaskKeys): Masker | undefined {
  const key = createSecretKey(keys.hashKey)
  switch (kind) {
    case 'text':
      return (text) => digest(key, text).toString('hex').slice(0, HASH_HEX_DIGITS)
    case 'json':
      return (text) => `"${digest(key, text).toString('hex').slice(0, HASH_HEX_DIGITS)}"`
    case 'bytes':
      return (text) => `\\x${digest(key, text).toString('hex').slice(0, HASH_HEX_DIGITS)}`
    case 'uuid':
      return (text) => hashUuid(digest(key, text.toLowerCase()))
    case 'integer':
      return (text) => String(digest(key, text).readUInt32BE(0) >>> 1)
    case 'bigint':
      // 53 bits, so that JSON readers keep it exact.
      return (text) => String(digest(key, text).readBigUInt64BE(0) >> 11n)
    case 'number':
    case 'smallint':
    case 'date':
    case 'timestamp':
    case 'boolean':
    case 'other':
      break
  }
  return undefined
}

function digest(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** Version 8, custom (RFC 9562 section 5.8). */
function hashUuid(bytes: Buffer): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

// date

const ISO_DATE = /^(\d{4,6})-\d\d-\d\d(?:[ T]|$)/
const ZONE = /:\d\d(?:\.\d+)?([+-]\d\d(?::?\d\d){0,2})$/

/** Keeps the year of an ISO date. Other spellings, BC and infinity are not told apart: redacted. */
function createYearMasker(kind: Kind, redacted: string | null): Masker | undefined {
  if (kind !== 'date' && kind !== 'timestamp' && kind !== 'text') return undefined
  return (text) => {
    const year = ISO_DATE.exec(text)?.[1]
    if (year === undefined || text.endsWith('BC')) return redacted
    const day = `${year}-01-01`
    return kind === 'timestamp' ? `${day} 00:00:00${ZONE.exec(text)?.[1] ?? ''}` : day
  }
}

// email

const TOP_LEVEL = /^[a-z]{2,6}$/i

/** `a***@***.com`: the first letter or digit and the top-level domain; all else is hidden. */
function maskEmail(text: string): string {
  const sign = text.lastIndexOf('@')
  if (sign <= 0) return '***'
  const first = /^[a-z0-9]/i.test(text) ? text[0]! : '*'
  const dot = text.lastIndexOf('.')
  const topLevel = dot > sign ? text.slice(dot + 1) : ''
  return `${first}***@***${TOP_LEVEL.test(topLevel) ? `.${topLevel}` : ''}`
}

// partial

/**
 * The ends of the text around a fixed mark, counted in code points, so that neither the length nor
 * half a character shows. A value so short that less would be hidden than kept, and less than four,
 * is hidden whole.
 */
function keepEnds(text: string, keepStart: number, keepEnd: number): string {
  const kept = keepStart + keepEnd
  if (kept === 0) return HIDDEN
  const start = forward(text, keepStart)
  const end = backward(text, keepEnd)
  if (start >= end) return HIDDEN
  const enough = forward(text, Math.min(kept, 4), start)
  if (enough > end || (enough === end && countsLess(text, start, end, Math.min(kept, 4)))) {
    return HIDDEN
  }
  return text.slice(0, start) + HIDDEN + text.slice(end)
}

function countsLess(text: string, start: number, end: number, needed: number): boolean {
  let count = 0
  for (let at = start; at < end; at = forward(text, 1, at)) count++
  return count < needed
}

function forward(text: string, points: number, from = 0): number {
  let at = from
  for (let i = 0; i < points && at < text.length; i++) {
    at += isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1)) ? 2 : 1
  }
  return at
}

function backward(text: string, points: number): number {
  let at = text.length
  for (let i = 0; i < points && at > 0; i++) {
    at -= isLow(text.charCodeAt(at - 1)) && isHigh(text.charCodeAt(at - 2)) ? 2 : 1
  }
  return at
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
