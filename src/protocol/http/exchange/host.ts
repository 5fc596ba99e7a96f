import type { ChaperoneError } from '../../../core/errors.ts'
import type { Log } from '../../../core/log.ts'
import type { SessionHost } from '../../../session/governed.ts'
import type { Deadlines } from '../deadlines.ts'
import type { Router } from '../target/routing.ts'
import type { HttpSessions } from './sessions.ts'

/** What every request of the door needs. */
export interface ExchangeHost {
  readonly host: SessionHost
  readonly log: Log
  readonly router: Router
  readonly sessions: HttpSessions
  readonly deadlines: Deadlines
  /** Counts and records what is refused before there is a session. */
  refused(error: ChaperoneError, attempt: RefusedAttempt): void
  readonly stopping: () => boolean
}

export interface RefusedAttempt {
  readonly clientAddress: string
  readonly resource?: string
  readonly agent?: string
}
