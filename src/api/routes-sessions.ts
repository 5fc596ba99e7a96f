import type { OpenAPIHono } from '@hono/zod-openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { ChaperoneError } from '../core/errors.ts'
import type { Human } from '../core/principal.ts'
import type { LiveSession } from '../session/registry.ts'
import { mayRead, roles } from './access.ts'
import type { ApiEnv } from './context.ts'
import type { ApiDeps, RecordedSession } from './deps.ts'
import { SEARCH_CHARS_MAX } from './limits.ts'
import { recorded } from './recorded.ts'
import {
  afterParam,
  answers,
  idParam,
  limitParam,
  pageSchema,
  present,
  time,
  timeField,
  timeSchema,
} from './schemas.ts'

const tags = ['sessions']
const params = z.object({ id: idParam })
const readers = roles('approver', 'reviewer', 'auditor')

const sessionSchema = z
  .object({
    id: z.string(),
    agent: z.string(),
    resource: z.string(),
    protocol: z.string(),
    clientAddress: z.string(),
    startedAt: timeSchema,
    endedAt: timeSchema.optional(),
    code: z.string().optional(),
    live: z.boolean(),
    counts: z
      .object({
        operations: z.int(),
        denied: z.int(),
        held: z.int(),
        rows: z.int().optional().openapi({ description: 'Of all answers; not of the open ones.' }),
      })
      .openapi({ description: 'What the session asked for.' }),
  })
  .openapi('Session')

const eventSchema = z.record(z.string(), z.unknown()).openapi('Event', {
  description: 'One record, in the form of OCSF.',
})

const listRoute = createRoute({
  method: 'get',
  path: '/v1/sessions',
  tags,
  summary: 'Sessions, live ones first; approvers ask for an agent that they own',
  middleware: readers,
  request: {
    query: z.strictObject({
      live: z.enum(['true', 'false']).optional(),
      agent: idParam.optional(),
      resource: idParam.optional(),
      after: afterParam,
      limit: limitParam,
    }),
  },
  responses: answers('One page.', pageSchema(sessionSchema)),
})

const showRoute = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}',
  tags,
  summary: 'Everything that was recorded of one session, or of one operation in it, in order',
  middleware: readers,
  request: { params, query: z.strictObject({ operation: idParam.optional() }) },
  responses: answers(
    'The timeline.',
    z.object({ session: sessionSchema, events: z.array(eventSchema) }).openapi('Timeline'),
  ),
})

const endRoute = createRoute({
  method: 'post',
  path: '/v1/sessions/{id}/end',
  tags,
  summary: 'End a live session at once',
  middleware: roles('admin'),
  request: { params },
  responses: answers('It has ended.', z.object({ ended: z.literal(true) })),
})

const searchRoute = createRoute({
  method: 'get',
  path: '/v1/search',
  tags,
  summary: 'Search the records: agent:etl-1 action:sql.delete verdict:held "free text"',
  middleware: roles('reviewer', 'auditor'),
  request: {
    query: z.strictObject({
      q: z.string().max(SEARCH_CHARS_MAX),
      after: afterParam,
      limit: limitParam,
    }),
  },
  responses: answers('One page.', pageSchema(eventSchema)),
})

export function sessionRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { agents, records, sessions } = deps

  /** True for readers of everything, and for the owner of this one agent. */
  function sees(human: Human, agent: string | undefined): boolean {
    return mayRead(human, agent === undefined ? undefined : agents.byName(agent)?.agent)
  }

  app.openapi(listRoute, async (c) => {
    const { live, agent, resource, after, limit } = c.req.valid('query')
    if (!sees(c.var.human, agent)) throw onlyOwn()
    const open = sessions
      .list()
      .filter((one) => (agent ?? one.agent) === one.agent)
      .filter((one) => (resource ?? one.resource) === one.resource)
    if (live === 'true') return c.json({ items: open.slice(-limit).reverse().map(liveBody) }, 200)
    const page = await records.sessions(present({ agent, resource, after, limit }))
    const openIds = new Set(open.map((one) => one.id))
    const items = page.items
      .filter((one) => live === undefined || !openIds.has(one.id))
      .map((one) => recordedBody(one, openIds.has(one.id)))
    const fresh = live === undefined && after === undefined ? unlisted(open, page.items) : []
    return c.json(present({ items: [...fresh.map(liveBody), ...items], next: page.next }), 200)
  })

  app.openapi(showRoute, async (c) => {
    const { id } = c.req.valid('param')
    const { operation } = c.req.valid('query')
    const timeline = await records.session(id, operation)
    if (timeline === undefined || !sees(c.var.human, timeline.session.agent)) throw noSuchSession()
    const live = sessions.list().some((one) => one.id === id)
    const events = timeline.events.map((event) => ({ ...event }))
    return c.json({ session: recordedBody(timeline.session, live), events }, 200)
  })

  app.openapi(endRoute, async (c) => {
    const { id } = c.req.valid('param')
    const live = sessions.list().find((one) => one.id === id)
    if (live === undefined) throw noSuchSession()
    sessions.end((one) => one.id === id, 'SESSION_REVOKED', 'An administrator ended the session.')
    await recorded(deps, c.var.human, {
      type: 'session-ended',
      message: `${c.var.human.name} ended the session.`,
      code: 'SESSION_REVOKED',
      session: id,
      agent: live.agent,
    })
    return c.json({ ended: true as const }, 200)
  })

  app.openapi(searchRoute, async (c) => {
    const { q, after, limit } = c.req.valid('query')
    const page = await records.search({ text: q, limit, ...(after === undefined ? {} : { after }) })
    const items = page.items.map((event) => ({ ...event }))
    return c.json(present({ items, next: page.next }), 200)
  })
}

/** Sessions so young that the index does not know them yet, newest first. */
function unlisted(open: readonly LiveSession[], listed: readonly RecordedSession[]) {
  const newest_ms = Math.max(-Infinity, ...listed.map((one) => one.startedAt_ms))
  const ids = new Set(listed.map((one) => one.id))
  return open.filter((one) => !ids.has(one.id) && one.startedAt_ms >= newest_ms).reverse()
}

function liveBody({ startedAt_ms, counts, ...session }: LiveSession) {
  const startedAt = time(startedAt_ms)
  return sessionSchema.parse({ ...session, startedAt, live: true, counts: counts() })
}

function recordedBody(session: RecordedSession, live: boolean) {
  return sessionSchema.parse({
    ...session,
    startedAt: time(session.startedAt_ms),
    ...timeField('endedAt', session.endedAt_ms),
    live,
  })
}

function onlyOwn(): ChaperoneError {
  return new ChaperoneError('HUMAN_ROLE_MISSING', 'Approvers see sessions of their own agents.', {
    hint: 'Add ?agent= with the name of an agent that you own, or ask for the role reviewer.',
  })
}

function noSuchSession(): ChaperoneError {
  return new ChaperoneError('SESSION_NOT_FOUND', 'There is no such session.', {
    hint: 'GET /v1/sessions lists sessions; only live ones can be ended.',
  })
}
