import type { SteadyClock } from '../core/clock.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'

/**
 * The event loop is everybody's: sessions, people and health checks. A session with a lot to do at once
 * (a chunk of many statements, each some milliseconds to judge) does it in turns. Who has used up a turn
 * stands in line, and between any two turns of those in line the loop does what else there is to do.
 */
export interface Turns {
  /** The end of a turn that begins now. */
  end_ms(): number
  isOver(end_ms: number): boolean
  /** The turn of `whose` is over; calls `take` once, after whoever stands in line already. */
  standInLine(whose: TurnTaker, end_ms: number, take: () => void): void
}

/** A governed session. */
export interface TurnTaker {
  readonly id: string
  readonly principal: Principal
  readonly resource: Resource
}

/**
 * Long enough that ordinary traffic never stands in line: the judging of a hundred statements that are
 * known, or of several that are not. A turn can only end between two messages.
 */
const TURN_MS = 5

/** `used` is told of every turn that was used up, and what it took. */
export function createTurns(
  clock: Pick<SteadyClock, 'steady_ms'>,
  used: (whose: TurnTaker, took_ms: number) => void = () => {},
): Turns {
  const line: (() => void)[] = []
  let called = false

  function callNext(): void {
    if (called || line.length === 0) return
    called = true
    // After it the loop looks for what has come in before it calls the next one.
    setImmediate(() => {
      called = false
      const take = line.shift()
      callNext()
      take?.()
    })
  }

  return {
    end_ms: () => clock.steady_ms() + TURN_MS,
    isOver: (end_ms) => clock.steady_ms() >= end_ms,
    standInLine(whose, end_ms, take) {
      used(whose, clock.steady_ms() - end_ms + TURN_MS)
      line.push(take)
      callNext()
    },
  }
}
