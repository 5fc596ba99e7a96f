import { setTimeout as delay } from 'node:timers/promises'
import type { SteadyClock } from '../core/clock.ts'
import type { Code } from '../core/codes.ts'
import { ChaperoneError } from '../core/errors.ts'

/** A session that is open now, as people and the API see it. */
export interface LiveSession {
  readonly id: string
  readonly agent: string
  readonly resource: string
  readonly protocol: string
  readonly clientAddress: string
  readonly startedAt_ms: number
  /** What it has asked for so far. */
  readonly counts: () => LiveCounts
  /** Ends it at once, with the protocol's own words; returns without waiting. */
  end(code: Code, message: string): void
}

export interface LiveCounts {
  readonly operations: number
  readonly denied: number
  readonly held: number
}

/** What the registry needs of a session to keep its deadlines and its policy. */
export interface RegisteredSession extends LiveSession {
  /** Why it must end now, if it must. */
  overdue(): { readonly code: Code; readonly message: string } | undefined
  /** An operation is under way. */
  busy(): boolean
  /** The policies have changed; the session judges itself anew. */
  policyChanged(): void
}

export interface SessionRegistry {
  /** Throws SESSION_LIMIT. */
  admit(session: RegisteredSession): void
  leave(id: string): void
  list(): readonly LiveSession[]
  /** Ends every session that `which` chooses; returns how many. */
  end(which: (session: LiveSession) => boolean, code: Code, message: string): number
  policyChanged(): void
  /**
   * Ends each session as soon as nothing is under way in it, and the rest when the time is up.
   * Resolves when all are ended.
   */
  drain(within_ms: number, code: Code, message: string): Promise<void>
  /** Ends what is overdue. Called every `SWEEP_EVERY_ms`. */
  sweep(): void
}

/** Deadlines are kept to this; one sweep is cheaper than a timer for every operation. */
export const SWEEP_EVERY_ms = 250

const DRAIN_LOOK_EVERY_ms = 20

export interface RegistryLimits {
  readonly sessionsMax: number
  readonly sessionsPerAgentMax: number
}

export function createSessionRegistry(clock: SteadyClock, limits: RegistryLimits): SessionRegistry {
  const sessions = new Map<string, RegisteredSession>()
  const perAgent = new Map<string, number>()

  function count(agent: string, by: number): void {
    const next = (perAgent.get(agent) ?? 0) + by
    if (next > 0) perAgent.set(agent, next)
    else perAgent.delete(agent)
  }

  return {
    admit(session) {
      if (sessions.size >= limits.sessionsMax) throw limitReached('The gateway')
      if ((perAgent.get(session.agent) ?? 0) >= limits.sessionsPerAgentMax) {
        throw limitReached(`Agent ${session.agent}`)
      }
      sessions.set(session.id, session)
      count(session.agent, 1)
    },
    leave(id) {
      const session = sessions.get(id)
      if (session === undefined) return
      sessions.delete(id)
      count(session.agent, -1)
    },
    list: () => [...sessions.values()],
    end(which, code, message) {
      const chosen = [...sessions.values()].filter(which)
      endEach(chosen, code, message)
      return chosen.length
    },
    policyChanged() {
      for (const session of sessions.values()) session.policyChanged()
    },
    async drain(within_ms, code, message) {
      const until_ms = clock.steady_ms() + within_ms
      while (sessions.size > 0) {
        const late = clock.steady_ms() >= until_ms
        for (const session of sessions.values()) {
          if (late || !session.busy()) session.end(code, message)
        }
        if (late) return
        await delay(DRAIN_LOOK_EVERY_ms)
      }
    },
    sweep() {
      for (const session of sessions.values()) {
        const why = session.overdue()
        if (why !== undefined) session.end(why.code, why.message)
      }
    },
  }
}

/** One that fails to end must not keep the others alive. */
function endEach(sessions: readonly LiveSession[], code: Code, message: string): void {
  const failures: unknown[] = []
  for (const session of sessions) {
    try {
      session.end(code, message)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length === 0) return
  throw new ChaperoneError('INTERNAL', 'Not every session could be ended.', {
    hint: 'Restart the gateway to be sure.',
    cause: new AggregateError(failures),
  })
}

function limitReached(who: string): ChaperoneError {
  return new ChaperoneError('SESSION_LIMIT', `${who} has as many sessions as it may have.`, {
    hint: 'Close sessions that are not used, or try again later.',
  })
}
