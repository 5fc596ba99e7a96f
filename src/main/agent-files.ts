import { readFileSync } from 'node:fs'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Agent } from '../core/principal.ts'
import { formatPlace } from '../document/problems.ts'
import type { AgentRegistry } from '../identity/agents/agents.ts'
import { parseAgents } from '../identity/agents/schema.ts'

/** The agents that are kept in files. */
export interface AgentFiles {
  /** Reads the files again. Bad ones change nothing, and are told in the log and by `problem`. */
  reload(): void
  problem(): ChaperoneError | undefined
}

/** Throws CONFIG_UNREADABLE and CONFIG_INVALID. */
export function readAgents(files: readonly string[]): Agent[] {
  return files.flatMap((file) => parseAgents(readText(file), file))
}

/** Puts them in force. Throws CONFIG_UNREADABLE, CONFIG_INVALID or AGENT_CONFLICT. */
export function declareAgentFiles(
  files: readonly string[],
  agents: Pick<AgentRegistry, 'declare'>,
  log: Log,
): AgentFiles {
  let inForce = readAgents(files)
  let problem: ChaperoneError | undefined
  agents.declare(inForce)
  return {
    reload() {
      try {
        const next = readAgents(files)
        agents.declare(next)
        log.info('agents.reloaded', differences(inForce, next))
        inForce = next
        problem = undefined
      } catch (caught) {
        problem = asChaperoneError(caught, 'CONFIG_INVALID', 'The files of agents cannot be read.')
        const { code, message, place = {} } = problem
        log.error('agents.reload-failed', { code, error: message, place: formatPlace(place) })
      }
    },
    problem: () => problem,
  }
}

/** Names, for people. */
function differences(before: readonly Agent[], after: readonly Agent[]) {
  const old = new Map(before.map((agent) => [agent.name, JSON.stringify(agent)]))
  const now = new Map(after.map((agent) => [agent.name, JSON.stringify(agent)]))
  const names = (which: readonly string[]) => (which.length === 0 ? 'none' : which.join(', '))
  return {
    added: names([...now.keys()].filter((name) => !old.has(name))),
    removed: names([...old.keys()].filter((name) => !now.has(name))),
    changed: names([...now].flatMap(([n, text]) => (old.has(n) && old.get(n) !== text ? [n] : []))),
  }
}

/** A configured file. Throws CONFIG_UNREADABLE. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ChaperoneError('CONFIG_UNREADABLE', 'A configured file cannot be read.', {
      cause,
      place: { file },
      hint: 'Check the path and its permissions.',
    })
  }
}
