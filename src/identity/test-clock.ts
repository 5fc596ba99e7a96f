import type { Clock } from '../core/clock.ts'

/** A clock that tests move by hand. */
export interface TestClock extends Clock {
  advance_ms(by_ms: number): void
}

export function createTestClock(start_ms: number = 1_800_000_000_000): TestClock {
  let time_ms = start_ms
  return {
    now_ms: () => time_ms,
    advance_ms: (by_ms) => {
      time_ms += by_ms
    },
  }
}
