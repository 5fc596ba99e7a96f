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
  /**
   * Since when, by the steady clock, nothing is lost by ending it: its client opens another one
   * without noticing. Undefined while something would be.
   */
  restsSince(): number | undefined
  /**
   * The policies have changed: what the session asks for from now on is judged by them. What it has under way
   * is judged anew in the steps that are left; undefined where there are none, or they have not changed for it.
   */
  policyChanged(): Iterable<unknown> | undefined
}

export interface SessionRegistry {
  /**
   * Throws SESSION_LIMIT. Tools that get a new token for each call leave sessions behind that nobody
   * will use again: where there are as many as there may be, the one that rests longest makes room,
   * of the same agent first.
   */
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

/** After a policy change sessions judge anew for so long, and then the loop does what else there is to do. */
const REVIEW_MS = 10

/** Deadlines are kept to this; one sweep is cheaper than a timer for every operation. */
export const SWEEP_EVERY_ms = 250

const DRAIN_LOOK_EVERY_ms = 20

export interface RegistryLimits {
  readonly sessionsMax: number
  readonly sessionsPerAgentMax: number
}

export function createSessionRegistry(clock: SteadyClock, limits: RegistryLimits): SessionRegistry {
  const sessions = new Map<string, RegisteredSession>()
  /** Sessions that judge themselves anew, and what is left of that. */
  const reviews = new Map<RegisteredSession, Iterator<unknown>>()
  const ofAgents = new Map<string, Set<RegisteredSession>>()

  function leave(id: string): void {
    const session = sessions.get(id)
    if (session === undefined) return
    sessions.delete(id)
    reviews.delete(session)
    const own = ofAgents.get(session.agent)
    own?.delete(session)
    if (own?.size === 0) ofAgents.delete(session.agent)
  }

  /** Who cannot be judged anew must not go on, nor keep the others from it. */
  function step(session: RegisteredSession, steps: Iterator<unknown>): boolean {
    try {
      return steps.next().done === true
    } catch {
      session.end(
        'INTERNAL',
        'What is under way could not be judged by the policies as they are now.',
      )
      return true
    }
  }

  function review(): void {
    const until_ms = clock.steady_ms() + REVIEW_MS
    for (const [session, steps] of reviews) {
      while (!step(session, steps)) {
        if (clock.steady_ms() < until_ms) continue
        setImmediate(review)
        return
      }
      reviews.delete(session)
    }
  }

  /** False: none of them can be spared. */
  function makeRoom(among: Iterable<RegisteredSession>): boolean {
    const resting = longestResting(among)
    if (resting === undefined) return false
    resting.end('SESSION_IDLE', 'Another session took its place.')
    leave(resting.id)
    return true
  }

  return {
    admit(session) {
      const own = ofAgents.get(session.agent) ?? new Set()
      if (own.size >= limits.sessionsPerAgentMax && !makeRoom(own)) {
        throw limitReached(`Agent ${session.agent}`)
      }
      if (sessions.size >= limits.sessionsMax && !makeRoom(own) && !makeRoom(sessions.values())) {
        throw limitReached('The gateway')
      }
      sessions.set(session.id, session)
      ofAgents.set(session.agent, own.add(session))
    },
    leave,
    list: () => [...sessions.values()],
    end(which, code, message) {
      const chosen = [...sessions.values()].filter(which)
      endEach(chosen, code, message)
      return chosen.length
    },
    policyChanged() {
      for (const session of sessions.values()) {
        const steps = session.policyChanged()
        if (steps !== undefined) reviews.set(session, steps[Symbol.iterator]())
      }
      review()
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

function longestResting(among: Iterable<RegisteredSession>): RegisteredSession | undefined {
  let longest: RegisteredSession | undefined
  let since_ms = Infinity
  for (const session of among) {
    const rests_ms = session.restsSince() ?? Infinity
    if (rests_ms < since_ms) [longest, since_ms] = [session, rests_ms]
  }
  return longest
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
