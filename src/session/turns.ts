import type { SteadyClock } from '../core/clock.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'

/**
 * The event loop is everybody's: agents, people and health checks. In each of its passes an agent has a
 * turn of some milliseconds, over all its sessions and requests. Once that is used up, whatever the agent
 * wants stands in line, and between any two turns of those in line the loop does what else there is to
 * do. Called is the agent that has had least (start-time fair queueing), and nobody whose turn was long
 * before as much time has gone by. So no agent has more than half of the loop where others want it.
 */
export interface Turns {
  /** `take` is called, once, when a turn has come that `begin` or `end` put off. */
  open(whose: TurnTaker, take: () => void): Turn
}

/** What one session, or one request, does in turns. */
export interface Turn {
  /** False: its agent has used up its turn, and this stands in line. */
  begin(): boolean
  /** A turn can only end between two pieces of work. */
  isOver(): boolean
  /** `left`: it was over, and there may be more to do, for which this stands in line. */
  end(left: boolean): void
  readonly inLine: boolean
}

/** A governed session. */
export interface TurnTaker {
  readonly id: string
  readonly principal: Principal
  readonly resource: Resource
}

/**
 * Long enough that ordinary traffic never stands in line: the judging of a hundred statements that are
 * known, or of several that are not.
 */
const TURN_MS = 5

/** What takes longer is nothing that people write: thousands of values, or columns. */
const LONG_TURN_MS = 50

/** What an agent uses is counted over many passes until it is as much; then the next pass begins anew. */
const LITTLE_MS = 2

/** One agent's. */
interface Lane {
  /** What the present turn took before `began_ms`. */
  used_ms: number
  began_ms: number
  /** Work in it leads to more of it, and ends after that. */
  working: number
  /** The turn is used up, and the next one has not come. */
  closed: boolean
  /** What it has had; who had nothing for a while gets nothing for that. */
  had_ms: number
  notBefore_ms: number
  readonly line: (() => void)[]
}

function emptyLane(): Lane {
  return {
    used_ms: 0,
    began_ms: 0,
    working: 0,
    closed: false,
    had_ms: 0,
    notBefore_ms: -Infinity,
    line: [],
  }
}

/** `used` is told of every turn that was used up, and what it took. */
export function createTurns(
  clock: Pick<SteadyClock, 'steady_ms'>,
  used: (whose: TurnTaker, took_ms: number) => void = () => {},
): Turns {
  /** As many as there are registered agents. */
  const lanes = new Map<string, Lane>()
  const closed = new Set<Lane>()
  /** What those have had at least who are called. */
  let least_ms = 0
  let call: { cancel(): void } | undefined
  const counted = new Set<Lane>()

  function laneOf({ principal }: TurnTaker): Lane {
    const { name } = principal.agent
    let lane = lanes.get(name)
    if (lane === undefined) {
      lane = emptyLane()
      lanes.set(name, lane)
    }
    return lane
  }

  const takenBy = ({ used_ms, began_ms }: Lane) => used_ms + clock.steady_ms() - began_ms

  function close(lane: Lane): void {
    lane.had_ms = Math.max(lane.had_ms, least_ms) + lane.used_ms
    if (lane.used_ms > LONG_TURN_MS) lane.notBefore_ms = clock.steady_ms() + lane.used_ms
    lane.used_ms = 0
    lane.closed = true
    closed.add(lane)
    planCall()
  }

  /** The next pass is another turn. */
  function count(lane: Lane): void {
    if (counted.size === 0) setImmediate(beginAnew)
    counted.add(lane)
  }

  function beginAnew(): void {
    for (const lane of counted) lane.used_ms = 0
    counted.clear()
  }

  function planCall(): void {
    call?.cancel()
    call = undefined
    if (closed.size === 0) return
    const now_ms = clock.steady_ms()
    let wait_ms = Infinity
    for (const { notBefore_ms } of closed) wait_ms = Math.min(wait_ms, notBefore_ms - now_ms)
    // Before an immediate the loop looks for what has come in.
    if (wait_ms <= 0) {
      const immediate = setImmediate(callNext)
      call = { cancel: () => clearImmediate(immediate) }
    } else {
      const timer = setTimeout(callNext, wait_ms).unref()
      call = { cancel: () => clearTimeout(timer) }
    }
  }

  function callNext(): void {
    call = undefined
    const now_ms = clock.steady_ms()
    let next: Lane | undefined
    for (const lane of closed) {
      const isDue = lane.notBefore_ms <= now_ms
      if (isDue && lane.had_ms < (next?.had_ms ?? Infinity)) next = lane
    }
    if (next === undefined) planCall()
    else open(next)
  }

  function open(lane: Lane): void {
    closed.delete(lane)
    lane.closed = false
    least_ms = Math.max(least_ms, lane.had_ms)
    planCall()
    while (!lane.closed && lane.line.length > 0) lane.line.shift()!()
  }

  return {
    open(whose, take) {
      const lane = laneOf(whose)
      let inLine = false

      function standInLine(): void {
        inLine = true
        lane.line.push(() => {
          inLine = false
          take()
        })
      }

      return {
        begin() {
          if (lane.closed && !inLine) standInLine()
          if (inLine) return false
          if (lane.working++ === 0) lane.began_ms = clock.steady_ms()
          return true
        },
        isOver: () => takenBy(lane) >= TURN_MS,
        end(left) {
          if (left) standInLine()
          if (--lane.working > 0) return
          lane.used_ms = takenBy(lane)
          if (lane.used_ms >= LITTLE_MS) count(lane)
          if (lane.used_ms < TURN_MS) return
          used(whose, lane.used_ms)
          close(lane)
        },
        get inLine() {
          return inLine
        },
      }
    },
  }
}

/** For what is done in one piece, now or in its turn. */
export function inTurn(
  turns: Turns,
  whose: TurnTaker,
  work: () => void,
  failed: (error: unknown) => void,
): void {
  const turn = turns.open(whose, take)
  function take(): void {
    if (!turn.begin()) return
    try {
      work()
    } catch (error) {
      failed(error)
    } finally {
      turn.end(false)
    }
  }
  take()
}
