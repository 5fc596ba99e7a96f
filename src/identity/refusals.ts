import type { SteadyClock } from '../core/clock.ts'
import type { GatekeeperHooks, SignInRefusal } from './gatekeeper.ts'
import type { RateLimitOptions } from './rate-limit.ts'
import { createRateLimit } from './rate-limit.ts'
import { BUCKETS_MAX, REFUSALS_TOLD_BURST, REFUSALS_TOLD_PER_SECOND } from './tokens/limits.ts'

/**
 * Tells of refused sign-ins. Each is told by itself up to a bound of its address and of all
 * together, or strangers could fill the disk with records; the rest is counted, and the next that
 * is told says how many they were.
 */
export function createRefusalTeller(
  hooks: GatekeeperHooks,
  perAddress: RateLimitOptions,
  clock: SteadyClock,
): (address: string, refusal: SignInRefusal) => void {
  const ofAddress = createRateLimit(perAddress, clock)
  const ofAll = createRateLimit(
    { burst: REFUSALS_TOLD_BURST, perSecond: REFUSALS_TOLD_PER_SECOND },
    clock,
  )
  const untold = new Map<string, number>()
  return (address, refusal) => {
    const more = untold.get(address) ?? 0
    untold.delete(address)
    if (ofAddress.take(address) && ofAll.take('')) {
      hooks.refused?.(more === 0 ? refusal : { ...refusal, untold: more })
      return
    }
    untold.set(address, more + 1)
    const [oldest] = untold.keys()
    if (untold.size > BUCKETS_MAX && oldest !== undefined) untold.delete(oldest)
    hooks.refusedUntold?.(refusal.code)
  }
}
