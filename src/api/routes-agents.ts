import type { OpenAPIHono } from '@hono/zod-openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { ChaperoneError } from '../core/errors.ts'
import type { Human } from '../core/principal.ts'
import type { RegisteredAgent } from '../identity/agents/agents.ts'
import { mayRead, roles } from './access.ts'
import { agentBody, agentChangeSchema, agentSchema, newAgentSchema } from './body-agent.ts'
import type { ApiEnv } from './context.ts'
import type { ApiDeps } from './deps.ts'
import { errorResponse } from './errors.ts'
import { TEXT_CHARS_MAX } from './limits.ts'
import { recorded } from './recorded.ts'
import { revokeAccess } from './revocation.ts'
import {
  afterParam,
  answers,
  idParam,
  jsonBody,
  limitParam,
  pageSchema,
  present,
} from './schemas.ts'

const tags = ['agents']
const path = '/v1/agents/{name}'
const params = z.object({ name: idParam })
const readers = roles('approver', 'reviewer', 'auditor')
const admins = roles('admin')

const revokedSchema = z
  .object({ agent: agentSchema, sessions: z.int(), approvals: z.int() })
  .openapi('Revoked')

const reasonBody = jsonBody(
  z.strictObject({ reason: z.string().trim().min(1).max(TEXT_CHARS_MAX).optional() }),
  false,
)

const listRoute = createRoute({
  method: 'get',
  path: '/v1/agents',
  tags,
  summary: 'Registered agents, by name; approvers see those they own',
  middleware: readers,
  request: { query: z.strictObject({ after: afterParam, limit: limitParam }) },
  responses: answers('One page.', pageSchema(agentSchema)),
})

const createAgentRoute = createRoute({
  method: 'post',
  path: '/v1/agents',
  tags,
  summary: 'Register an agent',
  middleware: admins,
  request: { body: jsonBody(newAgentSchema) },
  responses: {
    201: {
      description: 'Registered.',
      content: { 'application/json': { schema: agentSchema } },
    },
    ...errorResponse,
  },
})

const showRoute = createRoute({
  method: 'get',
  path,
  tags,
  summary: 'One agent',
  middleware: readers,
  request: { params },
  responses: answers('The agent.', agentSchema),
})

const changeRoute = createRoute({
  method: 'patch',
  path,
  tags,
  summary: 'Change a registration; new labels or another expiry end live sessions',
  middleware: admins,
  request: { params, body: jsonBody(agentChangeSchema) },
  responses: answers('As it is now.', agentSchema),
})

const removeRoute = createRoute({
  method: 'delete',
  path,
  tags,
  summary: 'Revoke an agent and forget its registration; records stay',
  middleware: admins,
  request: { params },
  responses: { 204: { description: 'Removed.' }, ...errorResponse },
})

const revokeRoute = createRoute({
  method: 'post',
  path: '/v1/agents/{name}/revoke',
  tags,
  summary: 'Shut an agent out, end its sessions, void its tickets, refuse what it waits for',
  middleware: admins,
  request: { params, body: reasonBody },
  responses: answers('What was ended.', revokedSchema),
})

const restoreRoute = createRoute({
  method: 'post',
  path: '/v1/agents/{name}/restore',
  tags,
  summary: 'Let an agent in again; what was issued to it before stays void',
  middleware: admins,
  request: { params, body: reasonBody },
  responses: answers('The agent.', agentSchema),
})

/**
 * What gives access is recorded first and done then. What takes access away is done first: a full
 * disk must not keep anybody's access alive.
 */
export function agentRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { agents } = deps

  function known(name: string, human?: Human): RegisteredAgent {
    const found = agents.byName(name)
    if (found === undefined || (human !== undefined && !mayRead(human, found.agent))) {
      throw noSuchAgent()
    }
    return found
  }

  app.openapi(listRoute, (c) => {
    const { after = '', limit } = c.req.valid('query')
    const visible = agents
      .list()
      .filter(({ agent }) => agent.name > after && mayRead(c.var.human, agent))
    const items = visible.slice(0, limit).map(agentBody)
    const next = visible.length > limit ? items.at(-1)?.name : undefined
    return c.json(present({ items, next }), 200)
  })

  app.openapi(createAgentRoute, async (c) => {
    const input = present(c.req.valid('json'))
    const { name, objectId } = input
    await recorded(deps, c.var.human, changed(name, 'registered', { objectId }))
    return c.json(agentBody(agents.create(input)), 201)
  })

  app.openapi(showRoute, (c) => {
    const { name } = c.req.valid('param')
    return c.json(agentBody(known(name, c.var.human)), 200)
  })

  app.openapi(changeRoute, async (c) => {
    const { name } = stored(c.req.valid('param').name).agent
    const change = present(c.req.valid('json'))
    const fields = Object.keys(change).join(', ')
    await recorded(deps, c.var.human, changed(name, 'changed', { fields }))
    return c.json(agentBody(agents.update(name, change)), 200)
  })

  app.openapi(removeRoute, async (c) => {
    const { agent } = stored(c.req.valid('param').name)
    const close = () => agents.remove(agent.name)
    await revokeAccess(deps, c.var.human, agent, { what: 'removed', close })
    return c.body(null, 204)
  })

  app.openapi(revokeRoute, async (c) => {
    const { agent } = known(c.req.valid('param').name)
    const { reason = 'revoked' } = c.req.valid('json')
    const why = { by: c.var.human.objectId, reason }
    const close = () => void agents.setAccess(agent.name, 'revoked', why)
    const ended = await revokeAccess(deps, c.var.human, agent, { what: 'revoked', reason, close })
    return c.json({ agent: agentBody(known(agent.name)), ...ended }, 200)
  })

  app.openapi(restoreRoute, async (c) => {
    const { name, tenant, objectId } = known(c.req.valid('param').name).agent
    const { reason = 'restored' } = c.req.valid('json')
    await recorded(deps, c.var.human, changed(name, 'restored', { tenant, objectId, reason }))
    const why = { by: c.var.human.objectId, reason }
    return c.json(agentBody(agents.setAccess(name, 'enabled', why)), 200)
  })

  /** Throws AGENT_READ_ONLY for one from a file, before anything is recorded or done. */
  function stored(name: string): RegisteredAgent {
    const found = known(name)
    if (found.source === 'store') return found
    throw new ChaperoneError('AGENT_READ_ONLY', 'This agent is registered in a file.', {
      hint: 'Change the file. Revoking works from here as well.',
    })
  }
}

function changed(agent: string, what: string, details: Readonly<Record<string, string>>) {
  const message = `The registration of ${agent} is to be ${what}.`
  return { type: 'agent-changed', agent, message, details: { what, ...details } } as const
}

function noSuchAgent(): ChaperoneError {
  return new ChaperoneError('AGENT_NOT_FOUND', 'There is no such agent.', {
    hint: 'GET /v1/agents lists the agents that you may see.',
  })
}
