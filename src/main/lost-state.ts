import { isDamage } from '../audit/reading/damage.ts'
import { at, numberAt, textAt } from '../audit/reading/fields.ts'
import type { RecordReader } from '../audit/records.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Agent } from '../core/principal.ts'
import type { AgentBlock, AgentStore } from '../store/agent-store.ts'
import type { Origin } from '../store/origin.ts'

export interface LostState {
  readonly origin: Origin
  readonly agents: AgentStore
  readonly records: Pick<RecordReader, 'search'>
  /** Of the configuration's files, for notes that say an agent's name alone. */
  readonly declared: readonly Agent[]
  readonly log: Log
}

/** What the records tell of one agent's access, newest first. */
interface Told {
  readonly agent: string
  readonly tenant: string | undefined
  readonly objectId: string | undefined
  readonly what: string
  readonly at_ms: number
}

/**
 * A state file that is new beside old records has forgotten who was shut out. Everybody whom the
 * records say was revoked, and not let in again since, is shut out anew; returns how many, or
 * undefined where nothing was lost. Rejects with STATE_UNAVAILABLE where the records cannot tell.
 */
export async function restoreRevocations(lost: LostState): Promise<number | undefined> {
  const { origin, agents, declared, log } = lost
  if (origin.complete) return undefined
  const decisions = new Map<string, AgentBlock>()
  const { items } = await lost.records.search({ text: '', limit: 1 })
  for await (const told of decisionsIn(lost.records)) {
    const id = idOf(told, declared)
    if (id === undefined) throw unknowable(`${told.agent} was revoked, but not who that is`)
    const key = JSON.stringify([id.tenant, id.objectId])
    decisions.set(key, decided(decisions.get(key), told, id))
  }
  for (const block of decisions.values()) agents.putBlock(block)
  origin.completed()
  if (items.length === 0) return undefined
  const revoked = [...decisions.values()].filter(({ disabled }) => disabled)
  log.error('state.lost', {
    revoked: revoked.length,
    hint: 'The state file is new beside old records: registered agents, tickets and approvals are gone; who was revoked is shut out again.',
  })
  return revoked.length
}

/** The newest word decides who is let in; what was issued before the newest revocation stays void. */
function decided(
  newer: AgentBlock | undefined,
  { what, at_ms }: Told,
  { tenant, objectId }: Pick<Agent, 'tenant' | 'objectId'>,
): AgentBlock {
  const shut = what !== 'restored'
  const { disabled, credentialsAfter_ms } = newer ?? { disabled: shut, credentialsAfter_ms: 0 }
  return {
    tenant,
    objectId,
    disabled,
    credentialsAfter_ms: Math.max(credentialsAfter_ms, shut ? at_ms : 0),
    reason: 'The records say so; the state was lost.',
    by: 'records',
    at_ms: Math.max(newer?.at_ms ?? 0, at_ms),
  }
}

function idOf(
  { agent, tenant, objectId }: Told,
  declared: readonly Agent[],
): Pick<Agent, 'tenant' | 'objectId'> | undefined {
  if (tenant !== undefined && objectId !== undefined) return { tenant, objectId }
  return declared.find(({ name }) => name === agent)
}

/** What people decided about agents' access, newest first. */
async function* decisionsIn(records: LostState['records']): AsyncGenerator<Told> {
  let after: string | undefined
  do {
    const from = after === undefined ? {} : { after }
    const page = await records.search({ text: 'type:agent-*', limit: PAGE, ...from })
    for (const event of page.items) {
      const note = at(event, 'unmapped', 'chaperone')
      if (isDamage(event)) throw unknowable('a segment is damaged')
      const what = textAt(note, 'details', 'what') ?? 'revoked'
      if (textAt(note, 'type') !== 'agent-revoked' && what !== 'restored') continue
      yield {
        agent: textAt(note, 'agent') ?? '',
        tenant: textAt(note, 'details', 'tenant'),
        objectId: textAt(note, 'details', 'objectId'),
        what,
        at_ms: numberAt(event, 'time') ?? 0,
      }
    }
    after = page.next
  } while (after !== undefined)
}

const PAGE = 200

function unknowable(why: string): ChaperoneError {
  return new ChaperoneError(
    'STATE_UNAVAILABLE',
    `The state file is new beside old records, which do not tell who was shut out: ${why}.`,
    { hint: 'Put the state file back from a backup, or records that can be read whole.' },
  )
}
