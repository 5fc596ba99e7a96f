import type { HealthCheck } from '../api/deps.ts'
import type { SteadyClock } from '../core/clock.ts'
import { systemClock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Turns } from '../session/turns.ts'
import { createTurns } from '../session/turns.ts'
import { createLoopWatch } from '../telemetry/loop-watch.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** How sessions share the event loop, and whether that goes well. */
export interface Loop {
  readonly turns: Turns
  check(): HealthCheck
  close(): void
}

export function wireLoop(clock: SteadyClock, log: Log, metrics: Metrics): Loop {
  const watch = createLoopWatch({
    // The loop stands in the machine's time, whatever time it is for what is governed.
    clock: systemClock,
    log,
    blocked: (cause, seconds) => metrics.loopBlocked(cause, seconds),
  })
  return {
    turns: createTurns(clock, ({ id, principal, resource }, took_ms) => {
      const whose = { session: id, agent: principal.agent.name, resource: resource.name }
      const what = resource.type === 'postgres' ? 'postgres.statements' : 'http.request'
      watch.worked({ what, ...whose }, took_ms)
    }),
    check: () => ({ name: 'event-loop', state: watch.stoodLately() ? 'degraded' : 'ok' }),
    close: () => watch.close(),
  }
}
