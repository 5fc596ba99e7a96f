import { z } from 'zod'
import type { Agent } from '../../core/principal.ts'
import { parseDocumentAs } from '../../document/document.ts'
import { normalId } from '../tokens/claims.ts'
import { AGENT_LABELS_MAX, AGENT_TEXT_MAX } from '../tokens/limits.ts'

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/

const text = z.string().trim().min(1).max(AGENT_TEXT_MAX)
const id = text.transform(normalId)

const expiry = z
  .union([
    z.iso.date().transform((date) => Date.parse(`${date}T00:00:00Z`)),
    z.iso.datetime({ offset: true }).transform((time) => Date.parse(time)),
  ])
  .describe('The registration ends at this time: 2027-03-31 (at 00:00 UTC), or with a time of day.')

const labels = z
  .record(z.string().min(1).max(AGENT_TEXT_MAX), z.string().max(AGENT_TEXT_MAX))
  .refine((all) => Object.keys(all).length <= AGENT_LABELS_MAX, { error: 'too many labels' })

/** One agent as people and programs write it; both the file and the API read it with this. */
export const agentSchema = z
  .strictObject({
    name: z
      .string()
      .regex(NAME, 'must be 1 to 63 of a-z, 0-9, ".", "_", "-"; a letter or digit at each end')
      .describe('Unique; policies and records name the agent by it.'),
    tenant: id.describe('Entra tenant id, or the tenant that another provider is configured with.'),
    objectId: id.describe('Object id of the service principal (not of the app registration).'),
    appId: id.exactOptional().describe('Application (client) id; needed for delegated tokens.'),
    owner: text.describe('The person who answers for it: an object id or a user name.'),
    purpose: text.describe('What it is for, in a sentence.'),
    labels: labels.default({}),
    expires: expiry.exactOptional(),
    disabled: z.boolean().default(false),
  })
  .transform(({ expires, ...agent }): Agent => {
    return expires === undefined ? agent : { ...agent, expiresAt_ms: expires }
  })

/** What may change of a registered agent; its name and ids are what it is. */
export const agentChangeSchema = z.strictObject({
  owner: text.exactOptional(),
  purpose: text.exactOptional(),
  labels: labels.exactOptional(),
  /** `null`: never. */
  expires: expiry.nullable().exactOptional(),
})

export type AgentInput = z.input<typeof agentSchema>
export type AgentChange = z.input<typeof agentChangeSchema>

/** Reads a file of agents, a YAML list. Throws CONFIG_INVALID with every problem and its place. */
export function parseAgents(yaml: string, file: string): readonly Agent[] {
  return parseDocumentAs(yaml, file, z.array(agentSchema), {
    code: 'CONFIG_INVALID',
    what: 'The file of agents is not valid',
  }).value
}
