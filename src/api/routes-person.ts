import type { OpenAPIHono } from '@hono/zod-openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { ChaperoneError } from '../core/errors.ts'
import type { ApiEnv } from './context.ts'
import type { ApiDeps } from './deps.ts'
import { answers } from './schemas.ts'

const signInSchema = z
  .object({ issuer: z.string(), clientId: z.string(), scope: z.string() })
  .openapi('SignIn')

const meSchema = z
  .object({
    tenant: z.string(),
    objectId: z.string(),
    name: z.string(),
    groups: z.array(z.string()),
    roles: z.array(z.enum(['admin', 'approver', 'reviewer', 'auditor'])),
  })
  .openapi('Me')

const signInRoute = createRoute({
  method: 'get',
  path: '/v1/sign-in',
  tags: ['people'],
  summary: 'Where and as which application a person signs in (device code, or PKCE)',
  security: [],
  responses: answers('Nothing of it is secret.', signInSchema),
})

const meRoute = createRoute({
  method: 'get',
  path: '/v1/me',
  tags: ['people'],
  summary: 'Who you are here; also for people without any role',
  responses: answers('You.', meSchema),
})

export function personRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(signInRoute, (c) => {
    if (deps.signIn === undefined) {
      throw new ChaperoneError('ROUTE_UNKNOWN', 'People cannot sign in to this gateway.', {
        hint: 'Configure identity.humans.',
      })
    }
    return c.json(signInSchema.parse(deps.signIn), 200)
  })

  app.openapi(meRoute, (c) => c.json(meSchema.parse(c.var.human), 200))
}
