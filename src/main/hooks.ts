import type { SteadyClock } from '../core/clock.ts'
import type { ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { createRateLimit } from '../identity/rate-limit.ts'
import { REFUSALS_TOLD_BURST, REFUSALS_TOLD_PER_SECOND } from '../identity/tokens/limits.ts'
import type { PostgresDoor } from '../protocol/postgres/session.ts'
import type { Recorder } from '../record/lines/trail.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { IdentityHooks } from './identity.ts'

export interface Hooks extends IdentityHooks {
  readonly sessionRefused: PostgresDoor['refused']
  policyChanged(version: string): void
  /** `revokedAgain`: the state was lost, and so many agents were shut out by the records. */
  started(revokedAgain?: number): void
  stopped(): void
}

/** What happens outside of any session, on its way to records, metrics and the log. */
export function openHooks(parts: {
  readonly clock: SteadyClock
  readonly log: Log
  readonly recorder: Recorder
  readonly metrics: Metrics
}): Hooks {
  const { clock, log, recorder, metrics } = parts
  const now_ms = () => clock.now_ms()
  const ofStrangers = createRateLimit(
    { burst: REFUSALS_TOLD_BURST, perSecond: REFUSALS_TOLD_PER_SECOND },
    clock,
  )
  let untold = 0
  return {
    refusedUntold: (code) => metrics.signInRefused(code),
    refused({ code, clientAddress, resource, at_ms, claimed, door, untold }) {
      metrics.signInRefused(code)
      log.info('sign-in.refused', { code, client: clientAddress, door, resource, untold })
      recorder.note({
        at_ms,
        type: 'sign-in-refused',
        message: `A sign-in was refused at the ${door} door.`,
        code,
        clientAddress,
        details: {
          ...details({ ...claimed, resource }),
          ...(untold === undefined ? {} : { untold }),
        },
      })
    },
    ticketUsed({ at_ms, agent, ticketId, uses, clientAddress }) {
      const message = 'A ticket was used.'
      const used = { ticket: ticketId, uses }
      recorder.note({ at_ms, type: 'ticket-used', message, agent, clientAddress, details: used })
    },
    issued({ at_ms, type, principal, clientAddress, expiresAt_ms, resource, service }) {
      recorder.note({
        at_ms,
        type: 'ticket-issued',
        message: `A ${type === 'ticket' ? 'ticket' : 'gateway token'} was issued.`,
        agent: principal.agent.name,
        clientAddress,
        details: details({
          type,
          resource,
          service,
          expires: new Date(expiresAt_ms).toISOString(),
        }),
      })
    },
    sessionRefused(error: ChaperoneError, { clientAddress, resource, agent }) {
      // A used-up budget is told in sum, and so is whoever has used it up.
      if (error.code === 'RECORD_LIMIT') return
      const { code, message } = error
      // Of who is nobody the gatekeeper has told already, and the log hears up to a bound of all of them.
      const told =
        agent === undefined
          ? ofStrangers.take('')
          : recorder.noteOf(agent, {
              at_ms: now_ms(),
              type: 'sign-in-refused',
              message,
              code,
              clientAddress,
              details: details({ resource }),
            })
      if (!told) return void (untold += 1)
      const cause = error.cause instanceof Error ? error.cause.message : undefined
      const more = untold === 0 ? {} : { untold }
      untold = 0
      log.info('session.refused', { code, client: clientAddress, resource, agent, cause, ...more })
    },
    policyChanged(version) {
      const message = 'Other policies are in force.'
      recorder.note({ at_ms: now_ms(), type: 'policy-changed', message, details: { version } })
    },
    started(revokedAgain) {
      const lost = revokedAgain === undefined ? {} : { stateLost: true, revokedAgain }
      const message =
        revokedAgain === undefined
          ? 'The gateway started.'
          : 'The gateway started with a new state beside old records.'
      recorder.note({ at_ms: now_ms(), type: 'gateway-started', message, details: lost })
    },
    stopped() {
      recorder.note({ at_ms: now_ms(), type: 'gateway-stopped', message: 'The gateway stopped.' })
    },
  }
}

function details(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
