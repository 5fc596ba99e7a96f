import type { OpenAPIHono } from '@hono/zod-openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { RESOURCE_TYPES } from '../core/resource.ts'
import { roles } from './access.ts'
import type { ApiEnv } from './context.ts'
import type { ApiDeps, PolicyQuestion } from './deps.ts'
import { EXPLAIN_CHARS_MAX, PAGE_MAX } from './limits.ts'
import { answers, idParam, jsonBody, present } from './schemas.ts'

const readers = roles('reviewer', 'auditor')

const policiesSchema = z
  .object({
    version: z.string().openapi({ description: 'Content hash; every verdict names it.' }),
    policies: z.array(
      z.object({
        name: z.string(),
        description: z.string().optional(),
        file: z.string().optional(),
        rules: z.array(z.string()),
      }),
    ),
    problems: z.array(
      z.object({
        code: z.string(),
        message: z.string(),
        file: z.string().optional(),
        line: z.int().optional(),
        column: z.int().optional(),
      }),
    ),
  })
  .openapi('Policies')

const questionSchema = z
  .strictObject({
    agent: idParam,
    resource: idParam,
    text: z.string().min(1).max(EXPLAIN_CHARS_MAX),
    database: idParam.optional(),
    groups: z.array(idParam).max(PAGE_MAX).default([]),
    roles: z.array(idParam).max(PAGE_MAX).default([]),
  })
  .openapi('PolicyQuestion')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/policies',
  tags: ['policies'],
  summary: 'The policies in force, and what is wrong with files that are not',
  middleware: readers,
  responses: answers('The policies.', policiesSchema),
})

const explainRoute = createRoute({
  method: 'post',
  path: '/v1/policies/explain',
  tags: ['policies'],
  summary: 'What would be decided, and why; nothing runs',
  middleware: readers,
  request: { body: jsonBody(questionSchema) },
  responses: answers(
    'The decision.',
    z.record(z.string(), z.unknown()).openapi('PolicyExplanation'),
  ),
})

const resourcesRoute = createRoute({
  method: 'get',
  path: '/v1/resources',
  tags: ['resources'],
  summary: 'What is behind the gateway: no addresses, no credentials',
  middleware: roles('approver', 'reviewer', 'auditor'),
  responses: answers(
    'All resources.',
    z.object({
      items: z.array(
        z
          .object({
            name: z.string(),
            type: z.enum(RESOURCE_TYPES),
            labels: z.record(z.string(), z.string()),
          })
          .openapi('Resource'),
      ),
    }),
  ),
})

export function policyRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { policies, resources } = deps

  app.openapi(listRoute, (c) => {
    const body = policiesSchema.parse({
      version: policies.version(),
      policies: policies.list(),
      problems: policies.problems(),
    })
    return c.json(body, 200)
  })

  app.openapi(explainRoute, async (c) => {
    const question: PolicyQuestion = present(c.req.valid('json'))
    return c.json({ ...(await policies.explain(question)) }, 200)
  })

  app.openapi(resourcesRoute, (c) => {
    const items = resources().map(({ name, type, labels }) => ({
      name,
      type,
      labels: { ...labels },
    }))
    return c.json({ items }, 200)
  })
}
