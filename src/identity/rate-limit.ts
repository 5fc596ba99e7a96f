import type { SteadyClock } from '../core/clock.ts'
import { BUCKETS_MAX } from './tokens/limits.ts'

/** Token buckets by key. Memory is bounded: beyond `keysMax` the bucket touched longest ago goes. */
export interface RateLimit {
  /** Whether one more is allowed now; takes nothing. */
  allows(key: string): boolean
  /** Takes one; false when there was none. */
  take(key: string): boolean
}

export interface RateLimitOptions {
  readonly burst: number
  readonly perSecond: number
  readonly keysMax?: number
}

interface Bucket {
  readonly level: number
  readonly at_ms: number
}

export function createRateLimit(options: RateLimitOptions, clock: SteadyClock): RateLimit {
  const { burst, perSecond, keysMax = BUCKETS_MAX } = options
  const buckets = new Map<string, Bucket>()
  const levelOf = (key: string): number => {
    const bucket = buckets.get(key)
    if (bucket === undefined) return burst
    const elapsed_s = (clock.steady_ms() - bucket.at_ms) / 1000
    return Math.min(burst, bucket.level + elapsed_s * perSecond)
  }
  return {
    allows: (key) => levelOf(key) >= 1,
    take(key) {
      const level = levelOf(key)
      const allowed = level >= 1
      buckets.delete(key)
      buckets.set(key, { level: allowed ? level - 1 : level, at_ms: clock.steady_ms() })
      const oldest = buckets.keys().next()
      if (buckets.size > keysMax && oldest.done !== true) buckets.delete(oldest.value)
      return allowed
    },
  }
}
