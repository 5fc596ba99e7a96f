import type { OpenAPIHono } from '@hono/zod-openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { ChaperoneError } from '../core/errors.ts'
import type { Agent, Human } from '../core/principal.ts'
import { mayRead, roles } from './access.ts'
import {
  agentBody,
  agentChange,
  agentChangeSchema,
  agentSchema,
  newAgent,
  newAgentSchema,
} from './body-agent.ts'
import type { ApiEnv } from './context.ts'
import type { ApiDeps } from './deps.ts'
import { errorResponse } from './errors.ts'
import { recorded } from './recorded.ts'
import { endSessionsOf, revokeAccess } from './revocation.ts'
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
  .object({ agent: agentSchema, sessions: z.int(), approvals: z.int(), tickets: z.int() })
  .openapi('Revoked')

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
  summary: 'Disable an agent, end its sessions, void its tickets, refuse what it waits for',
  middleware: admins,
  request: { params },
  responses: answers('What was ended.', revokedSchema),
})

const restoreRoute = createRoute({
  method: 'post',
  path: '/v1/agents/{name}/restore',
  tags,
  summary: 'Enable an agent again',
  middleware: admins,
  request: { params },
  responses: answers('The agent.', agentSchema),
})

/**
 * What gives access is recorded first and done then. What takes access away is done first: a full
 * disk must not keep anybody's access alive.
 */
export function agentRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { agents } = deps

  function known(name: string, human?: Human): Agent {
    const agent = agents.find(name)
    if (agent === undefined || (human !== undefined && !mayRead(human, agent))) throw noSuchAgent()
    return agent
  }

  app.openapi(listRoute, (c) => {
    const { after = '', limit } = c.req.valid('query')
    const visible = agents
      .list()
      .filter((agent) => agent.name > after && mayRead(c.var.human, agent))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    const items = visible.slice(0, limit).map(agentBody)
    const next = visible.length > limit ? items.at(-1)?.name : undefined
    return c.json(present({ items, next }), 200)
  })

  app.openapi(createAgentRoute, async (c) => {
    const body = c.req.valid('json')
    await recorded(deps, c.var.human, changed(body.name, 'registered', { objectId: body.objectId }))
    return c.json(agentBody(agents.create(newAgent(body))), 201)
  })

  app.openapi(showRoute, (c) => {
    const { name } = c.req.valid('param')
    return c.json(agentBody(known(name, c.var.human)), 200)
  })

  app.openapi(changeRoute, async (c) => {
    const { name } = known(c.req.valid('param').name)
    const change = agentChange(c.req.valid('json'))
    const fields = Object.keys(change).join(', ')
    await recorded(deps, c.var.human, changed(name, 'changed', { fields }))
    const agent = agents.update(name, change)
    if (change.labels !== undefined || change.expiresAt_ms !== undefined) {
      endSessionsOf(deps, name, 'The registration of this agent changed; connect again.')
    }
    return c.json(agentBody(agent), 200)
  })

  app.openapi(removeRoute, async (c) => {
    const { name } = known(c.req.valid('param').name)
    const revoked = revokeAccess(deps, name, () => agents.update(name, { disabled: true }))
    await recorded(deps, c.var.human, revokedNote(name, 'removed', revoked))
    agents.remove(name)
    return c.body(null, 204)
  })

  app.openapi(revokeRoute, async (c) => {
    const { name } = known(c.req.valid('param').name)
    const revoked = revokeAccess(deps, name, () => agents.update(name, { disabled: true }))
    await recorded(deps, c.var.human, revokedNote(name, 'revoked', revoked))
    return c.json({ agent: agentBody(known(name)), ...revoked }, 200)
  })

  app.openapi(restoreRoute, async (c) => {
    const { name } = known(c.req.valid('param').name)
    await recorded(deps, c.var.human, changed(name, 'restored', {}))
    return c.json(agentBody(agents.update(name, { disabled: false })), 200)
  })
}

function changed(agent: string, what: string, details: Readonly<Record<string, string>>) {
  const message = `The registration of ${agent} is to be ${what}.`
  return { type: 'agent-changed', agent, message, details: { what, ...details } } as const
}

function revokedNote(agent: string, what: string, revoked: object) {
  const details = { what, ...revoked } as Readonly<Record<string, string | number>>
  return { type: 'agent-revoked', agent, message: `Agent ${agent} was ${what}.`, details } as const
}

function noSuchAgent(): ChaperoneError {
  return new ChaperoneError('AGENT_NOT_FOUND', 'There is no such agent.', {
    hint: 'GET /v1/agents lists the agents that you may see.',
  })
}
