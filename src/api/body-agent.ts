import { z } from '@hono/zod-openapi'
import type { RegisteredAgent } from '../identity/agents/agents.ts'
import { TEXT_CHARS_MAX } from './limits.ts'
import { time, timeField, timeSchema } from './schemas.ts'

// The registry says what a valid agent is, for files and API alike; these are the forms alone.

const textSchema = z.string().max(TEXT_CHARS_MAX)
const labelsSchema = z.record(z.string(), z.string())
const expiresSchema = textSchema.openapi({
  description: 'A date (00:00 UTC of that day), or a time with its offset.',
  example: '2027-03-31',
})

export const newAgentSchema = z
  .strictObject({
    name: textSchema.openapi({ example: 'etl-nightly' }),
    tenant: textSchema,
    objectId: textSchema.openapi({ description: 'Object id of the service principal.' }),
    appId: textSchema.optional(),
    owner: textSchema.openapi({
      description: 'Who answers for it, best by object id; their approval never suffices alone.',
    }),
    purpose: textSchema,
    labels: labelsSchema.optional(),
    expires: expiresSchema.optional(),
  })
  .openapi('NewAgent')

export const agentChangeSchema = z
  .strictObject({
    owner: textSchema.optional(),
    purpose: textSchema.optional(),
    labels: labelsSchema.optional(),
    expires: expiresSchema.nullable().optional().openapi({ description: '`null`: never.' }),
  })
  .refine((change) => Object.keys(change).length > 0, { error: 'must change something' })
  .openapi('AgentChange')

export const agentSchema = z
  .object({
    name: z.string(),
    tenant: z.string(),
    objectId: z.string(),
    appId: z.string().optional(),
    owner: z.string(),
    purpose: z.string(),
    labels: labelsSchema,
    expires: timeSchema.optional(),
    disabled: z.boolean(),
    source: z.enum(['file', 'store']).openapi({
      description: 'Where it is registered; one from a file changes in the file alone.',
    }),
    decision: z
      .object({ by: z.string(), reason: z.string(), at: timeSchema })
      .optional()
      .openapi({ description: 'Who shut it out or let it in again last, and why.' }),
  })
  .openapi('Agent')

export type AgentBody = z.output<typeof agentSchema>

export function agentBody({ agent, source, block }: RegisteredAgent): AgentBody {
  return agentSchema.parse({
    ...agent,
    ...timeField('expires', agent.expiresAt_ms),
    source,
    ...(block === undefined ? {} : { decision: { ...block, at: time(block.at_ms) } }),
  })
}
