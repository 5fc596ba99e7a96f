import type { HealthCheck } from '../api/deps.ts'
import type { Log } from '../core/log.ts'
import type { TlsAcceptor } from '../listen/tls.ts'
import type { PolicyFolder } from '../policy/load/folder.ts'
import type { AgentFiles } from './agent-files.ts'

/** What is taken over from files while the gateway runs. */
export interface Reloadable {
  readonly policies: Pick<PolicyFolder, 'current' | 'reload' | 'problem'>
  readonly agents: AgentFiles
  readonly certificates: readonly Pick<TlsAcceptor, 'reload' | 'problem'>[]
}

/** Reads all of it again at once; each part logs what changed, or why it keeps what it had. */
export async function reloadAll(parts: Reloadable, log: Log): Promise<void> {
  const before = parts.policies.current().version
  parts.agents.reload()
  const certificates = await Promise.all(parts.certificates.map((one) => one.reload()))
  await parts.policies.reload()
  const version = parts.policies.current().version
  log.info('gateway.reloaded', {
    policies: version === before ? 'unchanged' : version,
    certificates: certificates.filter((changed) => changed).length,
    kept: reloadChecks(parts)
      .filter(({ state }) => state !== 'ok')
      .map(({ name }) => name)
      .join(', '),
  })
}

/** A part whose files are bad goes on with what it had. */
export function reloadChecks({ policies, agents, certificates }: Reloadable): HealthCheck[] {
  const problems = {
    policies: policies.problem(),
    agents: agents.problem(),
    certificates: certificates.find((one) => one.problem() !== undefined),
  }
  return Object.entries(problems).map(([name, problem]) => ({
    name,
    state: problem === undefined ? 'ok' : 'degraded',
  }))
}
