import { isIP } from 'node:net'
import { z } from 'zod'

/** Longest duration that can be written: a year. Keeps every sum of times a safe integer. */
const DURATION_MS_MAX = 366 * 86_400_000

const DURATION = /^(?:\d{1,9}(?:ms|s|m|h|d))+$/
const DURATION_UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `90s`, `1h30m`, `500ms` in milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let total_ms = 0
  for (const [, count, unit] of text.matchAll(/(\d{1,9})(ms|s|m|h|d)/g)) {
    total_ms += Number(count) * DURATION_UNITS_MS[unit as keyof typeof DURATION_UNITS_MS]
  }
  return total_ms <= DURATION_MS_MAX ? total_ms : undefined
}

const SIZE = /^(\d{1,12})(B|KiB|MiB|GiB|TiB)$/
const SIZE_UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const

/** `64KiB`, `16MiB` in bytes; undefined when it is not a size. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text)
  if (match === null) return undefined
  const bytes = Number(match[1]) * SIZE_UNITS[match[2] as keyof typeof SIZE_UNITS]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

export interface Address {
  readonly host: string
  readonly port: number
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/

/** `host:port`, with IPv6 in brackets as in URLs; undefined when it is not an address. */
export function parseAddress(text: string): Address | undefined {
  const match = ADDRESS.exec(text)
  if (match === null) return undefined
  const port = Number(match[3])
  const host = match[1] ?? match[2]!
  if (port > 65_535 || (match[1] !== undefined && isIP(host) !== 6)) return undefined
  return { host, port }
}

/** True where packets to this host cannot leave the machine. A name is trusted only if `localhost`. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

/** A duration field; `shortest_ms` guards against values that would make the feature useless. */
export function duration(description: string, shortest_ms = 1) {
  const words = 'must be a duration such as 500ms, 30s, 15m, 8h or 1h30m'
  return z
    .string(words)
    .regex(DURATION, words)
    .transform((text, context): number => {
      const value_ms = parseDuration(text)
      if (value_ms !== undefined && value_ms >= shortest_ms) return value_ms
      context.addIssue(
        value_ms === undefined ? 'must be at most 366d' : `must be at least ${shortest_ms}ms`,
      )
      return z.NEVER
    })
    .describe(description)
}

export function size(description: string, smallest = 1) {
  const words = 'must be a size such as 512B, 64KiB, 16MiB or 1GiB'
  return z
    .string(words)
    .regex(SIZE, words)
    .transform((text, context): number => {
      const bytes = parseSize(text)
      if (bytes !== undefined && bytes >= smallest) return bytes
      context.addIssue(bytes === undefined ? 'is too large' : `must be at least ${smallest}B`)
      return z.NEVER
    })
    .describe(description)
}

export function address(description: string) {
  const words = 'must be host:port, such as 127.0.0.1:6432 or [::1]:6432'
  return z
    .string(words)
    .transform((text, context): Address => {
      const value = parseAddress(text)
      if (value !== undefined) return value
      context.addIssue(words)
      return z.NEVER
    })
    .describe(description)
}
