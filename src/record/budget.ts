import type { SteadyClock } from '../core/clock.ts'
import { LIMITED_NOTE_MS } from './lines/limits.ts'
import type { Note } from './lines/trail.ts'

/** What one agent may have recorded: a burst, and so much a second for good, in characters. */
export interface RecordBudgetLimits {
  readonly burst: number
  readonly perSecond: number
}

/** One agent's; all of its sessions share it. */
export interface RecordBudget {
  spend(chars: number): void
  /**
   * True while it is used up: what the agent asks for now (`chars` long) is refused, counted, and
   * told in sum, or the refusals would fill the disk instead.
   */
  refuses(chars: number): boolean
}

/** What was refused since it was last told. */
export interface Untold {
  readonly agent: string
  readonly refused: number
  readonly chars: number
}

export interface RecordBudgets {
  of(agent: string): RecordBudget
  /** Tells what is untold for so long: its agent may never ask for anything again. */
  tellRest(since_ms: number): void
}

/** `tell` hears of refusals in sum, now and then. */
export function createRecordBudgets(
  { burst, perSecond }: RecordBudgetLimits,
  clock: SteadyClock,
  tell: (untold: Untold) => void,
): RecordBudgets {
  const budgets = new Map<string, RecordBudget & Pick<RecordBudgets, 'tellRest'>>()
  return {
    of(agent) {
      const known = budgets.get(agent)
      if (known !== undefined) return known
      const made = create(agent)
      budgets.set(agent, made)
      return made
    },
    tellRest(since_ms) {
      for (const budget of budgets.values()) budget.tellRest(since_ms)
    },
  }

  function create(agent: string): RecordBudget & Pick<RecordBudgets, 'tellRest'> {
    let level = burst
    let filledAt_ms = clock.steady_ms()
    let told_ms = -Infinity
    let refused = 0
    let chars = 0

    /** Looked at only when the level is low: what is never used up costs no clock. */
    function fill(now_ms: number): void {
      level = Math.min(burst, level + ((now_ms - filledAt_ms) / 1000) * perSecond)
      filledAt_ms = now_ms
    }

    function tellNow(now_ms: number): void {
      tell({ agent, refused, chars })
      told_ms = now_ms
      refused = 0
      chars = 0
    }

    return {
      spend(count) {
        level -= count
      },
      refuses(count) {
        if (level > 0 && refused === 0) return false
        const now_ms = clock.steady_ms()
        fill(now_ms)
        const refuses = level <= 0
        if (refuses) {
          refused += 1
          chars += count
        }
        if (refused > 0 && now_ms - told_ms >= LIMITED_NOTE_MS) tellNow(now_ms)
        return refuses
      },
      tellRest(since_ms) {
        const now_ms = clock.steady_ms()
        if (refused > 0 && now_ms - told_ms >= since_ms) tellNow(now_ms)
      },
    }
  }
}

export function limitedNote({ agent, refused, chars }: Untold, at_ms: number): Note {
  return {
    at_ms,
    type: 'records-limited',
    message: 'What may be recorded of the agent is used up, so it was refused.',
    code: 'RECORD_LIMIT',
    agent,
    details: { refused, chars },
  }
}
