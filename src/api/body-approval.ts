import { z } from '@hono/zod-openapi'
import type { ApprovalView } from '../approval/view.ts'
import { APPROVAL_STATES } from '../approval/view.ts'
import { time, timeField, timeSchema } from './schemas.ts'

const answerSchema = z.object({
  person: z.string().openapi({ description: 'The name that the provider gave; for reading.' }),
  objectId: z.string(),
  tenant: z.string(),
  at: timeSchema,
  answer: z.enum(['approve', 'deny']),
  reason: z.string().optional(),
  interested: z.boolean().openapi({
    description: "The agent's owner, or the user it acts for: does not suffice alone.",
  }),
})

const termsSchema = z.object({
  groups: z.array(z.string()),
  people: z.array(z.string()),
  needed: z.int(),
  given: z.int(),
  met: z.boolean(),
  reasonRequired: z.boolean(),
})

const historySchema = z.object({
  since: timeSchema,
  requests: z.int(),
  approved: z.int(),
  denied: z.int(),
  sameApproved: z.int(),
})

/** A held operation as people see it. */
export const approvalSchema = z
  .object({
    id: z.string(),
    state: z.enum(APPROVAL_STATES),
    requestedAt: timeSchema,
    expiresAt: timeSchema,
    settledAt: timeSchema.optional(),
    agent: z.object({ name: z.string(), owner: z.string(), purpose: z.string() }),
    onBehalfOf: z.string().optional(),
    resource: z.object({ name: z.string(), type: z.string() }),
    session: z.string(),
    operation: z.string(),
    kind: z.string(),
    text: z.string().openapi({ description: 'The whole statement, exactly, without secrets.' }),
    parameters: z.array(z.string().nullable()).optional(),
    hiddenCharacters: z.boolean().openapi({
      description: 'Text or parameters hold characters that do not show, or reorder what shows.',
    }),
    accesses: z.array(
      z.object({
        action: z.string(),
        object: z.string(),
        parts: z.union([z.array(z.string()), z.literal('all')]).optional(),
      }),
    ),
    facts: z.record(z.string(), z.unknown()),
    estimatedRows: z.number().optional(),
    digest: z.string().openapi({
      description:
        'Over the exact bytes that would go on; with a key, so that nobody can guess them.',
    }),
    policyVersion: z.string(),
    rules: z.array(z.object({ policy: z.string(), rule: z.string(), effect: z.string() })),
    asked: z.string(),
    terms: z.array(termsSchema),
    answers: z.array(answerSchema),
    history: historySchema.optional(),
  })
  .openapi('Approval')

export type ApprovalBody = z.output<typeof approvalSchema>

export function approvalBody(view: ApprovalView): ApprovalBody {
  const { request, history } = view
  const { agent, resource, delegation } = request
  return approvalSchema.parse({
    ...request,
    ...view,
    requestedAt: time(view.requestedAt_ms),
    expiresAt: time(view.expiresAt_ms),
    ...timeField('settledAt', view.settledAt_ms),
    agent,
    ...(delegation === undefined ? {} : { onBehalfOf: delegation.name ?? delegation.objectId }),
    resource,
    session: request.sessionId,
    operation: request.operationId,
    rules: request.reasons,
    terms: termsBody(view),
    answers: view.answers.map((one) => ({ ...one, person: one.name, at: time(one.at_ms) })),
    ...(history === undefined ? {} : { history: { ...history, since: time(history.since_ms) } }),
  })
}

function termsBody({ request, progress }: ApprovalView) {
  return request.terms.map(({ approvers, reasonRequired }, index) => ({
    ...approvers,
    ...progress[index],
    reasonRequired,
  }))
}
