import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ApiEnv } from './context.ts'
import type { ApiDeps, Metrics } from './deps.ts'

/** Routes without sign-in, for machines: health, discovery, keys, metrics, and the API's own description. */
export function openRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { health, metrics, tokens } = deps

  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200))

  app.get('/readyz', (c) => {
    const checks = health().map(({ name, ok }) => ({ name, ok }))
    const ready = checks.every((check) => check.ok)
    return c.json({ status: ready ? 'ready' : 'not-ready', checks }, ready ? 200 : 503)
  })

  app.get('/.well-known/openid-configuration', (c) => c.json({ ...tokens.configuration() }, 200))
  app.get('/.well-known/jwks.json', (c) => c.json({ keys: [...tokens.keys().keys] }, 200))

  if (metrics !== undefined) app.get('/metrics', (c) => metricsResponse(c, metrics))

  const description = describe(app)
  app.get('/openapi.json', (c) => c.json(description(), 200))
}

export async function metricsResponse(c: Context, metrics: Metrics): Promise<Response> {
  return c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType })
}

/** Built once, at the first question: by then every route is there. */
function describe(app: OpenAPIHono<ApiEnv>) {
  let document: ReturnType<typeof app.getOpenAPI31Document> | undefined
  app.openAPIRegistry.registerComponent('securitySchemes', 'person', {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token of a person, from the provider that GET /v1/sign-in names.',
  })
  return () =>
    (document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Chaperone',
        version: '1',
        description: 'Agents, sessions, approvals and policies of one gateway. See docs/api.md.',
      },
      security: [{ person: [] }],
    }))
}
