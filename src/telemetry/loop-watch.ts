import type { SteadyClock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'

/** A piece of work that keeps the event loop while it lasts. */
export interface Work {
  /** A short list of names: it is the label of a metric. */
  readonly what: 'postgres.statements' | 'http.request'
  readonly session: string
  readonly agent: string
  readonly resource: string
}

/**
 * Notices when the event loop stood: nobody was served meanwhile, no revocation took effect, no health
 * check was answered. It says for how long, and over what, where that is known.
 */
export interface LoopWatch {
  /** A piece of work is over that took long; the longest between two looks is remembered. */
  worked(work: Work, took_ms: number): void
  /** True when, within the last minute, it stood for longer than a revocation may take. */
  stoodLately(): boolean
  close(): void
}

export interface LoopWatchParts {
  readonly clock: SteadyClock
  readonly log: Log
  /** For metrics. */
  readonly blocked: (cause: Work['what'] | 'other', seconds: number) => void
}

/** Often enough to tell a stand of a quarter of a second, and rare enough to cost nothing. */
const LOOK_EVERY_MS = 100

/** A person notices it, and it is far more than a turn of anybody's. */
const BLOCKED_MS = 250

/** A revocation is promised to take effect within it. */
const TOO_LONG_MS = 1_000

const LATELY_MS = 60_000

export function createLoopWatch({ clock, log, blocked }: LoopWatchParts): LoopWatch {
  let looked_ms = clock.steady_ms()
  let tooLongAt_ms = -Infinity
  let longest: { readonly work: Work; readonly took_ms: number } | undefined

  function look(): void {
    const now_ms = clock.steady_ms()
    const stood_ms = now_ms - looked_ms - LOOK_EVERY_MS
    looked_ms = now_ms
    const suspect = longest
    longest = undefined
    if (stood_ms < BLOCKED_MS) return
    if (stood_ms >= TOO_LONG_MS) tooLongAt_ms = now_ms
    // What took less than half of it is not what it stood over.
    const work = suspect !== undefined && suspect.took_ms * 2 >= stood_ms ? suspect.work : undefined
    log.warn('loop.blocked', { blocked_ms: Math.round(stood_ms), ...(work ?? { what: 'other' }) })
    blocked(work?.what ?? 'other', stood_ms / 1000)
  }

  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()
  return {
    worked(work, took_ms) {
      if (longest === undefined || took_ms > longest.took_ms) longest = { work, took_ms }
    },
    stoodLately: () => clock.steady_ms() - tooLongAt_ms < LATELY_MS,
    close: () => clearInterval(timer),
  }
}
