import type { PolicyReader } from '../api/deps.ts'
import type { Config } from '../config/schema.ts'
import type { SteadyClock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import type { AgentDirectory } from '../identity/agents/agents.ts'
import type { PolicySet } from '../policy/ruleset.ts'
import type { CatalogViews } from '../protocol/postgres/judging/classifier.ts'
import { serverOf } from '../protocol/postgres/signing-in/resource.ts'
import { classify } from '../sql/postgres/classify.ts'

export interface ExplainParts {
  readonly config: Config
  readonly clock: SteadyClock
  readonly agents: AgentDirectory
  readonly resources: readonly Resource[]
  readonly views: CatalogViews
  policies(): PolicySet
}

/**
 * What the policies in force would say of a statement. Names are resolved with what sessions have
 * learned of the target's catalog; the target itself is not asked.
 */
export function openExplain(parts: ExplainParts): PolicyReader['explain'] {
  return async ({ agent: name, resource: resourceName, text, database, groups, roles }) => {
    const agent = parts.agents.byName(name)?.agent
    if (agent === undefined) throw new ChaperoneError('AGENT_NOT_FOUND', 'No such agent.')
    const resource = parts.resources.find((one) => one.name === resourceName)
    const settings = parts.config.resources.find((one) => one.name === resourceName)
    if (resource === undefined || settings === undefined) {
      throw new ChaperoneError('RESOURCE_UNKNOWN', 'No such resource.')
    }
    if (settings.type !== 'postgres') {
      throw new ChaperoneError('REQUEST_INVALID', 'Only SQL statements can be explained so far.', {
        hint: 'Name a resource of type postgres.',
      })
    }
    const base = database ?? settings.database ?? settings.databases?.[0]
    if (base === undefined) {
      throw new ChaperoneError('REQUEST_INVALID', 'The resource has no database of its own.', {
        hint: 'Name the database.',
      })
    }
    const role = settings.role?.replaceAll('{agent}', name) ?? settings.credential.username
    const server = serverOf(settings.address)
    const view = parts.views.latest({ server, resource: resourceName, database: base, role })
    const result = classify(text, view.scope, NO_NAMES)
    if (result.type === 'refused') return { effect: 'deny', denial: result.denial }
    if (result.type === 'lookup') throw unknownNames()
    const principal: Principal = {
      agent,
      groups,
      roles,
      via: 'token',
      tokenId: 'explain',
      tokenExpiresAt_ms: Infinity,
    }
    const now_ms = parts.clock.now_ms()
    const verdict = parts
      .policies()
      .rulesFor(principal, resource)
      .decide(result.operation, {
        text,
        now_ms,
        session: { id: 'explain', startedAt_ms: now_ms, clientAddress: '' },
      })
    return { ...verdict, operation: result.operation }
  }
}

const NO_NAMES = { prepared: () => undefined, cursor: () => undefined }

function unknownNames(): ChaperoneError {
  return new ChaperoneError('SQL_UNRESOLVED', 'No session has met these names yet.', {
    hint: 'Run it through the gateway, or use `chaperone policy explain` with a catalog file.',
  })
}
