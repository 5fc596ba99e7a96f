import type { SteadyClock } from '../../src/core/clock.ts'

/** A clock that tests move by hand. */
export interface TestClock extends SteadyClock {
  /** Time passes. */
  advance_ms(by_ms: number): void
  /** Somebody sets the machine's time, forwards or backwards. */
  jump_ms(by_ms: number): void
}

export function createTestClock(start_ms: number = 1_800_000_000_000): TestClock {
  let time_ms = start_ms
  let passed_ms = 0
  return {
    now_ms: () => time_ms,
    steady_ms: () => passed_ms,
    advance_ms: (by_ms) => {
      time_ms += by_ms
      passed_ms += by_ms
    },
    jump_ms: (by_ms) => {
      time_ms += by_ms
    },
  }
}
