import type { Agent, Human } from '../core/principal.ts'
import type { ApiDeps } from './deps.ts'
import { recorded } from './recorded.ts'

/** What a revocation found under way, and ended. */
export interface Revoked {
  readonly sessions: number
  readonly approvals: number
}

/**
 * Takes an agent's access away: `close` first, so that nothing new begins, then all that is under
 * way. The registry's listeners do the same; here it does not depend on them. Requests go before
 * sessions, or they would count as withdrawn by the agent. Every step is tried, whatever happens to
 * the others, and recorded; then the first failure is thrown.
 */
export async function revokeAccess(
  deps: ApiDeps,
  human: Human,
  { tenant, objectId, name }: Agent,
  { what, reason, close }: { what: string; reason?: string; close: () => void },
): Promise<Revoked> {
  const failures: unknown[] = []
  const attempt = <T>(fallback: T, step: () => T): T => {
    try {
      return step()
    } catch (error) {
      failures.push(error)
      return fallback
    }
  }
  const sessions = deps.sessions.list().filter(({ agent }) => agent === name).length
  const approvals = attempt(0, () => waitingOf(deps, name))
  attempt(undefined, close)
  attempt(0, () => deps.approvals.revokeAgent(name))
  attempt(0, () => endSessions(deps, name))
  const ended = { sessions, approvals }
  const failed = failures.length === 0 ? {} : { failed: failures.length }
  const why = reason === undefined ? {} : { reason }
  await recorded(deps, human, {
    type: 'agent-revoked',
    agent: name,
    message: `Agent ${name} was ${what}.`,
    details: { what, tenant, objectId, ...why, ...ended, ...failed },
  })
  if (failures.length > 0) throw failures[0]
  return ended
}

function waitingOf({ approvals }: ApiDeps, agent: string): number {
  return approvals.list({ state: 'pending', agent }).items.length
}

function endSessions({ sessions }: ApiDeps, name: string): number {
  return sessions.end(
    ({ agent }) => agent === name,
    'SESSION_REVOKED',
    'The access of this agent was revoked.',
  )
}
