import { z } from '@hono/zod-openapi'
import type { Agent } from '../core/principal.ts'
import type { AgentChange, NewAgent } from './deps.ts'
import { LABEL_CHARS_MAX, LABELS_MAX, TEXT_CHARS_MAX } from './limits.ts'
import { present, timeField, timeSchema } from './schemas.ts'

/** Agent names appear in globs, logs and paths. */
const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/, {
    error: 'must be 1 to 63 of a-z, 0-9, dot, dash, underscore, and begin and end with a-z or 0-9',
  })
  .openapi({ example: 'etl-nightly' })

const textSchema = z.string().trim().min(1).max(TEXT_CHARS_MAX)
const idSchema = z.string().trim().min(1).max(LABEL_CHARS_MAX)

const labelsSchema = z
  .record(z.string().min(1).max(LABEL_CHARS_MAX), z.string().max(LABEL_CHARS_MAX))
  .refine((labels) => Object.keys(labels).length <= LABELS_MAX, {
    error: `at most ${LABELS_MAX} labels`,
  })

export const newAgentSchema = z
  .strictObject({
    name: nameSchema,
    tenant: idSchema,
    objectId: idSchema.openapi({ description: 'Object id of the service principal in Entra ID.' }),
    appId: idSchema.optional(),
    owner: textSchema.openapi({
      description: 'Object id of the person who answers for it; their approval never counts alone.',
    }),
    purpose: textSchema,
    labels: labelsSchema.default({}),
    expiresAt: timeSchema.optional(),
  })
  .openapi('NewAgent')

export const agentChangeSchema = z
  .strictObject({
    owner: textSchema.optional(),
    purpose: textSchema.optional(),
    labels: labelsSchema.optional(),
    expiresAt: timeSchema.nullable().optional(),
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
    labels: z.record(z.string(), z.string()),
    expiresAt: timeSchema.optional(),
    disabled: z.boolean(),
  })
  .openapi('Agent')

export type AgentBody = z.output<typeof agentSchema>

export function agentBody(agent: Agent): AgentBody {
  return agentSchema.parse({ ...agent, ...timeField('expiresAt', agent.expiresAt_ms) })
}

export function newAgent(body: z.output<typeof newAgentSchema>): NewAgent {
  const { expiresAt, ...rest } = body
  return present({
    ...rest,
    expiresAt_ms: expiresAt === undefined ? undefined : Date.parse(expiresAt),
  })
}

export function agentChange(body: z.output<typeof agentChangeSchema>): AgentChange {
  const { expiresAt, ...rest } = body
  const expiresAt_ms = typeof expiresAt === 'string' ? Date.parse(expiresAt) : expiresAt
  return present({ ...rest, expiresAt_ms })
}
