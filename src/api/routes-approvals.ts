import type { OpenAPIHono } from '@hono/zod-openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { APPROVAL_STATES } from '../approval/view.ts'
import { roles } from './access.ts'
import { approvalBody, approvalSchema } from './body-approval.ts'
import type { ApiEnv } from './context.ts'
import type { ApiDeps } from './deps.ts'
import {
  afterParam,
  answers,
  idParam,
  jsonBody,
  limitParam,
  pageSchema,
  present,
} from './schemas.ts'

const tags = ['approvals']
const readers = roles('approver', 'reviewer', 'auditor')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/approvals',
  tags,
  summary: 'Requests that wait, or waited, for people; newest first',
  middleware: readers,
  request: {
    query: z.strictObject({
      state: z.enum(APPROVAL_STATES).optional(),
      agent: idParam.optional(),
      after: afterParam,
      limit: limitParam,
    }),
  },
  responses: answers('One page.', pageSchema(approvalSchema)),
})

const showRoute = createRoute({
  method: 'get',
  path: '/v1/approvals/{id}',
  tags,
  summary: 'One request, with exactly what would run',
  middleware: readers,
  request: { params: z.object({ id: idParam }) },
  responses: answers('The request.', approvalSchema),
})

const answerBody = z
  .strictObject({
    reason: z.string().optional(),
    digest: z.string().optional().openapi({
      description: 'The digest of what was looked at; the answer is refused if it is another.',
    }),
  })
  .openapi('ApprovalAnswer')

function answerRoute<Path extends string>(path: Path, summary: string) {
  return createRoute({
    method: 'post',
    path,
    tags,
    summary,
    middleware: roles('approver'),
    request: { params: z.object({ id: idParam }), body: jsonBody(answerBody, false) },
    responses: answers('The request as it stands now.', approvalSchema),
  })
}

const approveRoute = answerRoute('/v1/approvals/{id}/approve', 'Let it run, once')
const denyRoute = answerRoute('/v1/approvals/{id}/deny', 'Refuse it')

/** The desk itself records answers and who gave them. */
export function approvalRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { approvals } = deps

  app.openapi(listRoute, (c) => {
    const query = present(c.req.valid('query'))
    const page = approvals.list({ ...query, viewer: c.var.human })
    const items = page.items.map(approvalBody)
    return c.json(present({ items, next: page.next }), 200)
  })

  app.openapi(showRoute, (c) => {
    const { id } = c.req.valid('param')
    return c.json(approvalBody(approvals.show(id, c.var.human)), 200)
  })

  app.openapi(approveRoute, async (c) => {
    const { id } = c.req.valid('param')
    const { reason, digest } = c.req.valid('json')
    const view = await approvals.answer(id, c.var.human, 'approve', reason, digest)
    return c.json(approvalBody(view), 200)
  })

  app.openapi(denyRoute, async (c) => {
    const { id } = c.req.valid('param')
    const { reason, digest } = c.req.valid('json')
    const view = await approvals.answer(id, c.var.human, 'deny', reason, digest)
    return c.json(approvalBody(view), 200)
  })
}
