import type { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import type { Agent } from '../../core/principal.ts'
import type { AgentBlock, AgentId, AgentStore } from '../../store/agent-store.ts'
import type { AgentChange, AgentInput } from './schema.ts'
import { agentChangeSchema, agentSchema } from './schema.ts'

/** An agent as it stands now: `agent.disabled` counts what its file and the API say. */
export interface RegisteredAgent {
  readonly agent: Agent
  /** A file's agents change in the file alone; shutting one out works from anywhere. */
  readonly source: 'file' | 'store'
  readonly block?: AgentBlock
}

/** Who is registered. Answers from memory. */
export interface AgentDirectory {
  byObjectId(id: AgentId): RegisteredAgent | undefined
  byAppId(tenant: string, appId: string): RegisteredAgent | undefined
  byName(name: string): RegisteredAgent | undefined
  /** By name. */
  list(): readonly RegisteredAgent[]
  /** Called at once when an agent loses its access; returns how to stop listening. */
  onRevoked(listener: RevocationListener): () => void
}

type RevocationListener = (agent: Agent, why: RevocationCause) => void
export type RevocationCause = 'revoked' | 'disabled' | 'removed' | 'changed'

/**
 * Changes to the registry, in effect when they return. They throw AGENT_CONFLICT, AGENT_NOT_FOUND,
 * AGENT_READ_ONLY, REQUEST_INVALID or STATE_UNAVAILABLE, and then nothing has changed.
 */
export interface AgentRegistry extends AgentDirectory {
  /** Puts another set of file-declared agents in force. */
  declare(agents: readonly Agent[]): void
  create(input: AgentInput): RegisteredAgent
  update(name: string, change: AgentChange): RegisteredAgent
  remove(name: string): void
  /**
   * `disabled`: shut out until enabled, and its sessions end. `revoked`: also every credential that
   * was issued to it before now is worthless for good. `enabled`: lets it in again.
   */
  setAccess(
    name: string,
    access: 'enabled' | 'disabled' | 'revoked',
    why: Decision,
  ): RegisteredAgent
}

export interface Decision {
  readonly by: string
  readonly reason: string
}

export function createAgentRegistry(options: {
  readonly store: AgentStore
  readonly clock: Clock
}): AgentRegistry {
  const { store, clock } = options
  const listeners = new Set<RevocationListener>()
  const blocks = new Map(store.blocks().map((block) => [idKey(block), block]))
  let declared: readonly Agent[] = []
  let index = indexAgents([], store.list(), blocks)

  /** Builds the next state first, so that a conflict changes nothing, then `persist`s it. */
  const replace = (files: readonly Agent[], stored: readonly Agent[], persist: () => void) => {
    const next = indexAgents(files, stored, blocks)
    persist()
    const before = index
    declared = files
    index = next
    announce(before, next, listeners)
  }
  const stored = (): Agent[] => originals(index, 'store')
  const get = (name: string): RegisteredAgent => index.names.get(name) ?? notFound(name)
  const storedAgent = (name: string): Agent => {
    if (get(name).source === 'file') throw readOnly(name)
    return stored().find((agent) => agent.name === name) ?? notFound(name)
  }

  return {
    byObjectId: (id) => index.ids.get(idKey(id)),
    byAppId: (tenant, appId) => index.appIds.get(idKey({ tenant, objectId: appId })),
    byName: (name) => index.names.get(name),
    list: () => [...index.names.values()],
    onRevoked(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    declare: (agents) => replace(agents, stored(), () => {}),
    create(input) {
      const agent = readInput(agentSchema, input)
      replace(declared, [...stored(), agent], () => store.put(agent))
      return get(agent.name)
    },
    update(name, change) {
      const before = storedAgent(name)
      const agent = changed(before, readInput(agentChangeSchema, change))
      const others = stored().filter((one) => one.name !== name)
      replace(declared, [...others, agent], () => store.put(agent))
      return get(name)
    },
    remove(name) {
      const agent = storedAgent(name)
      const others = stored().filter((one) => one.name !== name)
      replace(declared, others, () => store.remove(agent))
    },
    setAccess(name, access, why) {
      const { agent, block } = get(name)
      if (access === 'enabled' && index.originals.get(name)?.disabled === true) throw readOnly(name)
      const next: AgentBlock = {
        tenant: agent.tenant,
        objectId: agent.objectId,
        disabled: access !== 'enabled',
        credentialsAfter_ms:
          access === 'revoked' ? clock.now_ms() : (block?.credentialsAfter_ms ?? 0),
        reason: why.reason,
        by: why.by,
        at_ms: clock.now_ms(),
      }
      // Letting in waits for the store. Shutting out is in force at once, stored and told, and none
      // of these fails because another does.
      if (access === 'enabled') store.putBlock(next)
      blocks.set(idKey(agent), next)
      index = indexAgents(declared, stored(), blocks)
      const result = get(name)
      if (access !== 'enabled') {
        const unstored = failuresOf(() => store.putBlock(next))
        const untold = tell(listeners, result.agent, access)
        if (untold.length > 0) throw incomplete([...unstored, ...untold])
        if (unstored.length > 0) throw unstored[0]
      }
      return result
    },
  }
}

interface AgentIndex {
  readonly ids: ReadonlyMap<string, RegisteredAgent>
  readonly appIds: ReadonlyMap<string, RegisteredAgent>
  readonly names: ReadonlyMap<string, RegisteredAgent>
  /** As declared, before what the API decided about them; by name. */
  readonly originals: ReadonlyMap<string, Agent>
}

function indexAgents(
  files: readonly Agent[],
  stored: readonly Agent[],
  blocks: ReadonlyMap<string, AgentBlock>,
): AgentIndex {
  const entries = [
    ...files.map((agent) => entryOf(agent, 'file', blocks)),
    ...stored.map((agent) => entryOf(agent, 'store', blocks)),
  ].sort((a, b) => (a.agent.name < b.agent.name ? -1 : 1))
  const withAppId = entries.flatMap((entry): [string, RegisteredAgent][] => {
    const { tenant, appId } = entry.agent
    return appId === undefined ? [] : [[idKey({ tenant, objectId: appId }), entry]]
  })
  return {
    names: uniqueMap(entries.map((entry) => [entry.agent.name, entry])),
    ids: uniqueMap(entries.map((entry) => [idKey(entry.agent), entry])),
    appIds: uniqueMap(withAppId),
    originals: new Map([...files, ...stored].map((agent) => [agent.name, agent])),
  }
}

function entryOf(
  original: Agent,
  source: RegisteredAgent['source'],
  blocks: ReadonlyMap<string, AgentBlock>,
): RegisteredAgent {
  const block = blocks.get(idKey(original))
  const agent = { ...original, disabled: original.disabled || block?.disabled === true }
  return { agent, source, ...(block === undefined ? {} : { block }) }
}

function uniqueMap(
  pairs: readonly (readonly [string, RegisteredAgent])[],
): Map<string, RegisteredAgent> {
  const map = new Map<string, RegisteredAgent>()
  for (const [key, entry] of pairs) {
    const other = map.get(key)
    if (other !== undefined) throw conflict(other.agent.name, entry.agent.name)
    map.set(key, entry)
  }
  return map
}

function originals(index: AgentIndex, source: RegisteredAgent['source']): Agent[] {
  return [...index.originals.values()].filter(
    ({ name }) => index.names.get(name)?.source === source,
  )
}

/** Tells of every agent that the change took something from, or that policy may see otherwise. */
function announce(before: AgentIndex, after: AgentIndex, listeners: Iterable<RevocationListener>) {
  const failures = [...before.ids].flatMap(([id, { agent }]) => {
    const now = after.ids.get(id)?.agent
    if (now === undefined) return tell(listeners, agent, 'removed')
    if (now.disabled && !agent.disabled) return tell(listeners, agent, 'disabled')
    return sessionFacts(now) === sessionFacts(agent) ? [] : tell(listeners, agent, 'changed')
  })
  if (failures.length > 0) throw incomplete(failures)
}

/** What open sessions were decided by. */
function sessionFacts({ name, appId, labels, expiresAt_ms }: Agent): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([name, appId, sorted, expiresAt_ms])
}

/** One listener that fails must not keep the others from ending their sessions. */
function tell(
  listeners: Iterable<RevocationListener>,
  agent: Agent,
  why: RevocationCause,
): unknown[] {
  return [...listeners].flatMap((listener) => failuresOf(() => listener(agent, why)))
}

function failuresOf(step: () => void): unknown[] {
  try {
    step()
    return []
  } catch (error) {
    return [error]
  }
}

function incomplete(failures: readonly unknown[]): ChaperoneError {
  return new ChaperoneError('INTERNAL', 'A revocation was not carried out everywhere.', {
    hint: 'The agent is shut out, but a session or ticket of it may live on: restart the gateway.',
    cause: new AggregateError(failures),
  })
}

function changed(agent: Agent, change: z.output<typeof agentChangeSchema>): Agent {
  const { expires, ...rest } = change
  const { expiresAt_ms, ...kept } = { ...agent, ...rest }
  const next = expires === undefined ? expiresAt_ms : expires
  return next === undefined || next === null ? kept : { ...kept, expiresAt_ms: next }
}

function readInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  throw new ChaperoneError('REQUEST_INVALID', `The agent is not valid: ${issue?.message ?? ''}`, {
    place: { field },
  })
}

function idKey({ tenant, objectId }: AgentId): string {
  return JSON.stringify([tenant, objectId])
}

function notFound(name: string): never {
  throw new ChaperoneError('AGENT_NOT_FOUND', `There is no agent "${name}".`)
}

function readOnly(name: string): ChaperoneError {
  return new ChaperoneError('AGENT_READ_ONLY', `The agent "${name}" is declared in a file.`, {
    hint: 'Change the file. Disabling and revoking works from here as well.',
  })
}

function conflict(name: string, other: string): ChaperoneError {
  return new ChaperoneError(
    'AGENT_CONFLICT',
    name === other
      ? `There are two agents "${name}".`
      : `The agents "${name}" and "${other}" have the same object id or app id.`,
    { hint: 'A name, an object id and an app id belong to one agent each.' },
  )
}
