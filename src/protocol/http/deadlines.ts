import type { SteadyClock } from '../../core/clock.ts'
import { BODY_BYTES_PER_SECOND_MIN, BODY_IDLE_MS, DEADLINE_SWEEP_MS } from './limits.ts'

/** Something that must have happened by a moment. */
export interface Deadline {
  /** By the steady clock; Infinity: nothing is due. */
  due_ms: number
  overdue(): void
}

export interface Deadlines {
  now_ms(): number
  add(deadline: Deadline): void
  remove(deadline: Deadline): void
  close(): void
}

/** Many deadlines that move with every request, for the price of one timer. */
export function createDeadlines(clock: SteadyClock): Deadlines {
  const all = new Set<Deadline>()
  const timer = setInterval(() => {
    const now_ms = clock.steady_ms()
    for (const one of all) {
      if (one.due_ms > now_ms) continue
      one.due_ms = Infinity
      one.overdue()
    }
  }, DEADLINE_SWEEP_MS)
  timer.unref()
  return {
    now_ms: () => clock.steady_ms(),
    add: (deadline) => void all.add(deadline),
    remove: (deadline) => void all.delete(deadline),
    close: () => clearInterval(timer),
  }
}

/**
 * A deadline on progress: what comes buys the time that the slowest rate allows for it. A pause is
 * allowed as long as the time that was not used up before it; a byte a minute is not.
 */
export function paced(due_ms: number, bytes: number, now_ms: number): number {
  const bought_ms = (bytes * 1000) / BODY_BYTES_PER_SECOND_MIN
  return Math.min(now_ms + BODY_IDLE_MS, due_ms + bought_ms)
}
