import type { SteadyClock } from '../core/clock.ts'
import { BUCKETS_MAX } from './limits.ts'

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

/**
 * What counts as one address: an IPv4 address, or the /64 of an IPv6 address, since whoever has one
 * address of it has all.
 */
export function addressKey(address: string): string {
  const bare = (address.split('%')[0] ?? '').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  if (!bare.includes(':')) return bare
  const [head = '', tail] = bare.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  const network = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}
