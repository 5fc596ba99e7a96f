import type { ApiDeps } from './deps.ts'

/** What a revocation ended. */
export interface Revoked {
  readonly sessions: number
  readonly approvals: number
  readonly tickets: number
}

/**
 * Takes an agent's access away: `close` first, so that nothing new begins, then all that is under
 * way. Requests go before sessions, or they would count as withdrawn by the agent. Every step is
 * tried, whatever happens to the others; then the first failure is thrown.
 */
export function revokeAccess(deps: ApiDeps, name: string, close: () => void): Revoked {
  const failures: unknown[] = []
  const attempt = (step: () => number): number => {
    try {
      return step()
    } catch (error) {
      failures.push(error)
      return 0
    }
  }
  attempt(() => {
    close()
    return 0
  })
  const revoked = {
    approvals: attempt(() => deps.approvals.revokeAgent(name)),
    sessions: attempt(() => endSessionsOf(deps, name, 'The access of this agent was revoked.')),
    tickets: attempt(() => deps.agents.revokeTickets(name)),
  }
  if (failures.length > 0) throw failures[0]
  return revoked
}

export function endSessionsOf(deps: ApiDeps, name: string, message: string): number {
  return deps.sessions.end((session) => session.agent === name, 'SESSION_REVOKED', message)
}
