import type { SteadyClock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import type { Identity } from '../tokens/identity.ts'
import type { JsonClient } from '../tokens/json-client.ts'
import { isRecord } from '../tokens/json.ts'
import { GROUPS_ENTRIES_MAX, GROUPS_KEEP_MS, GROUPS_MAX } from '../tokens/limits.ts'

export interface GraphOptions {
  readonly graph: string
  readonly ask: JsonClient
  readonly clock: SteadyClock
  readonly graphToken?: () => Promise<string>
}

interface Entry {
  readonly groups: Promise<readonly string[]>
  readonly askedAt_ms: number
}

/**
 * Groups from Microsoft Graph (`getMemberObjects`), at most five minutes old; one question at a time
 * for one identity. A list that may be incomplete is refused: a deny rule could name what it lacks.
 */
export function createGraphGroups(
  options: GraphOptions,
): (identity: Identity) => Promise<readonly string[]> {
  const entries = new Map<string, Entry>()
  return (identity) => {
    const { objectId } = identity
    if (objectId === undefined) return Promise.resolve([])
    const now_ms = options.clock.steady_ms()
    const key = `${identity.kind} ${objectId}`
    const kept = entries.get(key)
    if (kept !== undefined && now_ms - kept.askedAt_ms < GROUPS_KEEP_MS) return kept.groups
    const groups = askGraph(options, identity.kind, objectId)
    const entry = { groups, askedAt_ms: now_ms }
    entries.delete(key)
    entries.set(key, entry)
    for (const oldest of entries.keys()) {
      if (entries.size <= GROUPS_ENTRIES_MAX) break
      entries.delete(oldest)
    }
    groups.catch(() => {
      if (entries.get(key) === entry) entries.delete(key)
    })
    return groups
  }
}

async function askGraph(
  { graph, ask, graphToken }: GraphOptions,
  kind: Identity['kind'],
  objectId: string,
): Promise<readonly string[]> {
  if (graphToken === undefined) throw unavailable('the gateway has no credential for Graph')
  const collection = kind === 'agent' ? 'servicePrincipals' : 'users'
  const url = `${graph}/v1.0/${collection}/${encodeURIComponent(objectId)}/getMemberObjects`
  try {
    const { status, body } = await ask(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await graphToken()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ securityEnabledOnly: true }),
    })
    if (status !== 200) throw unavailable(`Graph answered ${status}`)
    return readGroups(body)
  } catch (error) {
    if (error instanceof ChaperoneError && error.code === 'TOKEN_GROUPS_UNAVAILABLE') throw error
    throw unavailable('Graph could not be asked', error)
  }
}

function readGroups(body: unknown): readonly string[] {
  const value: unknown = isRecord(body) ? body['value'] : undefined
  const complete =
    isRecord(body) &&
    body['@odata.nextLink'] === undefined &&
    Array.isArray(value) &&
    value.length <= GROUPS_MAX &&
    value.every((id) => typeof id === 'string')
  if (!complete) throw unavailable('Graph gave no complete list')
  return value
}

function unavailable(why: string, cause?: unknown): ChaperoneError {
  return new ChaperoneError('TOKEN_GROUPS_UNAVAILABLE', `Group membership is unknown: ${why}.`, {
    hint: 'Give the gateway an app credential with GroupMember.Read.All, or fewer groups in tokens.',
    cause,
  })
}
