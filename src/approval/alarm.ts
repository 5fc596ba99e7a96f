import type { SteadyClock } from '../core/clock.ts'
import { TIMER_MS_MAX } from './limits.ts'

/** One timer, for the nearest of many deadlines. */
export interface Alarm {
  /** Replaces the deadline, by the steady clock; undefined: none. */
  set(at_ms: number | undefined): void
}

/** `ring` is called at or after the deadline; for a far one also before, and then sets it again. */
export function createAlarm(clock: SteadyClock, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined
  return {
    set(at_ms) {
      clearTimeout(timer)
      timer = undefined
      if (at_ms === undefined) return
      const delay_ms = Math.min(Math.max(at_ms - clock.steady_ms(), 1), TIMER_MS_MAX)
      timer = setTimeout(ring, delay_ms)
      timer.unref()
    },
  }
}
