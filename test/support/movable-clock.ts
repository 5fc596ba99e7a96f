import type { SteadyClock } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'

/** The system's clock, moved by hand; time also passes by itself. */
export interface MovableClock extends SteadyClock {
  /** Time passes at once. */
  advance_ms(by_ms: number): void
  /** Somebody sets the machine's time, forwards or backwards. */
  jump_ms(by_ms: number): void
}

export function createMovableClock(): MovableClock {
  let set_ms = 0
  let passed_ms = 0
  return {
    now_ms: () => systemClock.now_ms() + passed_ms + set_ms,
    steady_ms: () => systemClock.steady_ms() + passed_ms,
    advance_ms: (by_ms) => void (passed_ms += by_ms),
    jump_ms: (by_ms) => void (set_ms += by_ms),
  }
}
