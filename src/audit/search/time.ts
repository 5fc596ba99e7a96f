const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/
const AGO = /^(\d{1,6})([smhd])$/
const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * Reads a time of a search, in milliseconds since the epoch: a day (its start in UTC), a moment of
 * RFC 3339 with its zone, or how long ago (`90m`). Undefined when it is none, or no real date.
 */
export function parseTime(text: string, now_ms: number): number | undefined {
  const [, count, unit] = AGO.exec(text) ?? []
  if (count !== undefined) return now_ms - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]
  if (!DAY.test(text) && !MOMENT.test(text)) return undefined
  const at_ms = Date.parse(text)
  return Number.isNaN(at_ms) || !isRealDay(text.slice(0, 10)) ? undefined : at_ms
}

/** `Date.parse` moves the 31st of February to March. */
function isRealDay(day: string): boolean {
  const parsed = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day)
}
