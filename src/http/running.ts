import type { Clock } from '../core/clock.ts'
import type { Outcome } from '../record/trail.ts'
import type { GovernedSession, Judgement } from '../session/governed.ts'
import type { ApiRequest, Preview } from './api.ts'

/** An operation whose intent is written and whose outcome is not. */
export interface Running {
  readonly operationId: string
  readonly request: ApiRequest<unknown>
  /** Changes where people took so long that the policies did too. */
  judgement: Judgement
  /** What people agreed to, where they were asked and shown it. */
  seen?: Preview | undefined
  readonly began_ms: number
}

export type Ending = Omit<Outcome, 'at_ms' | 'duration_ms'>

export function recordIntent(
  { trail, meter }: GovernedSession,
  request: ApiRequest<unknown>,
  judgement: Judgement,
  clock: Clock,
): Running {
  const { operation, text } = request
  const { verdict } = judgement
  const at_ms = clock.now_ms()
  meter.operation(verdict.effect)
  const operationId = trail.intent({
    at_ms,
    phase: 'run',
    operation,
    text: operation.textWithoutSecrets ?? text,
    verdict,
  })
  return { operationId, request, judgement, began_ms: at_ms }
}

export function recordOutcome(
  { trail, meter }: GovernedSession,
  running: Running,
  ending: Ending,
  clock: Clock,
): void {
  const at_ms = clock.now_ms()
  const duration_ms = Math.max(0, at_ms - running.began_ms)
  trail.outcome(running.operationId, { at_ms, duration_ms, ...ending })
  meter.operationDone(duration_ms / 1000)
}
